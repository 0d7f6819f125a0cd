/** Small real encodes: a moving gradient through libx264, libx265, SVT-AV1 or libvpx, a tone through the AAC encoder. */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_OPT_SEARCH_CHILDREN,
  AV_OPT_TYPE_STRING,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLTP,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Rational as LibraryRational, Packet } from 'node-av/lib';
import type { EncodedTrack } from '../../../src/engine/output-writer.ts';
import { type Rational, rational } from '../../../src/exact-time.ts';
import { plainPictures } from '../../../src/plan/encoder-plan.ts';
import type { AudioRendition, EncoderPlan, VideoRendition } from '../../../src/plan/plan.ts';

/** One encoded track with all its packets; `free` gives everything back. */
export interface TinyTrack {
  readonly track: EncodedTrack;
  readonly packets: readonly Packet[];
  readonly frames: number;
  free(): void;
}

export type TinyVideoCodec = 'H_264' | 'H_265' | 'AV1' | 'VP8' | 'VP9';

/** Encoders, and what keeps them quick, quiet and on the cuts they are asked for. */
const encoders: Readonly<
  Record<TinyVideoCodec, { readonly name: string; readonly options: Readonly<Record<string, string>> }>
> = {
  H_264: {
    name: 'libx264',
    options: { 'forced-idr': '1', preset: 'ultrafast', 'x264-params': 'bframes=2:b-adapt=0' },
  },
  H_265: {
    name: 'libx265',
    options: { 'forced-idr': '1', 'x265-params': 'log-level=none:pools=1:open-gop=0' },
  },
  AV1: { name: 'libsvtav1', options: { preset: '10', 'svtav1-params': 'lp=1:scd=0' } },
  VP8: { name: 'libvpx', options: { deadline: 'realtime', 'cpu-used': '8', 'auto-alt-ref': '0' } },
  VP9: { name: 'libvpx-vp9', options: { deadline: 'realtime', 'cpu-used': '8', 'auto-alt-ref': '0' } },
};

export interface TinyVideoOptions {
  readonly frames: number;
  readonly frameRate?: Rational;
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** Key frames at the first frame at or after k × this; null leaves them to `gopFrames`. */
  readonly forcedKeyFrameSeconds?: Rational | null;
  readonly gopFrames?: number;
  readonly codec?: TinyVideoCodec;
  readonly globalHeader?: boolean;
  readonly options?: Readonly<Record<string, string>>;
  /** Draws picture `n` into the planes; a moving gradient by default. */
  readonly draw?: (planes: readonly Uint8Array[], n: number, strides: readonly number[]) => void;
}

export function encodeTinyVideo(wanted: TinyVideoOptions): TinyTrack {
  const { frames, frameRate = rational(25), widthPx = 160, heightPx = 90, codec = 'H_264' } = wanted;
  const forced = wanted.forcedKeyFrameSeconds ?? null;
  const { name, options } = encoders[codec];
  const library = Codec.findEncoderByName(name as never);
  const encoder = new CodecContext();
  encoder.allocContext3(library);
  encoder.width = widthPx;
  encoder.height = heightPx;
  encoder.pixelFormat = AV_PIX_FMT_YUV420P;
  encoder.timeBase = new LibraryRational(frameRate.den, frameRate.num);
  encoder.framerate = new LibraryRational(frameRate.num, frameRate.den);
  encoder.gopSize = wanted.gopFrames ?? 250;
  encoder.maxBFrames = 2;
  encoder.threadCount = 1;
  if (wanted.globalHeader) encoder.flags = AV_CODEC_FLAG_GLOBAL_HEADER;
  open(encoder, library, { ...options, ...wanted.options });

  const frame = new Frame();
  frame.alloc();
  frame.width = widthPx;
  frame.height = heightPx;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.getBuffer(0);
  const packets: Packet[] = [];
  let steps = -1;
  for (let n = 0; n < frames; n += 1) {
    frame.makeWritable();
    frame.pts = BigInt(n);
    const step =
      forced === null ? -1 : Math.floor((n * frameRate.den * forced.den) / (frameRate.num * forced.num));
    frame.pictType = step > steps && n > 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    steps = step;
    if (wanted.draw !== undefined) wanted.draw(frame.data ?? [], n, frame.linesize);
    else
      frame.data?.forEach((plane, index) => {
        for (let at = 0; at < plane.length; at += 1) plane[at] = (at * (index + 1) + n * 5) & 0xff;
      });
    encoder.sendFrameSync(frame);
    collect(encoder, packets);
  }
  encoder.sendFrameSync(null);
  collect(encoder, packets);
  frame.free();
  const rendition: VideoRendition = {
    id: `video-${widthPx}x${heightPx}`,
    pointer: '/outputGroups/0/outputs/0/videoDescription',
    ordinal: 1,
    inputIndex: 0,
    ...plainPictures,
    filters: [],
    widthPx,
    heightPx,
    frameRate,
    sampleAspectRatio: rational(1),
    pixelFormat: 'yuv420p',
    encoder: encoderPlan(codec, name),
    forcedKeyFrameSeconds: forced,
    dropCaptions: true,
    frameLimit: null,
  };
  const timeBase = { num: frameRate.den, den: frameRate.num };
  return {
    track: { kind: 'video', rendition, encoder, timeBase },
    packets,
    frames,
    free: () => freeAll(encoder, packets),
  };
}

