/**
 * The library's own way: a decoder, a scaler where the encoder wants another format, an encoder with a preset and a rate, a
 * muxer, and no graph around them.
 */
import path from 'node:path';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  type AVPixelFormat,
  SWS_BICUBIC,
} from 'node-av/constants';
import {
  avGetPixFmtFromName,
  Codec,
  CodecContext,
  FormatContext,
  Frame,
  Rational as LibraryRational,
  Packet,
  SoftwareScaleContext,
} from 'node-av/lib';
import { assertDone } from '../src/engine/library-error.ts';
import { setLibraryOptions } from '../src/engine/library-options.ts';
import { mpeg2Effort } from '../src/plan/mpeg2.table.ts';
import type { EncoderPlan, VideoRendition } from '../src/plan/plan.ts';
import { openVideo } from '../test/engine/open-video.ts';

const framesPerSecond = 25;

/** Encodes a clip with the plan's preset, rate, buffer, group and number of passes, and the library's choice of everything else. */
export async function encodePlainly(
  source: string,
  target: string,
  { encoder, pixelFormat }: Pick<VideoRendition, 'encoder' | 'pixelFormat'>,
): Promise<void> {
  const passes = hasStatistics(encoder) ? encoder.passes : 1;
  for (let pass = 1; pass <= passes; pass += 1)
    await encodePass(source, target, encoder, pixelFormat, passes === 1 ? null : pass);
}

/** The binding hands statistics of a first pass on by file alone, which libvpx does not have. */
export function hasStatistics({ encoder }: EncoderPlan): boolean {
  return encoder === 'libx264' || encoder === 'libx265';
}

async function encodePass(
  source: string,
  target: string,
  plan: EncoderPlan,
  pixelFormat: string,
  pass: number | null,
): Promise<void> {
  const reader = openReader(source, avGetPixFmtFromName(pixelFormat));
  const codec = Codec.findEncoderByName(plan.encoder as Parameters<typeof Codec.findEncoderByName>[0]);
  if (codec === null) throw new Error(plan.encoder);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  encoder.width = reader.decoder.width;
  encoder.height = reader.decoder.height;
  encoder.pixelFormat = avGetPixFmtFromName(pixelFormat);
  encoder.timeBase = new LibraryRational(1, framesPerSecond);
  encoder.framerate = new LibraryRational(framesPerSecond, 1);
  if (plan.bitrateBps > 0) encoder.bitRate = BigInt(plan.bitrateBps);
  encoder.rcMaxRate = BigInt(plan.maxBitrateBps);
  encoder.rcBufferSize = plan.bufferSizeBits;
  encoder.gopSize = plan.gopSizeFrames ?? 250;
  if (plan.encoder === 'mpeg2video') encoder.maxBFrames = plan.maxBFrames ?? 2;
  encoder.threadCount = plan.threads;
  const hasHeader = !headerless.has(path.extname(target));
  if (hasHeader) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  setLibraryOptions(encoder, {
    ...effortOf(plan),
    ...passOptions(plan, pass, target),
  });
  assertDone(await encoder.open2(codec, null), 'encoder');
  const format = new FormatContext();
  assertDone(format.allocOutputContext2(null, muxerOf(target), target), 'muxer');
  const stream = format.newStream(null);
  assertDone(stream.codecpar.fromContext(encoder), 'parameters');
  stream.timeBase = encoder.timeBase;
  if (!isNumbered(target)) assertDone(format.openOutputSync(), 'open');
  assertDone(format.writeHeaderSync(null), 'header');
  const packet = new Packet();
  packet.alloc();
  const drain = (): void => {
    while (encoder.receivePacketSync(packet) >= 0) {
      packet.streamIndex = 0;
      packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      assertDone(format.interleavedWriteFrameSync(packet), 'packet');
    }
  };
  let tick = 0n;
  for (const frame of reader.frames()) {
    frame.pts = tick;
    frame.pictType = AV_PICTURE_TYPE_NONE;
    tick += 1n;
    encoder.sendFrameSync(frame);
    drain();
  }
  encoder.sendFrameSync(null);
  drain();
  assertDone(format.writeTrailerSync(), 'trailer');
  if (!isNumbered(target)) format.closeOutputSync();
  format.freeContext();
  encoder.freeContext();
  packet.free();
}

/** A target with a counter has a file for each picture. */
export function isNumbered(target: string): boolean {
  return target.includes('%');
}

export function muxerOf(target: string): string {
  return isNumbered(target) ? 'image2' : path.extname(target).slice(1);
}

/** Streams whose parameter sets stand in front of their key frames. */
const headerless: ReadonlySet<string> = new Set(['.h264', '.jpg']);

/** What says how much the encoder does, how well, and of what kind its pictures are. */
const effortOptions = [
  'preset',
  'crf',
  'qmin',
  'qmax',
  'deadline',
  'cpu-used',
  'row-mt',
  'profile',
  ...Object.keys(mpeg2Effort),
] as const;

