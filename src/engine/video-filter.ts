/**
 * Filters pictures through the plan's steps. The library chain is opened by the first picture and opened again
 * when the source changes its size or format in the middle; without steps and without a change pictures pass
 * through untouched.
 */
import type { AVPixelFormat } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { avGetPixFmtFromName, avGetPixFmtName } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { FilterStep } from '../plan/plan.ts';
import {
  type ChainSource,
  describeSteps,
  type FilterChain,
  openFilterChain,
  sameShape,
  type VideoShape,
  videoShapeOf,
} from './filter-chain.ts';
import { createInlineCall, filtering } from './inline-call.ts';
import type { NativePool } from './native-pool.ts';

/** What comes out of a filter must be exactly this; null leaves it to the steps. */
interface VideoTarget {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelFormat: string;
  /** Pictures hold two fields, which stay apart. */
  readonly hasFields: boolean;
}

/** What a filter does, and to which pictures. */
export interface VideoFilterOptions {
  readonly steps: readonly FilterStep[];
  /** Of the pictures going in. */
  readonly timeBase: Rational;
  readonly frameRate: Rational;
  readonly target: VideoTarget | null;
  readonly threads: number;
  /** Filter on the event loop while that is quick. */
  readonly inline: boolean;
  readonly frames: NativePool<Frame>;
}

/** Takes the picture over; gives it (or others) on. `timeBase` is that of the picture's timestamp. */
type EmitPicture = (frame: Frame, timeBase: Rational) => Promise<void> | void;

/** Pictures in, pictures out. */
export interface VideoFilter {
  /** Takes the frame over. */
  filter(frame: Frame, emit: EmitPicture): Promise<void>;
  /** Gives on what the chain still holds. */
  finish(emit: EmitPicture): Promise<void>;
  close(): void;
}

/** Filters that only change what is said about a picture: a hop to the thread pool would cost more than they do. */
const lightFilters: ReadonlySet<string> = new Set([
  'fps',
  'setpts',
  'setsar',
  'settb',
  'setfield',
  'setparams',
]);

/** Makes a filter; nothing is opened before the first picture. */
export function createVideoFilter(options: VideoFilterOptions): VideoFilter {
  const { frames, timeBase } = options;
  let shape: VideoShape | null = null;
  let chain: VideoChain | null = null;

  const collect = async (open: FilterChain, emit: EmitPicture): Promise<void> => {
    for (;;) {
      const result = frames.take();
      if (!open.pull(result)) return frames.give(result);
      await emit(result, open.timeBase);
    }
  };
  const drain = async (emit: EmitPicture): Promise<void> => {
    if (chain === null) return;
    await chain.push(0, null);
    await collect(chain, emit);
    chain.free();
    chain = null;
  };

  return {
    async filter(frame, emit) {
      const arriving = videoShapeOf(frame);
      if (shape === null || !sameShape(shape, arriving)) {
        await drain(emit);
        shape = arriving;
        chain = openVideoChain(arriving, options);
      }
      if (chain === null) return emit(frame, timeBase);
      await chain.give(frame);
      frames.give(frame);
      await collect(chain, emit);
    },
    finish: drain,
    close() {
      chain?.free();
      chain = null;
    },
  };
}

/** A chain, and what gives it its pictures. */
type VideoChain = FilterChain & { readonly give: (frame: Frame) => Promise<void> | void };

/** Opens the steps, and what is missing to reach the target; null when nothing is to be done. */
function openVideoChain(shape: VideoShape, options: VideoFilterOptions): VideoChain | null {
  const { target, timeBase, frameRate, threads } = options;
  const steps = withoutIdleSteps(shape, options.steps);
  const source: ChainSource = { ...shape, timeBase, frameRate };
  if (steps.length === 0 && (target === null || reaches(shape, target))) return null;
  const chain = openFilterChain([source], `[in0]${describeSteps(steps, 'null')}[out]`, threads);
  if (target === null || reaches({ ...chain }, target)) {
    const isLight = steps.every(({ name }) => lightFilters.has(name));
    return { ...chain, give: isLight ? (frame) => chain.pushNow(0, frame) : giverOf(chain, options) };
  }
  chain.free();
  const whole = describeSteps([...steps, ...stepsTo(target)], 'null');
  const reaching = openFilterChain([source], `[in0]${whole}[out]`, threads);
  return { ...reaching, give: giverOf(reaching, options) };
}

function giverOf(chain: FilterChain, { inline }: VideoFilterOptions): VideoChain['give'] {
  return createInlineCall<Frame, void>(
    { now: (frame) => chain.pushNow(0, frame), pooled: (frame) => chain.push(0, frame) },
    inline ? filtering : null,
  );
}

/** The steps from the first that asks for what pictures of this shape are not yet. */
function withoutIdleSteps(shape: VideoShape, steps: readonly FilterStep[]): readonly FilterStep[] {
  const first = steps.findIndex((step) => !isIdle(shape, step));
  return first < 0 ? [] : steps.slice(first);
}

/** Whether a step says of pictures only what is true of this shape. */
function isIdle({ format, sampleAspectRatio: { num, den } }: VideoShape, step: FilterStep): boolean {
  const { name, options } = step;
  if (name === 'format') return options.pix_fmts === avGetPixFmtName(format as AVPixelFormat);
  return name === 'setsar' && options.sar === `${num}/${den}`;
}

function reaches(
  shape: { readonly widthPx: number; readonly heightPx: number; readonly format: number },
  target: VideoTarget,
): boolean {
  return (
    shape.widthPx === target.widthPx &&
    shape.heightPx === target.heightPx &&
    shape.format === avGetPixFmtFromName(target.pixelFormat)
  );
}

/** A source that changes in the middle must not change an open encoder: its pictures are brought to the planned size. */
function stepsTo({ widthPx, heightPx, pixelFormat, hasFields }: VideoTarget): FilterStep[] {
  const size = { w: String(widthPx), h: String(heightPx), flags: 'bicubic' };
  return [
    { name: 'scale', options: hasFields ? { ...size, interl: '1' } : size },
    { name: 'format', options: { pix_fmts: pixelFormat } },
  ];
}
