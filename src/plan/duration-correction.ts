/** `audioDurationCorrection`: how sound is fitted to its table of sample times (spec inputs.md 18, audio.md 8). */
import type { AudioSelector } from '../contract/types.generated.ts';
import type { AudioTrackFacts, InputFacts, SampleTimes } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { PlannedAudioSource } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

type Correction = Pick<PlannedAudioSource, 'correction'>;

/** Lengths that differ by less are the last sample's matter (two frames of AAC at 48 kHz). */
const toleranceSeconds = 0.043;

/** No sound is farther from its table: the table is wrong. */
const plausibleTempo = { least: 0.7, most: 1.4 };

/**
 * Reads the setting. AUTO chooses between TRACK and FRAME by whether all samples take the same time; FORCE does so
 * without asking whether the table holds together. Warning 230002 where nothing can be corrected.
 */
export function readDurationCorrection<T extends Pick<AudioSelector, 'audioDurationCorrection'>>(
  selector: SettingsReader<T>,
  tracks: readonly AudioTrackFacts[],
  facts: InputFacts,
  findings: FindingLog,
): Correction {
  const own = selector as unknown as SettingsReader<Pick<AudioSelector, 'audioDurationCorrection'>>;
  const value = own.read('audioDurationCorrection') ?? 'DISABLED';
  if (value === 'DISABLED') return {};
  const mediaFact = whyUncorrectable(tracks, facts, value === 'FORCE');
  if (mediaFact !== null) {
    findings.warning(230002, own.at('audioDurationCorrection'), { mediaFact });
    return {};
  }
  const times = tracks[0]?.sampleTimes;
  if (times === undefined || isAligned(times)) {
    findings.notice(
      'no-effect',
      own.at('audioDurationCorrection'),
      'the sound fits its table of sample times',
    );
    return {};
  }
  const isByTrack = value === 'TRACK' || (value !== 'FRAME' && times.isEven);
  return { correction: { kind: isByTrack ? 'track' : 'frame', tempo: tempoOf(times) } };
}

/** AAC in MP4 or MOV with a table of sample times that holds together can be corrected. */
function whyUncorrectable(
  tracks: readonly AudioTrackFacts[],
  facts: InputFacts,
  isForced: boolean,
): string | null {
  if (facts.container !== 'mp4' && facts.container !== 'quicktime')
    return `The container is ${facts.container}, which has no table of sample times.`;
  const other = tracks.find(({ codec }) => codec !== 'aac');
  if (other !== undefined) return `The sound is ${other.codec}, not AAC.`;
  const broken = isForced ? undefined : tracks.find((track) => track.sampleTimesFault !== undefined);
  if (broken !== undefined)
    return `The table of sample times of track ${broken.trackId} is wrong: ${broken.sampleTimesFault}.`;
  const times = tracks[0]?.sampleTimes;
  const tempo = times === undefined ? 1 : tempoOf(times);
  if (tempo >= plausibleTempo.least && tempo <= plausibleTempo.most) return null;
  return `By its table the sound lasts ${times?.tableSeconds} s, by its samples ${times?.soundSeconds} s.`;
}

function isAligned({ tableSeconds, soundSeconds, isEven }: SampleTimes): boolean {
  return isEven && Math.abs(tableSeconds - soundSeconds) <= toleranceSeconds;
}

/** Above 1 the sound goes faster than it was recorded. */
function tempoOf({ tableSeconds, soundSeconds }: SampleTimes): number {
  return tableSeconds === 0 ? Number.POSITIVE_INFINITY : soundSeconds / tableSeconds;
}