export function effortOf({ encoder, options }: EncoderPlan): Record<string, string> {
  // The profiles of these follow from the pixel format.
  const names =
    encoder === 'libx264' || encoder === 'libx265' ? ['preset', 'crf', 'avcintra-class'] : effortOptions;
  return Object.fromEntries(
    names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

export function passOptions(
  { encoder, options, bitrateBps, maxBitrateBps }: EncoderPlan,
  pass: number | null,
  target: string,
): Record<string, string> {
  // A constant rate is a mode of its own, which the rate alone does not choose.
  if (encoder === 'libsvtav1')
    return options['crf'] === undefined ? { 'svtav1-params': 'pred-struct=1:rc=2' } : {};
  const isConstant =
    encoder === 'libx264' && /\bnal-hrd=/.test(options['x264-params'] ?? '') && bitrateBps === maxBitrateBps;
  // Groups of the plan: x265 has open ones by itself.
  const kept = options['x265-params']?.match(/\b(?:pools|open-gop)=\d+/g) ?? [];
  const own = encoder === 'libx265' ? ['log-level=error', ...kept].join(':') : '';
  if (pass === null) return own === '' ? (isConstant ? { 'nal-hrd': 'cbr' } : {}) : { 'x265-params': own };
  const stats = `${target}.stats`;
  if (encoder === 'libx265') return { 'x265-params': `${own}:pass=${pass}:stats=${stats}` };
  const header = headerless.has(path.extname(target)) ? '' : '+global_header';
  return { stats, flags: `${header}+pass${pass}`, ...(isConstant ? { 'nal-hrd': 'cbr' } : {}) };
}

interface Reader {
  readonly decoder: CodecContext;
  /** The same frame again and again. */
  frames(): Generator<Frame>;
}

/** Opens the video of a file; its pictures come in `format`. */
function openReader(path: string, format: AVPixelFormat): Reader {
  const { context, stream, decoder } = openVideo(path);
  return {
    decoder,
    *frames() {
      const [packet, frame] = [new Packet(), new Frame()];
      packet.alloc();
      frame.alloc();
      const conversion = openConversion(decoder.width, decoder.height, format);
      try {
        for (let isMore = true; isMore; ) {
          isMore = context.readFrameSync(packet) >= 0;
          if (isMore && packet.streamIndex !== stream.index) continue;
          decoder.sendPacketSync(isMore ? packet : null);
          packet.unref();
          while (decoder.receiveFrameSync(frame) >= 0) {
            yield conversion.of(frame);
            frame.unref();
          }
        }
      } finally {
        packet.free();
        frame.free();
        conversion.free();
        decoder.freeContext();
        context.closeInputSync();
      }
    },
  };
}

/** Pictures in a format: as they are where they have it. The result is good until the next. */
function openConversion(width: number, height: number, format: AVPixelFormat) {
  let open: { readonly scaler: SoftwareScaleContext; readonly result: Frame } | null = null;
  return {
    of(frame: Frame): Frame {
      if (frame.format === format) return frame;
      if (open === null) {
        open = { scaler: new SoftwareScaleContext(), result: new Frame() };
        open.scaler.getContext(
          width,
          height,
          frame.format as AVPixelFormat,
          width,
          height,
          format,
          SWS_BICUBIC,
        );
        open.result.alloc();
      }
      const { scaler, result } = open;
      result.unref();
      [result.width, result.height, result.format] = [width, height, format];
      assertDone(result.getBuffer(), 'picture');
      assertDone(scaler.scaleFrameSync(result, frame), 'conversion');
      return result;
    },
    free(): void {
      open?.scaler.freeContext();
      open?.result.free();
    },
  };
}

const block = 8;
const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

/** Mean structural similarity of luma over all pictures, in blocks of eight (Wang et al. 2004). */
export function similarityOf(reference: string, other: string): number {
  const format = avGetPixFmtFromName('yuv420p');
  const [a, b] = [openReader(reference, format).frames(), openReader(other, format).frames()];
  let [sum, count] = [0, 0];
  for (const one of a) {
    const { value: two } = b.next() as { readonly value: Frame | undefined };
    if (two === undefined) break;
    sum += similarityOfPictures(one, two);
    count += 1;
  }
  b.return(undefined);
  return sum / count;
}

function similarityOfPictures(a: Frame, b: Frame): number {
  const [left, right] = [a.data?.[0], b.data?.[0]];
  const [leftStride = 0, rightStride = 0] = [a.linesize[0], b.linesize[0]];
  if (left === undefined || right === undefined) return 0;
  let [sum, count] = [0, 0];
  for (let y = 0; y + block <= a.height; y += block) {
    for (let x = 0; x + block <= a.width; x += block) {
      let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
      for (let row = 0; row < block; row += 1) {
        for (let column = 0; column < block; column += 1) {
          const p = left[(y + row) * leftStride + x + column] ?? 0;
          const q = right[(y + row) * rightStride + x + column] ?? 0;
          sa += p;
          sb += q;
          saa += p * p;
          sbb += q * q;
          sab += p * q;
        }
      }
      const n = block * block;
      const [ma, mb] = [sa / n, sb / n];
      const [va, vb, cov] = [saa / n - ma * ma, sbb / n - mb * mb, sab / n - ma * mb];
      sum += ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
      count += 1;
    }
  }
  return sum / count;
}
