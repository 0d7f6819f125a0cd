/**
 * The output timeline (spec timecode-and-clipping.md 5, 6): the timecode of the first output frame, as wall clock for
 * program date-time and as text for timecode tracks.
 */

import type { TimecodeConfig } from '../contract/types.generated.ts';
import { equalRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { InputFacts } from './facts.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Where the output timeline begins. */
export interface OutputTimeline {
  /** Output time 0 as an instant, epoch milliseconds: the time of day on `timestampOffset`, else on the job's day. */
  readonly startMs: number;
  /** The first frame's timecode at a rate; drop-frame (`;`) when asked for and the rate has it. */
  startTimecode(frameRate: Rational, wantsDropFrame: boolean): string;
}

const timecodePattern = /^(\d\d):(\d\d):(\d\d)[:;](\d\d)/;

const dayMs = 86_400_000;

/** Drop-frame counting belongs to 29.97 (spec video.md 1, `dropFrameTimecode`). */
const dropFrameRate = rational(30000, 1001);

/** Reads the timeline. Without `isUsed` nothing shows it, and its settings are without effect. */
export function readOutputTimeline(
  timeline: SettingsReader<TimecodeConfig>,
  facts: InputFacts,
  sourceRate: Rational | null,
  jobStartMs: number,
  isUsed: boolean,
): OutputTimeline {
  timeline.withoutEffect(
    'anchor',
    'the timecode of the first frame is kept, and frame rate conversion does not move it',
  );
  const timecode = isUsed ? readStart(timeline, facts) : declareUnused(timeline);
  const date = timeline.read('timestampOffset');
  const day = date === undefined ? Math.floor(jobStartMs / dayMs) * dayMs : Date.parse(`${date}T00:00:00Z`);
  const [hours = 0, minutes = 0, seconds = 0, frames = 0] =
    timecodePattern
      .exec(timecode ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  const fractionMs = sourceRate === null ? 0 : (frames * 1000) / rationalToNumber(sourceRate);
  return {
    startMs: day + Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000 + fractionMs),
    startTimecode(frameRate, wantsDropFrame) {
      const isDropFrame = wantsDropFrame && equalRational(frameRate, dropFrameRate);
      const rescaled = Math.floor((fractionMs / 1000) * rationalToNumber(frameRate) + 1e-6);
      // Drop-frame counting skips the first two numbers of most minutes.
      const isSkipped = isDropFrame && seconds === 0 && minutes % 10 !== 0 && rescaled < 2;
      const [hh, mm, ss, ff] = [hours, minutes, seconds, isSkipped ? 2 : rescaled].map((part) =>
        `${part}`.padStart(2, '0'),
      );
      return `${hh}:${mm}:${ss}${isDropFrame ? ';' : ':'}${ff}`;
    },
  };
}

/** EMBEDDED without an embedded timecode starts at 0 (specification README). */
function readStart(timeline: SettingsReader<TimecodeConfig>, facts: InputFacts): string | null {
  const source = timeline.read('source') ?? 'EMBEDDED';
  if (source === 'SPECIFIEDSTART') return timeline.require('start');
  timeline.withoutEffect('start', 'source is not SPECIFIEDSTART');
  return source === 'EMBEDDED' ? facts.startTimecode : null;
}

function declareUnused(timeline: SettingsReader<TimecodeConfig>): null {
  const reason = 'no output carries a timecode or program date-time';
  timeline.withoutEffect('source', reason, ['EMBEDDED', 'ZEROBASED', 'SPECIFIEDSTART']);
  timeline.withoutEffect('start', reason);
  timeline.withoutEffect('timestampOffset', reason);
  return null;
}
