/** Measured bit rates of written segments, for BANDWIDTH and AVERAGE-BANDWIDTH (spec packaging.md 4.2). */
import type { Bandwidth } from './multivariant-playlist.ts';

/** What is measured of a segment or key frame. */
export interface MeasuredSpan {
  readonly sizeBytes: number;
  readonly durationUs: number;
}

/**
 * Peak: the highest rate of any run of neighbours that lasts 0.5 to 1.5 target durations (RFC 8216 4.1), so that a
 * short last segment does not count alone. Average: all bits over all time. Whole bit/s, rounded up: a player must
 * never need more than was promised.
 */
export function measureBandwidth(spans: readonly MeasuredSpan[], targetDurationSeconds: number): Bandwidth {
  const averageBps = rateBps(spans);
  let peakBps = 0;
  for (let first = 0; first < spans.length; first += 1) {
    let bytes = 0;
    let us = 0;
    for (let last = first; last < spans.length; last += 1) {
      const span = spans[last];
      if (span === undefined) break;
      bytes += span.sizeBytes;
      us += span.durationUs;
      if (us > targetDurationSeconds * 1.5e6) break;
      if (us >= targetDurationSeconds * 0.5e6)
        peakBps = Math.max(peakBps, rateBps([{ sizeBytes: bytes, durationUs: us }]));
    }
  }
  return { peakBps: Math.max(peakBps, averageBps), averageBps };
}

/** Bits per second over all spans; 0 when they last no time. */
function rateBps(spans: readonly MeasuredSpan[]): number {
  const bytes = spans.reduce((sum, span) => sum + span.sizeBytes, 0);
  const us = spans.reduce((sum, span) => sum + span.durationUs, 0);
  return us === 0 ? 0 : Math.ceil((bytes * 8e6) / us);
}
