/** Which timecode of an input counts as embedded: what container or stream says, or a camera's user data (spec timecode-and-clipping.md 3). */
import type { VideoSelector } from '../contract/types.generated.ts';
import type { InputFacts, VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/**
 * The facts with the timecode that the job wants to start from. With USE_MDPM that is the one the camera wrote into
 * the selected track; a track without one is 1022.
 */
export function withChosenTimecode(
  selector: SettingsReader<VideoSelector>,
  facts: InputFacts,
  track: VideoTrackFacts | null,
  findings: FindingLog,
): InputFacts {
  if (selector.read('embeddedTimecodeOverride') !== 'USE_MDPM') return facts;
  const startTimecode = track?.mdpmTimecode ?? null;
  if (startTimecode !== null) return { ...facts, startTimecode };
  const mediaFact =
    facts.startTimecode === null
      ? 'The input has no embedded timecode of any kind.'
      : `The only embedded timecode of the input is ${facts.startTimecode}, which is not MDPM.`;
  findings.jobError(1022, 'no-mdpm', {}, selector.at('embeddedTimecodeOverride'), { mediaFact });
  return facts;
}
