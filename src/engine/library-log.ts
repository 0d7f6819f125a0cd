/**
 * Lines the media libraries log, kept per component for the detail of faults (design section 5). They are shown to
 * people and never parsed for a decision.
 */
import { AV_LOG_ERROR, AV_LOG_WARNING } from 'node-av/constants';
import { Log } from 'node-av/lib';

const keptLines = 40;
const kept: { readonly component: string; readonly line: string }[] = [];

/** Starts keeping warnings and errors of the libraries of this process. */
export function captureLibraryLog(): void {
  // SVT-AV1 writes its banner to the error output itself; 1 leaves errors alone.
  process.env['SVT_LOG'] = '1';
  Log.setLevel(AV_LOG_WARNING);
  Log.setCallback(
    (_level, message) => {
      const line = message.trimEnd();
      if (line === '') return;
      // Lines begin with the component that wrote them: `[h264 @ 0x55d0] …`.
      const component = /^\[([^\]@ ]+)/.exec(line)?.[1] ?? '';
      kept.push({ component, line });
      if (kept.length > keptLines) kept.shift();
    },
    { maxLevel: AV_LOG_WARNING },
  );
}

/** The last lines, newest last; only those of components named in `components` when any of them wrote. */
export function recentLibraryLog(...components: readonly string[]): string {
  const own = kept.filter(({ component }) => components.includes(component));
  return (own.length > 0 ? own : kept)
    .slice(-12)
    .map(({ line }) => line)
    .join('\n');
}

/** Forgets the lines; called between tasks of a child. */
export function clearLibraryLog(): void {
  kept.length = 0;
}

/** Silences the libraries on the error output without keeping lines, for tools that report by themselves. */
export function quietLibraryLog(): void {
  Log.setLevel(AV_LOG_ERROR);
  Log.setCallback(() => {}, { maxLevel: AV_LOG_ERROR });
}
