/**
 * Sources for the table of containers: half a second of picture and sound in any container and codec that the
 * libraries can write. What is in the pictures does not matter, only that they decode.
 */
import { writeFileSync } from 'node:fs';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P10LE,
  AV_SAMPLE_FMT_S16,
  type AVCodecID,
  AVFMT_GLOBALHEADER,
} from 'node-av/constants';
import {
  avChannelLayoutDefault,
  avGetBytesPerSample,
  avImageGetBufferSize,
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  Packet,
  Rational,
} from 'node-av/lib';
import { setLibraryOptions } from '../../../src/engine/library-options.ts';

/** A file to make. */
export interface SourceRecipe {
  readonly muxer: string;
  readonly video?: VideoTrackRecipe;
  readonly audio?: AudioTrackRecipe;
}

export interface VideoTrackRecipe {
  readonly encoder: string;
  readonly size?: readonly [number, number];
  readonly frameRate?: readonly [number, number];
  /** Absent: the encoder's own first choice, or planar 4:2:0 where it takes that. */
  readonly pixelFormat?: number;
  readonly options?: Readonly<Record<string, string>>;
  readonly bitrateBps?: number;
}

export interface AudioTrackRecipe {
  readonly encoder: string;
  readonly sampleRateHz?: number;
  readonly channels?: number;
}

const tenBitFormats: readonly number[] = [AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV422P10LE];
const frames = 12;
const seconds = 0.5;

