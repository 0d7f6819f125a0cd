/**
 * Objects of gigabytes made in seconds, and a server that counts what is read of them. One second of tiny pictures is
 * encoded once and written again and again; filler in each picture (NAL units of type 12, which decoders skip) gives
 * it the bit rate of a contribution file.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { AV_CODEC_FLAG_GLOBAL_HEADER, AV_PIX_FMT_YUV420P, AV_SAMPLE_FMT_FLTP } from 'node-av/constants';
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  Packet,
  Rational,
} from 'node-av/lib';
import { setLibraryOptions } from '../../src/engine/library-options.ts';

/** Where a container keeps its index. */
export type BigKind = 'mp4-index-first' | 'mp4-index-last' | 'mpegts' | 'matroska';

/** 25 pictures a second of 40 kB: 8 Mb/s. */
const frameRate = 25;
const pictureBytes = 40_000;
const size = { width: 64, height: 48 };
const sampleRateHz = 48_000;

const muxers: Readonly<
  Record<BigKind, { readonly muxer: string; readonly options: Readonly<Record<string, string>> }>
> = {
  // Room for the index is kept in front: the library would otherwise write everything twice.
  'mp4-index-first': { muxer: 'mp4', options: { moov_size: '8000000' } },
  'mp4-index-last': { muxer: 'mp4', options: {} },
  mpegts: { muxer: 'mpegts', options: {} },
  matroska: { muxer: 'matroska', options: {} },
};

/** Writes an object of about `sizeBytes`; its length in whole seconds is the result. */
export function makeBigObject(path: string, kind: BigKind, sizeBytes: number): number {
  const seconds = Math.round(sizeBytes / (pictureBytes * frameRate));
  const { muxer, options } = muxers[kind];
  const format = new FormatContext();
  check(format.allocOutputContext2(null, muxer, path), 'output');
  const video = openVideo(kind !== 'mpegts');
  const audio = openAudio();
  const streams = [video, audio].map(({ encoder }) => {
    const stream = format.newStream();
    check(stream.codecpar.fromContext(encoder), 'parameters');
    stream.timeBase = encoder.timeBase;
    return stream;
  });
  check(format.openOutputSync(), 'open');
  const given = Dictionary.fromObject({ ...options });
  check(format.writeHeaderSync(given), 'header');
  given.free();
  for (let second = 0; second < seconds; second += 1) {
    for (let picture = 0; picture < frameRate; picture += 1) {
      const at = second * frameRate + picture;
      write(format, streams[0], video, video.packets[picture], BigInt(at));
      // Sound of the same instants, so that the file is interleaved as encoders do it.
      const until = Math.floor(((at + 1) * sampleRateHz) / frameRate / 1024);
      const from = Math.floor((at * sampleRateHz) / frameRate / 1024);
      for (let frame = from; frame < until; frame += 1)
        write(format, streams[1], audio, audio.packets[frame % audio.packets.length], BigInt(frame * 1024));
    }
  }
  check(format.writeTrailerSync(), 'trailer');
  format.closeOutputSync();
  for (const { encoder, packets } of [video, audio]) {
    for (const packet of packets) packet.free();
    encoder.freeContext();
  }
  format.freeContext();
  return seconds;
}

interface EncodedSecond {
  readonly encoder: CodecContext;
  readonly packets: readonly Packet[];
}

function openVideo(hasHeader: boolean): EncodedSecond {
  const encoder = openEncoder('libx264', (context) => {
    context.width = size.width;
    context.height = size.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, frameRate);
    context.framerate = new Rational(frameRate, 1);
    context.gopSize = frameRate;
    if (hasHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    setLibraryOptions(context, { preset: 'ultrafast', 'x264-params': 'bframes=0:scenecut=0' });
  });
  const luma = size.width * size.height;
  const buffers = Array.from({ length: frameRate }, (_, index) =>
    Buffer.alloc((luma * 3) / 2, 16 + index * 8),
  );
  const frames = buffers.map((pixels, index) =>
    Frame.fromVideoBuffer(pixels, {
      ...size,
      format: AV_PIX_FMT_YUV420P,
      timeBase: encoder.timeBase,
      pts: BigInt(index),
    }),
  );
  const packets = encodeAll(encoder, frames).map((packet) => {
    const filler = Buffer.alloc(Math.max(16, pictureBytes - packet.size), 0xff);
    Buffer.from([0, 0, 0, 1, 12]).copy(filler);
    filler[filler.length - 1] = 0x80;
    const padded = new Packet();
    padded.alloc();
    padded.data = Buffer.concat([packet.data ?? Buffer.alloc(0), filler]);
    padded.flags = packet.flags;
    packet.free();
    return padded;
  });
  return { encoder, packets };
}

