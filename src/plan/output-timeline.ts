/**
 * The output timeline (spec timecode-and-clipping.md 5, 6): the timecode of the first output frame, as wall clock for
 * program date-time and as text for timecode tracks.
 */

import type { TimecodeConfig } from '../contract/types.generated.ts';
import { equalRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import { formatTimecode, frameNumberOf, parseTimecode, type Timecode } from '../timecode.ts';
import type { FindingLog } from './finding-log.ts';
import type { ReadInput } from './read-input.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Where the output timeline begins. */
export interface OutputTimeline {
  /** Output time 0 as an instant, epoch milliseconds: the time of day on `timestampOffset`, else on the job's day. */
  readonly startMs: number;
  /**
   * The first frame's timecode at a rate; drop-frame (`;`) when asked for and the rate has it. A finding, when the job
   * gives one that does not exist at the rate.
   */
  startTimecode(frameRate: Rational, wantsDropFrame: boolean): string;
}

const dayMs = 86_400_000;

/** Drop-frame counting belongs to 29.97 (spec video.md 1, `dropFrameTimecode`). */
const dropFrameRate = rational(30000, 1001);

const midnight: Timecode = { hours: 0, minutes: 0, seconds: 0, frames: 0, isDropFrame: false, rate: null };

/** Reads the timeline. Without `isUsed` nothing shows it, and its settings are without effect. */
export function readOutputTimeline(
  timeline: SettingsReader<TimecodeConfig>,
  first: ReadInput,
  sourceRate: Rational | null,
  jobStartMs: number,
  isUsed: boolean,
  findings: FindingLog,
): OutputTimeline {
  const start = isUsed ? readStart(timeline, first, sourceRate) : declareUnused(timeline);
  const anchor = isUsed ? parseTimecode(timeline.read('anchor') ?? '') : null;
  const isGiven = isUsed && timeline.read('source') === 'SPECIFIEDSTART';
  const date = timeline.read('timestampOffset');
  const day = date === undefined ? Math.floor(jobStartMs / dayMs) * dayMs : Date.parse(`${date}T00:00:00Z`);
  const rateOfStart = sourceRate ?? rational(25);
  const count: FrameCounter = (member, timecode, rate, isDropFrame) =>
    numberIn(timecode, rate, isDropFrame, timeline.at(member), findings);
  const fractionMs = (start.frames * 1000) / rationalToNumber(rateHolding(start.frames, rateOfStart));
  return {
    startMs:
      day + Math.round((start.hours * 60 + start.minutes) * 60_000 + start.seconds * 1000 + fractionMs),
    startTimecode(frameRate, wantsDropFrame) {
      const isDropFrame = wantsDropFrame && equalRational(frameRate, dropFrameRate);
      if (anchor !== null && !equalRational(frameRate, rateOfStart)) {
        return anchoredStart(start, anchor, rateOfStart, { frameRate, isDropFrame }, count);
      }
      // The job names the first frame of the output; what an input carries is counted as the input counts.
      const frames = isGiven
        ? start.frames
        : Math.floor((fractionMs / 1000) * rationalToNumber(frameRate) + 1e-6);
      const number = isGiven
        ? count('start', start, frameRate, isDropFrame)
        : numberAt({ ...start, frames }, frameRate, isDropFrame);
      return formatTimecode(number, frameRate, isDropFrame);
    },
  };
}

/** The number of a timecode that the job gives in a member, at a rate; tells of one that the rate does not have. */
type FrameCounter = (
  member: 'start' | 'anchor',
  timecode: Timecode,
  rate: Rational,
  isDropFrame: boolean,
) => number;

function numberIn(
  timecode: Timecode,
  rate: Rational,
  isDropFrame: boolean,
  pointer: string,
  findings: FindingLog,
): number {
  const { num, den } = rate;
  const number = numberAt(timecode, rate, isDropFrame);
  if (timecode.frames >= Math.round(rationalToNumber(rate))) {
    findings.incompatible(
      pointer,
      `at ${num}/${den} frames a second no second has a frame ${timecode.frames}`,
    );
  } else if (frameNumberOf(timecode, rate, isDropFrame) === null) {
    const taken = formatTimecode(number, rate, isDropFrame);
    findings.notice(
      'substituted',
      pointer,
      `drop-frame counting leaves this timecode out: ${taken} stands for it`,
    );
  }
  return number;
}

/** The rate itself, or the lowest of its doubles with a frame of that number: 45 is a frame of 50 in a job of 25. */
function rateHolding(frames: number, rate: Rational): Rational {
  return frames < Math.round(rationalToNumber(rate))
    ? rate
    : rateHolding(frames, rational(rate.num * 2, rate.den));
}

/** EMBEDDED without an embedded timecode starts at 0 (specification README). */
function readStart(
  timeline: SettingsReader<TimecodeConfig>,
  first: ReadInput,
  sourceRate: Rational | null,
): Timecode {
  const source = timeline.read('source') ?? 'EMBEDDED';
  if (source === 'SPECIFIEDSTART') return parseTimecode(timeline.require('start') ?? '') ?? midnight;
  timeline.withoutEffect('start', 'source is not SPECIFIEDSTART');
  const embedded = source === 'EMBEDDED' ? parseTimecode(first.facts.startTimecode ?? '') : null;
  if (embedded === null) return midnight;
  const skipped = first.timeline.clips?.[0];
  if (skipped === undefined || sourceRate === null) return embedded;
  // The first frame that enters the output is the clip's.
  const { frameRate, firstFrame } = skipped;
  const number = numberAt(embedded, frameRate, embedded.isDropFrame) + firstFrame;
  return parseTimecode(formatTimecode(number, frameRate, embedded.isDropFrame)) ?? embedded;
}

/** The anchor frame keeps its timecode whatever the rate becomes (spec 5): output numbers count from there. */
function anchoredStart(
  start: Timecode,
  anchor: Timecode,
  sourceRate: Rational,
  { frameRate, isDropFrame }: { readonly frameRate: Rational; readonly isDropFrame: boolean },
  count: FrameCounter,
): string {
  const isSourceDropFrame = start.isDropFrame || anchor.isDropFrame;
  const framesToAnchor =
    count('anchor', anchor, sourceRate, isSourceDropFrame) -
    count('start', start, sourceRate, isSourceDropFrame);
  const outputFrames = Math.round(
    (framesToAnchor / rationalToNumber(sourceRate)) * rationalToNumber(frameRate),
  );
  const number = count('anchor', anchor, frameRate, isDropFrame) - outputFrames;
  return formatTimecode(number, frameRate, isDropFrame);
}

/** Codes that a counting skips stand for the first that exists after them. */
function numberAt(timecode: Timecode, rate: Rational, isDropFrame: boolean): number {
  for (let frames = timecode.frames; frames < timecode.frames + 4; frames += 1) {
    const number = frameNumberOf({ ...timecode, frames }, rate, isDropFrame);
    if (number !== null) return number;
  }
  return frameNumberOf({ ...timecode, frames: 0 }, rate, false) ?? 0;
}

function declareUnused(timeline: SettingsReader<TimecodeConfig>): Timecode {
  const reason = 'no output carries a timecode or program date-time';
  timeline.withoutEffect('source', reason, ['EMBEDDED', 'ZEROBASED', 'SPECIFIEDSTART']);
  timeline.withoutEffect('start', reason);
  timeline.withoutEffect('anchor', reason);
  timeline.withoutEffect('timestampOffset', reason);
  return midnight;
}