/** Writes the file. Throws when the libraries do not take the combination. */
export function makeSource(path: string, recipe: SourceRecipe): void {
  const format = new FormatContext();
  check(format.allocOutputContext2(null, recipe.muxer, path), 'output');
  const hasHeader = ((format.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER) !== 0;
  const tracks = [
    ...(recipe.video === undefined ? [] : [openVideo(format, recipe.video, hasHeader)]),
    ...(recipe.audio === undefined ? [] : [openAudio(format, recipe.audio, hasHeader)]),
  ];
  check(format.openOutputSync(), 'open');
  const options = Dictionary.fromObject({ strict: 'experimental' });
  check(format.writeHeaderSync(options), 'header');
  options.free();
  const packets = tracks.flatMap(({ encoder, stream, makeFrames }) =>
    encode(encoder, makeFrames()).map((packet) => {
      packet.streamIndex = stream.index;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      packet.timeBase = stream.timeBase;
      return packet;
    }),
  );
  const time = (packet: Packet): number => (Number(packet.dts) * packet.timeBase.num) / packet.timeBase.den;
  for (const packet of packets.sort((a, b) => time(a) - time(b))) {
    check(format.interleavedWriteFrameSync(packet), 'packet');
    packet.free();
  }
  check(format.writeTrailerSync(), 'trailer');
  format.closeOutputSync();
  for (const { encoder } of tracks) encoder.freeContext();
  format.freeContext();
}

/** GSM 06.10 as telephones write it: 33 bytes a frame, marked by the nibble 13 (RFC 3551 4.5.8.1). */
export function makeGsm(path: string): void {
  const frame = Buffer.alloc(33, 0x11);
  frame[0] = 0xd2;
  writeFileSync(path, Buffer.concat(Array.from({ length: 50 }, () => frame)));
}

type Track = ReturnType<typeof openVideo>;

function openVideo(format: FormatContext, video: VideoTrackRecipe, hasHeader: boolean) {
  const [num, den] = video.frameRate ?? [25, 1];
  const [width, height] = video.size ?? [176, 144];
  const { encoder, stream } = openTrack(
    format,
    video.encoder,
    video.options ?? {},
    hasHeader,
    (context, codec) => {
      const formats = codec.pixelFormats ?? [AV_PIX_FMT_YUV420P];
      context.width = width;
      context.height = height;
      context.pixelFormat = (video.pixelFormat ??
        (formats.includes(AV_PIX_FMT_YUV420P)
          ? AV_PIX_FMT_YUV420P
          : formats[0])) as typeof context.pixelFormat;
      context.timeBase = new Rational(den, num);
      context.framerate = new Rational(num, den);
      context.gopSize = 6;
      context.bitRate = BigInt(video.bitrateBps ?? 400_000);
    },
  );
  stream.avgFrameRate = new Rational(num, den);
  const makeFrames = function* (): Iterable<Frame> {
    const bytes = avImageGetBufferSize(encoder.pixelFormat, width, height, 1);
    for (let index = 0; index < frames; index += 1) {
      const pixels = Buffer.alloc(bytes, 0x40);
      pixels.fill(0x60 + index, 0, Math.floor(bytes / 3) & ~1);
      // Samples of ten bits take two bytes: the upper one must stay small.
      if (tenBitFormats.includes(encoder.pixelFormat)) for (let at = 1; at < bytes; at += 2) pixels[at] = 1;
      yield Frame.fromVideoBuffer(pixels, {
        width,
        height,
        format: encoder.pixelFormat,
        timeBase: encoder.timeBase,
        pts: BigInt(index),
      });
    }
  };
  return { encoder, stream, makeFrames };
}

function openAudio(format: FormatContext, audio: AudioTrackRecipe, hasHeader: boolean): Track {
  const rate = audio.sampleRateHz ?? 48_000;
  const options = audio.encoder === 's302m' ? { strict: '-2' } : {};
  const { encoder, stream } = openTrack(format, audio.encoder, options, hasHeader, (context, codec) => {
    context.sampleRate = rate;
    context.sampleFormat = codec.sampleFormats?.[0] ?? AV_SAMPLE_FMT_S16;
    context.channelLayout = avChannelLayoutDefault(audio.channels ?? 2);
    context.timeBase = new Rational(1, rate);
    context.bitRate = 96_000n;
  });
  const makeFrames = function* (): Iterable<Frame> {
    const size = encoder.frameSize || 1024;
    for (let start = 0; start < seconds * rate; start += size) {
      const frame = new Frame();
      frame.alloc();
      frame.nbSamples = size;
      frame.format = encoder.sampleFormat;
      frame.channelLayout = encoder.channelLayout;
      frame.sampleRate = rate;
      check(frame.getBuffer(), 'buffer');
      for (const plane of frame.data ?? [])
        plane.fill(avGetBytesPerSample(encoder.sampleFormat) === 1 ? 128 : 0);
      frame.pts = BigInt(start);
      yield frame;
    }
  };
  return { encoder, stream, makeFrames };
}

function openTrack(
  format: FormatContext,
  name: string,
  options: Readonly<Record<string, string>>,
  hasHeader: boolean,
  configure: (context: CodecContext, codec: Codec) => void,
) {
  const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
  if (codec === null) throw new Error(`no encoder ${name}`);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  configure(encoder, codec);
  if (hasHeader) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  encoder.threadCount = 1;
  setLibraryOptions(encoder, options);
  check(encoder.open2Sync(codec, null), `open ${name}`);
  const stream = format.newStream();
  check(stream.codecpar.fromContext(encoder), 'parameters');
  stream.codecpar.codecTag = 0 as AVCodecID & number;
  stream.timeBase = encoder.timeBase;
  return { encoder, stream };
}

function encode(encoder: CodecContext, made: Iterable<Frame>): Packet[] {
  const packets: Packet[] = [];
  const alive: Frame[] = [];
  const drain = (): void => {
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      if (encoder.receivePacketSync(packet) < 0) return packet.free();
      packets.push(packet);
    }
  };
  for (const frame of made) {
    alive.push(frame);
    check(encoder.sendFrameSync(frame), 'frame');
    drain();
  }
  check(encoder.sendFrameSync(null), 'flush');
  drain();
  for (const frame of alive) frame.free();
  return packets;
}

function check(result: number, step: string): void {
  if (result < 0) throw new Error(`${step} failed with ${result}`);
}
