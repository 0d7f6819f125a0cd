/** `EXT-X-PROGRAM-DATE-TIME`: the output timeline as wall clock (spec packaging.md 4.3, timecode-and-clipping.md 5). */
import type { HlsGroupSettings } from '../contract/types.generated.ts';
import type { HlsOutputGroup } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';

type ProgramDateTime = Pick<HlsOutputGroup, 'programDateTimePeriodSeconds' | 'programDateTimeStartMs'>;

/** Spacing of the tag where the job gives none. */
const defaultPeriodSeconds = 600;

/** Reads whether and how often the tag is written, and from which instant it counts. */
export function readProgramDateTime(
  settings: SettingsReader<HlsGroupSettings>,
  scope: JobScope,
): ProgramDateTime {
  if (settings.read('programDateTime') !== 'INCLUDE') {
    settings.withoutEffect('programDateTimePeriod', 'programDateTime is EXCLUDE', [defaultPeriodSeconds]);
    return { programDateTimePeriodSeconds: null, programDateTimeStartMs: null };
  }
  return {
    programDateTimePeriodSeconds: settings.read('programDateTimePeriod') ?? defaultPeriodSeconds,
    programDateTimeStartMs: scope.timeline.startMs,
  };
}
