/**
 * Tiny real media for probe tests, made by the libraries themselves: moving bars and a sine, a few kilobytes.
 */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_FLAG_INTERLACED_DCT,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_GBRP,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P10LE,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S32,
  AVCOL_SPC_RGB,
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
    readonly encoder:
      | 'libx264'
      | 'libx265'
      | 'mpeg2video'
      | 'mpeg4'
      | 'mjpeg'
      | 'prores_ks'
      | 'jpeg2000'
      | 'ffv1'
      | 'libvpx'
      | 'libvpx-vp9'
      | 'dnxhd';
    readonly frames: number;
    readonly frameRate: readonly [number, number];
    /** 128 × 96 when absent. */
    readonly size?: Size;
    /** `rgb`: planes of green, blue and red, of pictures that are drawn. */
    readonly chroma?: '4:2:0' | '4:4:4' | 'rgb';
    readonly options?: Readonly<Record<string, string>>;
    /** Codes pictures as two fields, top field first. */
    readonly isInterlaced?: boolean;
    /** Presentation tick of frame n at the frame rate; n when absent. */
    readonly tickOf?: (frame: number) => number;
    /** Ticks per frame of the encoder's time base; 1 when absent. */
    readonly ticksPerFrame?: number;
    /** 200 kb/s when absent. */
    readonly bitrateBps?: number;
    /** Frames from one key frame to the next; 10 when absent. */
    readonly gopFrames?: number;
    /** Planar 4:2:0 picture of a frame; moving bars when absent. */
    readonly draw?: (frame: number, size: Size) => Buffer;
    /** Colour of the stream, code points of ITU-T H.273. */
    readonly color?: { readonly primaries: number; readonly transfer: number; readonly matrix: number };
    readonly metadata?: Readonly<Record<string, string>>;
  };
  readonly audio?: AudioRecipe;
  /** Tracks after `audio`. */
  readonly moreAudio?: readonly AudioRecipe[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A sound track. */
export interface AudioRecipe {
  readonly encoder:
    | 'aac'
    | 'ac3'
    | 'alac'
    | 'flac'
    | 'pcm_s16le'
    | 'pcm_s24le'
    | 'mp2'
    | 'libopus'
    | 'libmp3lame';
  readonly seconds: number;
  /** 48 kHz when absent. */
  readonly sampleRateHz?: number;
  /** 2 when absent. */
  readonly channels?: number;
  /** Sample `n` of a channel, −32768…32767; silence when absent. */
  readonly sampleAt?: (n: number, channel: number) => number;
  /** Seconds between the start of the video and that of the sound. */
  readonly startSeconds?: number;
  readonly language?: string;
}

/** Width and height of a picture. */
export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A frame refers to the buffer it was made of: it lives until the encoder has certainly read it. */
const picturesAlive = 128;

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
    ...(recipe.moreAudio ?? []).map((audio) => openAudio(format, audio)),
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
  for (const frame of withFlush(frames())) {
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

/** One by one: pictures made ahead would outlive their buffers. */
function* withFlush(frames: Iterable<Frame>): Iterable<Frame | null> {
  yield* frames;
  yield null;
}

const pixelFormats = {
  '4:2:0': AV_PIX_FMT_YUV420P,
  '4:4:4': AV_PIX_FMT_YUV444P,
  rgb: AV_PIX_FMT_GBRP,
} as const;

function openVideo(format: FormatContext, video: NonNullable<ClipRecipe['video']>): ClipTrack {
  const [num, den] = video.frameRate;
  const ticksPerFrame = video.ticksPerFrame ?? 1;
  const size = video.size ?? defaultSize;
  const { encoder, stream } = openTrack(format, video.encoder, video.options ?? {}, (context) => {
    context.width = size.widthPx;
    context.height = size.heightPx;
    context.pixelFormat = pixelFormats[video.chroma ?? '4:2:0'];
    if (video.chroma === 'rgb') context.colorSpace = AVCOL_SPC_RGB;
    context.timeBase = new Rational(den, num * ticksPerFrame);
    context.framerate = new Rational(num, den);
    context.gopSize = video.gopFrames ?? 10;
    context.bitRate = BigInt(video.bitrateBps ?? 200_000);
    if (video.encoder === 'prores_ks' || video.encoder === 'dnxhd')
      context.pixelFormat = AV_PIX_FMT_YUV422P10LE;
    if (video.encoder === 'mjpeg') context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    if (video.color !== undefined) {
      context.colorPrimaries = video.color.primaries as never;
      context.colorTrc = video.color.transfer as never;
      context.colorSpace = video.color.matrix as never;
    }
    if (video.isInterlaced === true) context.setFlags(AV_CODEC_FLAG_INTERLACED_DCT);
  });
  stream.avgFrameRate = new Rational(num, den);
  if (video.metadata !== undefined) stream.metadata = Dictionary.fromObject({ ...video.metadata });
  const is422 = encoder.pixelFormat === AV_PIX_FMT_YUV422P10LE;
  const draw =
    video.draw ?? ((index, of) => picture(index, of, video.chroma === '4:4:4' ? '4:4:4' : '4:2:0'));
  const tickOf = video.tickOf ?? ((frame: number) => frame);
  return {
    encoder,
    stream,
    *frames() {
      const alive: Buffer[] = [];
      for (let index = 0; index < video.frames; index += 1) {
        const drawn = draw(index, size);
        const pixels = is422 ? toTenBit422(drawn, size) : drawn;
        alive.push(pixels);
        if (alive.length > picturesAlive) alive.shift();
        const frame = Frame.fromVideoBuffer(pixels, {
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

function openAudio(format: FormatContext, audio: AudioRecipe): ClipTrack {
  const rate = audio.sampleRateHz ?? sampleRateHz;
  const { encoder, stream } = openTrack(format, audio.encoder, {}, (context, codec) => {
    context.sampleRate = rate;
    context.sampleFormat = codec.sampleFormats?.[0] ?? AV_SAMPLE_FMT_FLTP;
    context.channelLayout = avChannelLayoutDefault(audio.channels ?? 2);
    context.timeBase = new Rational(1, rate);
    context.bitRate = 64_000n;
  });
  if (audio.language !== undefined) stream.metadata = Dictionary.fromObject({ language: audio.language });
  const first = Math.round((audio.startSeconds ?? 0) * rate);
  return {
    encoder,
    stream,
    *frames() {
      const samples = encoder.frameSize || 1024;
      const end = Math.round(audio.seconds * rate);
      for (let start = 0; start < end; start += samples) {
        const frame = new Frame();
        frame.alloc();
        frame.nbSamples = Math.min(samples, end - start);
        frame.format = encoder.sampleFormat;
        frame.channelLayout = encoder.channelLayout;
        frame.sampleRate = rate;
        check(frame.getBuffer(), 'buffer');
        fillSamples(frame, audio, start);
        frame.pts = BigInt(first + start);
        yield frame;
      }
    },
  };
}

function fillSamples(frame: Frame, { sampleAt, channels = 2 }: AudioRecipe, start: number): void {
  for (const plane of frame.data ?? []) plane.fill(0);
  if (sampleAt === undefined) return;
  const planes = frame.data ?? [];
  const isFloat = frame.format === AV_SAMPLE_FMT_FLTP || frame.format === AV_SAMPLE_FMT_FLT;
  const isPlanar = planes.length > 1 || channels === 1;
  const bytes = isFloat ? 4 : frame.format === AV_SAMPLE_FMT_S32 ? 4 : 2;
  for (let n = 0; n < frame.nbSamples; n += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const plane = planes[isPlanar ? channel : 0];
      const at = (isPlanar ? n : n * channels + channel) * bytes;
      const value = sampleAt(start + n, channel);
      if (isFloat) plane?.writeFloatLE(value / 32_768, at);
      else if (bytes === 4) plane?.writeInt32LE(value * 65_536, at);
      else plane?.writeInt16LE(value, at);
    }
  }
}

/** 8-bit 4:2:0 → 10-bit 4:2:2: each chroma line twice. */
function toTenBit422(picture: Buffer, { widthPx, heightPx }: Size): Buffer {
  const lumaBytes = widthPx * heightPx;
  const chromaWidth = widthPx / 2;
  const source: number[] = [];
  for (let index = 0; index < lumaBytes; index += 1) source.push(picture[index] ?? 0);
  for (let plane = 0; plane < 2; plane += 1) {
    const base = lumaBytes + (plane * lumaBytes) / 4;
    for (let y = 0; y < heightPx; y += 1) {
      for (let x = 0; x < chromaWidth; x += 1) source.push(picture[base + (y >> 1) * chromaWidth + x] ?? 128);
    }
  }
  const out = Buffer.alloc(source.length * 2);
  for (const [index, value] of source.entries()) out.writeUInt16LE(value * 4, index * 2);
  return out;
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
