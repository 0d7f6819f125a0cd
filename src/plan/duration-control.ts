/**
 * `durationControl`: the output lasts whole seconds. What lies a little beyond one is cut off, what lies further beyond is
 * played faster where the job allows so much, and everything else is filled up to the next (which of the three, in this
 * order, is inferred). Times are counted in frames of the output: a whole second of 29.97 is the nearest of them.
 */
import type { DurationControl, VideoDescription } from '../contract/types.generated.ts';
import { type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import { constantRateStep } from './frame-rate.ts';
import { segmentedContainers } from './passthrough.table.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoSurroundings } from './video-rendition.ts';

/** How an output comes to whole seconds. */
export interface ControlledDuration {
  /** Frames that the output has. */
  readonly frames: number;
  /** How much faster than the source it plays; null: as fast. */
  readonly speed: Rational | null;
  /** After all others: pictures that come faster or more of them than the source has. */
  readonly steps: readonly FilterStep[];
}

/** Reads the block; null without it, and with findings where it cannot be kept. */
export function readDurationControl(
  settings: SettingsReader<VideoDescription>,
  { frameRate, isSlowed }: { readonly frameRate: Rational; readonly isSlowed: boolean },
  { container, original }: VideoSurroundings,
  findings: FindingLog,
): ControlledDuration | null {
  const block = settings.child('videoPreprocessors').child('durationControl');
  if (!block.isPresent) return null;
  const limits = readLimits(block);
  const refuse = (reason: string): null => {
    findings.incompatible(block.pointer, reason);
    return null;
  };
  if (container === 'ISMV' || segmentedContainers.includes(container))
    return refuse(
      'outputs of a streaming group share their sound and times: it is for outputs of file groups',
    );
  if (original === undefined || !original.isSingle || original.clips > 1)
    return refuse('it is for one input with at most one clip');
  if (original.pictureSeconds === null) return refuse('the input does not tell its length');
  if (isSlowed) return refuse('slow PAL sets the speed of the output');
  const frames = Math.round(original.pictureSeconds * rationalToNumber(frameRate));
  return controlled(frames, frameRate, limits);
}

interface Limits {
  readonly trimSeconds: number;
  /** Largest share of the target that may be made up for by playing faster. */
  readonly compression: number;
}

function readLimits(block: SettingsReader<DurationControl>): Limits {
  const numerator = block.read('integerDurationMaximumCompressionNumerator') ?? 0;
  const denominator = block.read('integerDurationMaximumCompressionDenominator') ?? 1;
  return {
    trimSeconds: (block.read('integerDurationTrimThresholdMilliseconds') ?? 0) / 1000,
    compression: numerator / denominator,
  };
}

function controlled(
  frames: number,
  frameRate: Rational,
  { trimSeconds, compression }: Limits,
): ControlledDuration {
  const rate = rationalToNumber(frameRate);
  // A hair more, because a whole second of a rate that is none may be rounded up.
  const seconds = Math.floor((frames + 0.5) / rate);
  const target = Math.round(seconds * rate);
  const overrun = frames - target;
  if (target > 0 && overrun / rate <= trimSeconds) return filled(target, 0);
  if (target > 0 && overrun / target <= compression) return compressed(frames, target, frameRate);
  const next = Math.round((seconds + 1) * rate);
  return filled(next, next - frames);
}

/** Pictures that come faster than the output shows them are left out evenly. */
function compressed(frames: number, target: number, frameRate: Rational): ControlledDuration {
  const expr = `PTS*${target}/${frames}`;
  return {
    frames: target,
    speed: rational(frames, target),
    steps: [{ name: 'setpts', options: { expr } }, constantRateStep(frameRate), lastRepeated(0)],
  };
}

/** The last picture stays for `missing` more. */
function filled(target: number, missing: number): ControlledDuration {
  return { frames: target, speed: null, steps: [lastRepeated(missing)] };
}

/** Inputs may have a picture fewer than they say: what is too much is cut off. */
const spareFrames = 2;

function lastRepeated(frames: number): FilterStep {
  return { name: 'tpad', options: { stop_mode: 'clone', stop: `${frames + spareFrames}` } };
}
