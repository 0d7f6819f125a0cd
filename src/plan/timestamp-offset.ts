/** The timestamp of the first picture of a transport stream (spec containers.md 10: `ptsOffsetMode`, `ptsOffset`). */
import type { M2tsSettings } from '../contract/types.generated.ts';
import type { SettingsReader } from './settings-reader.ts';

/** With AUTO, and where a mode has no offset beside it: room for what is sent before its time. */
const automaticOffsetMs = 2000;

/** Reads the offset in milliseconds. */
export function readTimestampOffset(
  settings: SettingsReader<Pick<M2tsSettings, 'ptsOffset' | 'ptsOffsetMode'>>,
): number {
  const mode = settings.read('ptsOffsetMode') ?? 'AUTO';
  if (mode === 'AUTO') {
    settings.withoutEffect('ptsOffset', 'ptsOffsetMode is AUTO');
    return automaticOffsetMs;
  }
  const offset = settings.read('ptsOffset');
  if (offset === undefined) return automaticOffsetMs;
  return mode === 'SECONDS' ? offset * 1000 : offset;
}
