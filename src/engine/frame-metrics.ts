/**
 * Measures every picture of an encode against what went in (`perFrameMetrics`, spec video.md 3): packets are decoded
 * again and compared by the library's own filters. Runs only where a job asks for it.
 */
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, CodecParameters, Frame, type Packet } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { FrameMetric } from '../plan/picture-plan.ts';
import { type FilterChain, openFilterChain, videoShapeOf } from './filter-chain.ts';
import { assertDone, isAgain, isEnd, LibraryError } from './library-error.ts';

/** Compares pictures with their originals. */
export interface FrameComparison {
  /** Keeps a reference to a picture on its way to the encoder. */
  expect(frame: Frame): void;
  compare(packet: Packet): Promise<void>;
  finish(): Promise<void>;
  /** One value per picture, in display order; PSNR of equal pictures is Infinity. */
  values(metric: 'PSNR' | 'SSIM'): readonly number[];
  close(): void;
}

const filters = {
  PSNR: { name: 'psnr', key: 'lavfi.psnr.psnr_avg' },
  SSIM: { name: 'ssim', key: 'lavfi.ssim.All' },
} as const;

type Compared = keyof typeof filters;

/** Opens a decoder for what `encoder` makes. Throws LibraryError. */
export function compareFrames(
  encoder: CodecContext,
  metrics: readonly FrameMetric[],
  timeBase: Rational,
): FrameComparison {
  const wanted = metrics.filter((metric): metric is Compared => metric in filters);
  const decoder = openDecoderOf(encoder);
  const originals = new Map<bigint, Frame>();
  const results = new Map<Compared, number[]>(wanted.map((metric) => [metric, []]));
  const chains = new Map<Compared, FilterChain>();
  const decoded = new Frame();
  const result = new Frame();
  decoded.alloc();
  result.alloc();

  const measure = async (): Promise<void> => {
    const original = originals.get(decoded.pts);
    originals.delete(decoded.pts);
    if (original === undefined) return;
    for (const metric of wanted) {
      const chain = chains.get(metric) ?? openComparison(decoded, original, filters[metric].name, timeBase);
      chains.set(metric, chain);
      await chain.push(0, copyOf(decoded));
      await chain.push(1, copyOf(original));
      while (chain.pull(result)) {
        const text = result.getMetadata().get(filters[metric].key);
        results.get(metric)?.push(text === null || text === 'inf' ? Number.POSITIVE_INFINITY : Number(text));
        result.unref();
      }
    }
    original.free();
  };
  const receive = async (): Promise<void> => {
    for (;;) {
      const code = await decoder.receiveFrame(decoded);
      if (isAgain(code) || isEnd(code)) return;
      if (code < 0) throw new LibraryError('decode for measuring', code);
      decoded.pts = decoded.bestEffortTimestamp;
      await measure();
      decoded.unref();
    }
  };
  return {
    expect(frame) {
      originals.set(frame.pts, copyOf(frame));
    },
    async compare(packet) {
      assertDone(await decoder.sendPacket(packet), 'decode for measuring');
      await receive();
    },
    async finish() {
      await decoder.sendPacket(null);
      await receive();
    },
    values: (metric) => results.get(metric) ?? [],
    close() {
      for (const chain of chains.values()) chain.free();
      for (const frame of originals.values()) frame.free();
      decoder.freeContext();
      decoded.free();
      result.free();
    },
  };
}

function openDecoderOf(encoder: CodecContext): CodecContext {
  const parameters = new CodecParameters();
  parameters.alloc();
  const context = new CodecContext();
  try {
    assertDone(parameters.fromContext(encoder), 'stream parameters');
    const codec = Codec.findDecoder(encoder.codecId);
    if (codec === null || parameters.codecType !== AVMEDIA_TYPE_VIDEO) {
      throw new LibraryError('find decoder for measuring', -1);
    }
    context.allocContext3(codec);
    assertDone(context.parametersToContext(parameters), 'decoder parameters');
    context.pktTimebase = encoder.timeBase;
    context.threadCount = 1;
    assertDone(context.open2Sync(codec, null), 'open decoder for measuring');
    return context;
  } catch (error) {
    context.freeContext();
    throw error;
  } finally {
    parameters.free();
  }
}

/** Decoders and encoders disagree in nothing but what the codec lost; pixel aspect and colour labels are set aside. */
function openComparison(decoded: Frame, original: Frame, filter: string, timeBase: Rational): FilterChain {
  const shapes = [decoded, original].map((frame) => ({ ...videoShapeOf(frame), timeBase }));
  return openFilterChain(
    shapes,
    `[in0]setsar=1[a];[in1]setsar=1[b];[a][b]${filter}=shortest=1:repeatlast=0[out]`,
    1,
  );
}

function copyOf(frame: Frame): Frame {
  const copy = frame.clone();
  if (copy === null) throw new LibraryError('picture reference', -12);
  return copy;
}