export interface TinyAudioOptions {
  readonly seconds: number;
  readonly sampleRateHz?: number;
  readonly language?: string | null;
  readonly streamName?: string | null;
  readonly codec?: 'AAC' | 'AC3' | 'EAC3';
}

export function encodeTinyAudio({
  seconds,
  sampleRateHz = 48_000,
  language = 'eng',
  streamName = null,
  codec = 'AAC',
}: TinyAudioOptions): TinyTrack {
  const library = Codec.findEncoderByName(codec.toLowerCase() as never);
  const encoder = new CodecContext();
  encoder.allocContext3(library);
  encoder.sampleRate = sampleRateHz;
  encoder.sampleFormat = AV_SAMPLE_FMT_FLTP;
  encoder.timeBase = new LibraryRational(1, sampleRateHz);
  encoder.bitRate = 96_000n;
  open(encoder, library, { ch_layout: 'stereo' });
  const total = Math.round(seconds * sampleRateHz);
  const packets: Packet[] = [];
  let count = 0;
  for (let at = 0; at < total; at += encoder.frameSize) {
    const samples = Math.min(encoder.frameSize, total - at);
    const frame = new Frame();
    frame.alloc();
    frame.nbSamples = samples;
    frame.format = AV_SAMPLE_FMT_FLTP;
    frame.sampleRate = sampleRateHz;
    frame.channelLayout = encoder.channelLayout;
    frame.getBuffer(0);
    frame.pts = BigInt(at);
    const tone = new Float32Array(samples).map(
      (_, n) => Math.sin(((at + n) * 2 * Math.PI * 440) / sampleRateHz) / 4,
    );
    for (const plane of frame.data ?? []) Buffer.from(tone.buffer).copy(plane);
    encoder.sendFrameSync(frame);
    frame.free();
    count += 1;
    collect(encoder, packets);
  }
  encoder.sendFrameSync(null);
  collect(encoder, packets);
  const rendition: AudioRendition = {
    id: `audio-${language}`,
    pointer: '/outputGroups/0/outputs/0/audioDescriptions/0',
    inputIndex: 0,
    audioSourceId: 'a',
    filters: [],
    sampleRateHz,
    channelLayout: 'stereo',
    sampleFormat: 'fltp',
    encoder: encoderPlan(codec, codec.toLowerCase()),
    language,
    manifestLanguage: null,
    streamName,
    audioType: null,
    loudness: null,
    endsWithVideo: null,
    channelLabels: null,
  };
  return {
    track: { kind: 'audio', rendition, encoder, timeBase: { num: 1, den: sampleRateHz } },
    packets,
    frames: count,
    free: () => freeAll(encoder, packets),
  };
}

/** Options one by one: a dictionary handed to `open2` is freed twice by this binding. */
function open(encoder: CodecContext, library: Codec | null, options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (encoder.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN) < 0)
      throw new Error(`${name}=${value}`);
  }
  if (encoder.open2Sync(library, null) < 0) throw new Error('the encoder does not open');
}

function encoderPlan(codec: string, encoder: string): EncoderPlan {
  return {
    codec,
    encoder,
    options: {},
    bitrateBps: 0,
    maxBitrateBps: 0,
    bufferSizeBits: 0,
    gopSizeFrames: null,
    maxBFrames: null,
    threads: 1,
    codecTag: null,
    passes: 1,
    color: null,
    endOfStreamMarkers: false,
  };
}

function collect(encoder: CodecContext, packets: Packet[]): void {
  for (;;) {
    const packet = new Packet();
    packet.alloc();
    if (encoder.receivePacketSync(packet) < 0) {
      packet.free();
      return;
    }
    packets.push(packet);
  }
}

function freeAll(encoder: CodecContext, packets: readonly Packet[]): void {
  for (const packet of packets) packet.free();
  encoder.freeContext();
}
