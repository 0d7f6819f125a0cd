/**
 * Job progress from engine progress: 5 % probing + 85 % transcoding + 10 % uploading (spec events.md 4).
 * The percentage of a job never decreases within an attempt, whatever the engine reports.
 */
import type { EngineProgress } from '../engine/protocol.ts';
import type { JobPhase, JobProgress } from './observer.ts';

const phaseWeights: Readonly<Record<JobPhase, number>> = { PROBING: 5, TRANSCODING: 85, UPLOADING: 10 };
const phases: readonly JobPhase[] = ['PROBING', 'TRANSCODING', 'UPLOADING'];

/** Follows one attempt. */
export interface ProgressTracker {
  /** Enters a phase: the phases before it are complete. */
  enter(phase: JobPhase): JobProgress;
  /** Takes a report of the engine. */
  take(report: EngineProgress): JobProgress;
  current(): JobProgress;
}

/** Starts in PROBING at 0 %. `now` is a clock in milliseconds. */
export function trackProgress(now: () => number = Date.now): ProgressTracker {
  const percents: Record<JobPhase, number | null> = { PROBING: 0, TRANSCODING: null, UPLOADING: null };
  let phase: JobPhase = 'PROBING';
  let jobPercent = 0;
  let report: EngineProgress | null = null;
  let transcodingSinceMs: number | null = null;

  function snapshot(): JobProgress {
    const reached = phases.reduce((sum, each) => sum + (phaseWeights[each] * (percents[each] ?? 0)) / 100, 0);
    jobPercent = Math.max(jobPercent, Math.min(100, Math.floor(reached)));
    const elapsedMs = transcodingSinceMs === null ? 0 : now() - transcodingSinceMs;
    const measured = report !== null && elapsedMs > 0 && phase === 'TRANSCODING' ? report : null;
    const percent = percents.TRANSCODING;
    return {
      phase,
      phasePercent: { ...percents },
      jobPercent,
      framesDecoded: report?.framesDecoded ?? 0,
      inputBytesRead: report?.bytesRead ?? 0,
      framesPerSecond: measured === null ? null : (measured.framesDecoded * 1000) / elapsedMs,
      speed: measured === null ? null : measured.outputTimeUs / 1000 / elapsedMs,
      etaMs: measured === null || !percent ? null : (elapsedMs * (100 - percent)) / percent,
    };
  }

  return {
    enter(next) {
      for (const earlier of phases.slice(0, phases.indexOf(next))) percents[earlier] = 100;
      percents[next] ??= next === 'UPLOADING' ? null : 0;
      if (next === 'TRANSCODING') transcodingSinceMs ??= now();
      phase = next;
      return snapshot();
    },
    take(next) {
      report = next;
      if (next.percent !== null)
        percents[next.phase] = Math.max(percents[next.phase] ?? 0, Math.floor(next.percent));
      return snapshot();
    },
    current: snapshot,
  };
}
