/**
 * Measures the loudness of a programme (Rec. ITU-R BS.1770; EBU R 128) with the library's meter. The first edition
 * has no gate: its integrated loudness is the mean energy of the 400 ms blocks, which the meter gives one by one.
 */
import type { Frame } from 'node-av/lib';
import type { LoudnessPlan } from '../plan/loudness-plan.ts';
import { audioShapeOf, type FilterChain, openFilterChain } from './filter-chain.ts';
import type { NativePool } from './native-pool.ts';

/** What a programme measured. Silence and programmes below 400 ms have −70 LKFS. */
export interface MeasuredLoudness {
  readonly integratedLkfs: number;
  readonly rangeLu: number;
  /** dBTP over all channels; null when it was not asked for. */
  readonly truePeakDbtp: number | null;
}

/** A meter in use. */
export interface LoudnessMeter {
  /** Looks at a frame and leaves it as it is. */
  measure(frame: Frame): void;
  /** The programme has ended. */
  finish(): MeasuredLoudness;
  free(): void;
}

/** Below this nothing is loud: the meter's floor. */
const silenceLkfs = -70;

/** Makes a meter; it takes the form of the first frame. */
export function createLoudnessMeter(plan: LoudnessPlan, frames: NativePool<Frame>): LoudnessMeter {
  let chain: FilterChain | null = null;
  let integrated = silenceLkfs;
  let range = 0;
  let peak = 0;
  let energy = 0;
  let blocks = 0;
  let steps = 0;

  const read = (frame: Frame): void => {
    const values = frame.getMetadata();
    const number = (key: string): number => Number(values?.get(`lavfi.r128.${key}`) ?? Number.NaN);
    steps += 1;
    integrated = numberOr(number('I'), integrated);
    range = numberOr(number('LRA'), range);
    // The first three steps of 100 ms have no full block behind them.
    if (steps >= 4) {
      blocks += 1;
      energy += 10 ** (numberOr(number('M'), -120) / 10);
    }
    for (let channel = 0; channel < frame.channels; channel += 1)
      peak = Math.max(peak, numberOr(number(`true_peaks_ch${channel}`), 0));
  };
  const collect = (open: FilterChain): void => {
    for (;;) {
      const frame = frames.take();
      const isThere = open.pull(frame);
      if (isThere) read(frame);
      frames.give(frame);
      if (!isThere) return;
    }
  };

  return {
    measure(frame) {
      chain ??= openMeterChain(plan, frame);
      const copy = frames.take();
      copy.ref(frame);
      chain.pushNow(0, copy);
      frames.give(copy);
      collect(chain);
    },
    finish() {
      if (chain !== null) {
        chain.pushNow(0, null);
        collect(chain);
      }
      const isUngated = plan.algorithm === 'ITU_BS_1770_1';
      const ungated = blocks === 0 ? silenceLkfs : Math.max(silenceLkfs, 10 * Math.log10(energy / blocks));
      return {
        integratedLkfs: isUngated ? ungated : integrated,
        rangeLu: range,
        truePeakDbtp: plan.measuresTruePeak ? toDecibels(peak) : null,
      };
    },
    free() {
      chain?.free();
      chain = null;
    },
  };
}

function openMeterChain(plan: LoudnessPlan, frame: Frame): FilterChain {
  const shape = audioShapeOf(frame);
  const peaks = plan.measuresTruePeak ? ':peak=true' : '';
  return openFilterChain(
    [{ ...shape, timeBase: { num: 1, den: shape.sampleRateHz } }],
    `[in0]ebur128=metadata=1:framelog=quiet${peaks}[out]`,
    1,
  );
}

function numberOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}

function toDecibels(linear: number): number {
  return linear <= 0 ? -120 : 20 * Math.log10(linear);
}