function openAudio(): EncodedSecond {
  const encoder = openEncoder('aac', (context) => {
    context.sampleRate = sampleRateHz;
    context.sampleFormat = AV_SAMPLE_FMT_FLTP;
    context.channelLayout = avChannelLayoutDefault(2);
    context.timeBase = new Rational(1, sampleRateHz);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  });
  const frames = Array.from({ length: 47 }, (_, index) => {
    const frame = new Frame();
    frame.alloc();
    frame.nbSamples = 1024;
    frame.format = encoder.sampleFormat;
    frame.channelLayout = encoder.channelLayout;
    frame.sampleRate = sampleRateHz;
    check(frame.getBuffer(), 'buffer');
    for (const plane of frame.data ?? []) plane.fill(0);
    frame.pts = BigInt(index * 1024);
    return frame;
  });
  return { encoder, packets: encodeAll(encoder, frames) };
}

function openEncoder(name: 'libx264' | 'aac', configure: (context: CodecContext) => void): CodecContext {
  const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
  if (codec === null) throw new Error(`no encoder ${name}`);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  configure(encoder);
  encoder.threadCount = 1;
  check(encoder.open2Sync(codec, null), `open ${name}`);
  return encoder;
}

function encodeAll(encoder: CodecContext, frames: readonly Frame[]): Packet[] {
  const packets: Packet[] = [];
  for (const frame of [...frames, null]) {
    check(encoder.sendFrameSync(frame), 'frame');
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      if (encoder.receivePacketSync(packet) < 0) {
        packet.free();
        break;
      }
      packets.push(packet);
    }
  }
  for (const frame of frames) frame.free();
  return packets;
}

function write(
  format: FormatContext,
  stream: FormatContext['streams'][number] | undefined,
  { encoder }: EncodedSecond,
  made: Packet | undefined,
  time: bigint,
): void {
  if (stream === undefined || made === undefined) throw new RangeError('nothing to write');
  const packet = new Packet();
  packet.alloc();
  check(packet.ref(made), 'reference');
  packet.streamIndex = stream.index;
  packet.pts = time;
  packet.dts = time;
  packet.duration = stream.index === 0 ? 1n : 1024n;
  packet.rescaleTs(encoder.timeBase, stream.timeBase);
  check(format.writeFrameSync(packet), 'packet');
  packet.free();
}

/** Bytes of the box or element that an index is; 0 where there is none. */
export function indexBytes(path: string, kind: BigKind): number {
  if (!kind.startsWith('mp4')) return 0;
  const file = openSync(path, 'r');
  try {
    const end = statSync(path).size;
    const head = Buffer.alloc(16);
    for (let at = 0; at < end; ) {
      readSync(file, head, 0, 16, at);
      const short = head.readUInt32BE(0);
      const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
      if (head.toString('latin1', 4, 8) === 'moov') return length;
      at += length;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

/** Serves a file in ranges and counts what was sent. */
export function countingFile(path: string): {
  readonly listener: RequestListener;
  readonly counted: { bytes: number; rangeRequests: number };
  close(): void;
} {
  const file = openSync(path, 'r');
  const sizeBytes = statSync(path).size;
  const counted = { bytes: 0, rangeRequests: 0 };
  const listener: RequestListener = (request, response) => {
    response.setHeader('accept-ranges', 'bytes');
    response.setHeader('etag', '"big"');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (request.method === 'HEAD' || first === undefined) {
      response.setHeader('content-length', sizeBytes);
      return void response.end();
    }
    const from = Number(first);
    const body = Buffer.alloc(Math.min(Number(last) + 1, sizeBytes) - from);
    readSync(file, body, 0, body.length, from);
    counted.bytes += body.length;
    counted.rangeRequests += 1;
    response.writeHead(206, {
      'content-length': body.length,
      'content-range': `bytes ${from}-${from + body.length - 1}/${sizeBytes}`,
    });
    response.end(body);
  };
  return { listener, counted, close: () => closeSync(file) };
}

function check(result: number, step: string): void {
  if (result < 0) throw new Error(`${step} failed with ${result}`);
}
