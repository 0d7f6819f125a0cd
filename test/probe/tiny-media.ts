/**
 * Tiny real media for probe tests, made by the libraries themselves: moving bars and a sine, a few kilobytes.
 */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_FLAG_INTERLACED_DCT,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV444P,
  AV_SAMPLE_FMT_FLTP,
} from 'node-av/constants';
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  Packet,
  Rational,
  type Stream,
} from 'node-av/lib';
import { setLibraryOptions } from '../../src/engine/library-options.ts';

/** What a clip is made of. */
export interface ClipRecipe {
  /** Library muxer name; `movflags` and the like in `muxerOptions`. */
  readonly muxer: string;
  readonly muxerOptions?: Readonly<Record<string, string>>;
  readonly video?: {
    readonly encoder: 'libx264' | 'mpeg2video' | 'ffv1' | 'libvpx';
    readonly frames: number;
    readonly frameRate: readonly [number, number];
    /** 128 × 96 when absent. */
    readonly size?: Size;
    readonly chroma?: '4:2:0' | '4:4:4';
    readonly options?: Readonly<Record<string, string>>;
    /** Codes pictures as two fields, top field first. */
    readonly isInterlaced?: boolean;
    /** Presentation tick of frame n at the frame rate; n when absent. */
    readonly tickOf?: (frame: number) => number;
    /** Ticks per frame of the encoder's time base; 1 when absent. */
    readonly ticksPerFrame?: number;
  };
  readonly audio?: { readonly encoder: 'aac' | 'ac3' | 'alac' | 'flac'; readonly seconds: number };
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

const defaultSize: Size = { widthPx: 128, heightPx: 96 };
const sampleRateHz = 48_000;

/** Writes a clip. */
export function makeClip(path: string, recipe: ClipRecipe): void {
  const format = new FormatContext();
  check(format.allocOutputContext2(null, recipe.muxer, path), 'output');
  if (recipe.metadata !== undefined) format.metadata = Dictionary.fromObject({ ...recipe.metadata });
  const tracks = [
    ...(recipe.video === undefined ? [] : [openVideo(format, recipe.video)]),
    ...(recipe.audio === undefined ? [] : [openAudio(format, recipe.audio)]),
  ];
  check(format.openOutputSync(), 'open');
  const options = Dictionary.fromObject({ ...recipe.muxerOptions });
  check(format.writeHeaderSync(options), 'header');
  options.free();
  for (const packet of encodeAll(tracks)) {
    check(format.interleavedWriteFrameSync(packet), 'packet');
    packet.free();
  }
  check(format.writeTrailerSync(), 'trailer');
  format.closeOutputSync();
  for (const track of tracks) track.encoder.freeContext();
  format.freeContext();
}

interface ClipTrack {
  readonly encoder: CodecContext;
  readonly stream: Stream;
  frames(): Iterable<Frame>;
}

/** All packets in the order of their times, so that the muxer's queue never grows. */
function encodeAll(tracks: readonly ClipTrack[]): Packet[] {
  const packets = tracks.flatMap((track) => [...encodeTrack(track)]);
  const seconds = (packet: Packet) => (Number(packet.dts) * packet.timeBase.num) / packet.timeBase.den;
  return packets.sort((a, b) => seconds(a) - seconds(b));
}

function* encodeTrack({ encoder, stream, frames }: ClipTrack): Iterable<Packet> {
  for (const frame of [...frames(), null]) {
    check(encoder.sendFrameSync(frame), 'frame');
    frame?.free();
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      if (encoder.receivePacketSync(packet) < 0) {
        packet.free();
        break;
      }
      packet.streamIndex = stream.index;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      packet.timeBase = stream.timeBase;
      yield packet;
    }
  }
}

function openVideo(format: FormatContext, video: NonNullable<ClipRecipe['video']>): ClipTrack {
  const [num, den] = video.frameRate;
  const ticksPerFrame = video.ticksPerFrame ?? 1;
  const size = video.size ?? defaultSize;
  const { encoder, stream } = openTrack(format, video.encoder, video.options ?? {}, (context) => {
    context.width = size.widthPx;
    context.height = size.heightPx;
    context.pixelFormat = video.chroma === '4:4:4' ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(den, num * ticksPerFrame);
    context.framerate = new Rational(num, den);
    context.gopSize = 10;
    context.bitRate = 200_000n;
    if (video.isInterlaced === true) context.setFlags(AV_CODEC_FLAG_INTERLACED_DCT);
  });
  stream.avgFrameRate = new Rational(num, den);
  const tickOf = video.tickOf ?? ((frame: number) => frame);
  return {
    encoder,
    stream,
    *frames() {
      for (let index = 0; index < video.frames; index += 1) {
        const frame = Frame.fromVideoBuffer(picture(index, size, video.chroma ?? '4:2:0'), {
          width: size.widthPx,
          height: size.heightPx,
          format: encoder.pixelFormat,
          timeBase: encoder.timeBase,
          pts: BigInt(tickOf(index)),
        });
        frame.pictType = AV_PICTURE_TYPE_NONE;
        if (video.isInterlaced === true)
          frame.setFlags(AV_FRAME_FLAG_INTERLACED, AV_FRAME_FLAG_TOP_FIELD_FIRST);
        yield frame;
      }
    },
  };
}

function openAudio(format: FormatContext, audio: NonNullable<ClipRecipe['audio']>): ClipTrack {
  const { encoder, stream } = openTrack(format, audio.encoder, {}, (context, codec) => {
    context.sampleRate = sampleRateHz;
    context.sampleFormat = codec.sampleFormats?.[0] ?? AV_SAMPLE_FMT_FLTP;
    context.channelLayout = avChannelLayoutDefault(2);
    context.timeBase = new Rational(1, sampleRateHz);
    context.bitRate = 64_000n;
  });
  return {
    encoder,
    stream,
    *frames() {
      const samples = encoder.frameSize || 1024;
      for (let start = 0; start < audio.seconds * sampleRateHz; start += samples) {
        const frame = new Frame();
        frame.alloc();
        frame.nbSamples = samples;
        frame.format = encoder.sampleFormat;
        frame.channelLayout = encoder.channelLayout;
        frame.sampleRate = sampleRateHz;
        check(frame.getBuffer(), 'buffer');
        for (const plane of frame.data ?? []) plane.fill(0);
        frame.pts = BigInt(start);
        yield frame;
      }
    },
  };
}

function openTrack(
  format: FormatContext,
  name: string,
  options: Readonly<Record<string, string>>,
  configure: (context: CodecContext, codec: Codec) => void,
): { encoder: CodecContext; stream: Stream } {
  const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
  if (codec === null) throw new Error(`no encoder ${name}`);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  configure(encoder, codec);
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  encoder.threadCount = 1;
  setLibraryOptions(encoder, options);
  check(encoder.open2Sync(codec, null), `open ${name}`);
  const stream = format.newStream();
  check(stream.codecpar.fromContext(encoder), 'parameters');
  stream.timeBase = encoder.timeBase;
  return { encoder, stream };
}

/** Diagonal bars that move with the frame number. */
function picture(index: number, { widthPx, heightPx }: Size, chroma: '4:2:0' | '4:4:4'): Buffer {
  const luma = Buffer.alloc(widthPx * heightPx);
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) luma[y * widthPx + x] = 16 + ((x + y + 4 * index) % 200);
  }
  const planeBytes = chroma === '4:4:4' ? luma.length : Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2);
  return Buffer.concat([luma, Buffer.alloc(2 * planeBytes, 128)]);
}

function check(result: number, step: string): void {
  if (result < 0) throw new Error(`${step} failed with ${result}`);
}
