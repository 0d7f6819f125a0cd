/** The timestamp of the first picture of a transport stream (spec containers.md 10: `ptsOffsetMode`, `ptsOffset`). */
import type { M2tsSettings } from '../contract/types.generated.ts';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** With AUTO, and where a mode has no offset beside it: room for what is sent before its time. */
const automaticOffsetMs = 2000;
/**
 * The least offset at which nothing lies before 0: pictures leave 700 ms before they are decoded, and are decoded before
 * they are shown; encoded sound begins before its first sample. One for all outputs, because playlists play them together.
 */
const leastOffsetMs = 1000;
/** What is sent before it is decoded, and how many pictures may be decoded before the first is shown. */
const clockLeadMs = 700;
const mostDelayedPictures = 3;

/** What of a file may lie before its first picture. */
export interface EarlyTracks {
  /** Null without video. */
  readonly frameRate: Rational | null;
  /** `audioPtsOffsetDelta`. */
  readonly audioOffsetMs: number;
}

/**
 * Reads the offset in milliseconds, at least 1000: clocks and timestamps before 0 would be written as 26 hours. A smaller
 * one is raised, with a notice. `early`: tracks that no other output must keep step with.
 */
export function readTimestampOffset(
  settings: SettingsReader<Pick<M2tsSettings, 'ptsOffset' | 'ptsOffsetMode'>>,
  findings: FindingLog,
  early: EarlyTracks = { frameRate: null, audioOffsetMs: 0 },
): number {
  const least = leastOf(early);
  const mode = settings.read('ptsOffsetMode') ?? 'AUTO';
  if (mode === 'AUTO') {
    settings.withoutEffect('ptsOffset', 'ptsOffsetMode is AUTO');
    return Math.max(automaticOffsetMs, least);
  }
  const offset = settings.read('ptsOffset');
  if (offset === undefined) return Math.max(automaticOffsetMs, least);
  const offsetMs = mode === 'SECONDS' ? offset * 1000 : offset;
  if (offsetMs >= least) return offsetMs;
  findings.notice(
    'substituted',
    settings.at('ptsOffset'),
    `the first picture has the timestamp ${least} ms, not ${offsetMs} ms: the clock and what is decoded before ` +
      'it is shown would lie before 0, where a transport stream has no times',
    { expected: `at least ${least} ms` },
  );
  return least;
}

function leastOf({ frameRate, audioOffsetMs }: EarlyTracks): number {
  const delayMs = frameRate === null ? 0 : (mostDelayedPictures * 1000) / rationalToNumber(frameRate);
  return Math.ceil(Math.max(leastOffsetMs, clockLeadMs + delayMs) + Math.max(0, -audioOffsetMs));
}
