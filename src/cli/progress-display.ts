/**
 * Progress of a job for people: one rewritten line on a terminal, a plain line now and then elsewhere.
 * Written to standard error, so that standard output carries only results.
 */
import type { JobPhase, JobProgress } from '../worker/observer.ts';

const barCells = 24;
const redrawMs = 100;
/** Without a terminal: a line at each phase change and each further ten percent. */
const plainStepPercent = 10;

/** Shows the progress of one job. */
export interface ProgressDisplay {
  show(progress: JobProgress): void;
  /** Leaves the last state on the screen and moves to a new line. */
  end(): void;
}

/** `silent` shows nothing (`--json`). `now` is a clock in milliseconds. */
export function createProgressDisplay(
  stream: NodeJS.WriteStream,
  options: { silent?: boolean; now?: () => number } = {},
): ProgressDisplay {
  if (options.silent) return { show: () => {}, end: () => {} };
  return stream.isTTY ? terminalDisplay(stream, options.now ?? Date.now) : plainDisplay(stream);
}

function terminalDisplay(stream: NodeJS.WriteStream, now: () => number): ProgressDisplay {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let phase: JobPhase | null = null;
  let latest: JobProgress | null = null;
  const draw = (progress: JobProgress): void => {
    const line = `${progress.phase.toLowerCase().padEnd(11)} ${bar(progress.jobPercent)} ${describe(progress)}`;
    stream.write(`\r\x1b[2K${line.slice(0, Math.max(20, (stream.columns ?? 100) - 1))}`);
  };
  return {
    show(progress) {
      latest = progress;
      if (progress.phase === phase && now() - drawnAtMs < redrawMs) return;
      phase = progress.phase;
      drawnAtMs = now();
      draw(progress);
    },
    end() {
      if (latest === null) return;
      draw(latest);
      stream.write('\n');
      latest = null;
    },
  };
}

function plainDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let shown = '';
  return {
    show(progress) {
      const step = `${progress.phase} ${Math.floor(progress.jobPercent / plainStepPercent)}`;
      if (step === shown) return;
      shown = step;
      stream.write(`${progress.phase.toLowerCase()} ${describe(progress)}\n`);
    },
    end() {},
  };
}

function bar(percent: number): string {
  const filled = Math.round((percent / 100) * barCells);
  return `[${'█'.repeat(filled)}${'·'.repeat(barCells - filled)}]`;
}

function describe(progress: JobProgress): string {
  const parts = [`${String(progress.jobPercent).padStart(3)} %`];
  if (progress.framesPerSecond !== null) parts.push(`${progress.framesPerSecond.toFixed(1)} fps`);
  if (progress.speed !== null) parts.push(`${progress.speed.toFixed(2)}x`);
  if (progress.etaMs !== null && progress.phase === 'TRANSCODING')
    parts.push(`ETA ${formatDuration(progress.etaMs)}`);
  return parts.join('  ');
}

/** `75 000` ms → `1:15`, with hours when there are any. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
