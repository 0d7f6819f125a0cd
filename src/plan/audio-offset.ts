/** When selected sound is heard (spec inputs.md 18). */
import type { AudioSelector, DynamicAudioSelector } from '../contract/types.generated.ts';
import type { InputFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Milliseconds by which sound is heard later. Finding 1040 where it would begin behind the end of its input. */
export function readOffset(
  selector: SettingsReader<AudioSelector> | SettingsReader<DynamicAudioSelector>,
  { durationUs }: InputFacts,
  findings: FindingLog,
): number {
  const own = selector as SettingsReader<Pick<AudioSelector, 'offset'>>;
  const offsetMs = own.read('offset') ?? 0;
  if (durationUs !== null && durationUs > 0 && offsetMs * 1000 >= durationUs)
    findings.incompatible(own.at('offset'), 'the sound would begin behind the end of the input');
  return offsetMs;
}
