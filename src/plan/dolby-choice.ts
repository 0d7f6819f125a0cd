/** Between the job and a Dolby source: which of the two says what is written. */
import type { Ac3Settings, Eac3Settings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Settings of either codec; those of E-AC-3 alone are read for E-AC-3 alone. */
export type DolbySettings = SettingsReader<Ac3Settings> | SettingsReader<Eac3Settings>;

/** What is encoded. */
export interface DolbyOutput {
  readonly codec: 'AC3' | 'EAC3';
  /** 1, 2, 5 (3/2) or 6 (3/2 and low frequencies). */
  readonly channels: number;
}

/** Options of the encoder by name. */
export type EncoderOptions = Readonly<Record<string, string>>;

/** A value of the job, and the source's in its place; both are codes of the bit stream. */
interface Choice {
  readonly key: keyof Ac3Settings | keyof Eac3Settings;
  readonly configured: number | undefined;
  readonly followed: number | undefined;
}

/** The code to write, with a notice where the source takes the place of the job. */
export type Choose = (choice: Choice) => number | undefined;

/** Who wins, by `metadataControl`. */
export function chooser(settings: DolbySettings, findings: FindingLog): Choose {
  const reader = settings as SettingsReader<Eac3Settings>;
  const sourceWins = reader.read('metadataControl') === 'FOLLOW_INPUT';
  return ({ key, configured, followed }) => {
    if (!sourceWins) return configured ?? followed;
    if (configured !== undefined && followed !== undefined && configured !== followed) {
      const message = 'metadataControl is FOLLOW_INPUT, and what the source says of it is written';
      findings.notice('substituted', reader.at(key as keyof Eac3Settings), message);
    }
    return followed ?? configured;
  };
}
