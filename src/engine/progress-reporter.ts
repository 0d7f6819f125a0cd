/** Turns counters into progress messages: at most four a second, one at each change of phase, one at the first picture. */
import type { JobPlan } from '../plan/plan.ts';
import type { EngineObjects } from './objects.ts';
import type { EngineProgress } from './protocol.ts';
import type { RunCounters } from './run-counters.ts';

const smallestIntervalMs = 250;

/** Where the run is, told to whoever started it. */
export interface ProgressReporter {
  enter(phase: EngineProgress['phase']): void;
  /** Outputs finished, of all; percent of the UPLOADING phase. */
  finished(outputs: number, of: number): void;
  /** Which pass of how many the encoders are in; percent spans all of them. */
  enterPass(index: number, count: number): void;
  setBytesRead(read: () => number): void;
  stop(): void;
}

/** Starts reporting to `onProgress`. */
export function startProgress(
  plan: JobPlan,
  counters: RunCounters,
  objects: EngineObjects,
  onProgress: (progress: EngineProgress) => void,
): ProgressReporter {
  const totalUs = plan.inputs.reduce((sum, { durationUs }) => sum + (durationUs ?? 0), 0);
  const renditionIds = [...plan.videoRenditions, ...plan.audioRenditions].map(({ id }) => id);
  let phase: EngineProgress['phase'] = 'TRANSCODING';
  let passIndex = 0;
  let passCount = 1;
  let published = 0;
  let bytesRead = (): number => 0;

  const report = (): void => {
    const outputTimeUs = Math.max(0, Math.min(...renditionIds.map((id) => counters.reachedUs.get(id) ?? 0)));
    const ofPass = Math.min(1, outputTimeUs / totalUs);
    onProgress({
      phase,
      framesDecoded: counters.framesDecoded,
      outputTimeUs,
      percent:
        phase === 'UPLOADING'
          ? Math.floor(100 * published)
          : totalUs === 0
            ? null
            : Math.floor((100 * (passIndex + ofPass)) / passCount),
      bytesRead: bytesRead(),
      bytesWritten: objects.bytesWritten,
    });
  };
  counters.onFirstFrame = report;
  const timer = setInterval(report, smallestIntervalMs);
  timer.unref();
  return {
    enter(next) {
      phase = next;
      report();
    },
    finished(outputs, of) {
      published = outputs / of;
      report();
    },
    enterPass(index, count) {
      passIndex = index;
      passCount = count;
      counters.reachedUs.clear();
    },
    setBytesRead(read) {
      bytesRead = read;
    },
    stop: () => clearInterval(timer),
  };
}
