/** The dialogue level of an AC-3 or E-AC-3 output: the job's, the source's, or that of corrected sound. */
import type { Ac3Settings, Eac3Settings } from '../contract/types.generated.ts';
import type { AudioCodecPlace } from './audio-encode.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What is written where nothing is known (spec audio.md 3.2). */
const defaultDialnorm = 31;

/**
 * `dialnorm`, 1–31. Without a setting the source's passes (spec audio.md 3.2, 3.3), whatever `metadataControl` says; but it
 * was told of sound that a correction of loudness makes louder or quieter, so there the corrected loudness is written.
 */
export function dialnormOf(
  settings: SettingsReader<Ac3Settings> | SettingsReader<Eac3Settings>,
  { sourceDolby, correctedToLkfs }: AudioCodecPlace,
  findings: FindingLog,
): number {
  const reader = settings as SettingsReader<Ac3Settings>;
  const configured = reader.read('dialnorm');
  if (configured !== undefined) return configured;
  if (sourceDolby === null) return defaultDialnorm;
  if (correctedToLkfs === null) return sourceDolby.dialnorm;
  const corrected = Math.min(31, Math.max(1, Math.round(-correctedToLkfs)));
  const message = `loudness is corrected to ${correctedToLkfs} LKFS, so the source's dialnorm of ${sourceDolby.dialnorm} no longer holds: ${corrected} is written`;
  findings.notice('substituted', reader.at('dialnorm'), message);
  return corrected;
}
