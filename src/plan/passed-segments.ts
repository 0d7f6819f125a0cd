/** Segments of video that passes through: they begin at key frames that the input has (spec video.md 15). */
import type { Output } from '../contract/types.generated.ts';
import type { PlaylistMember } from './group-plan.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';

/** A segment's length where the job asks for a count and gives none (inferred). */
const defaultGopCount = 1;

/** Reads how the output's segments are found; nothing for video that is encoded. */
export function readPassedSegments(
  output: SettingsReader<Output>,
  { video }: OutputTracks,
  { findings, followed }: JobScope,
): Pick<PlaylistMember, 'passedVideo'> {
  if (video?.rendition.encoder.encoder !== 'copy') return {};
  const settings = output.child('videoDescription').child('codecSettings').child('passthroughSettings');
  const mode = settings.read('segmentationMode') ?? 'AUTO';
  if (mode === 'GOP_COUNT')
    return { passedVideo: { gopsPerSegment: settings.read('gopsPerSegment') ?? defaultGopCount } };
  settings.withoutEffect('gopsPerSegment', `segmentationMode is ${mode}`);
  if (mode === 'AUTO' && followed.facts.container === 'hls')
    findings.notice(
      'substituted',
      settings.at('segmentationMode'),
      'segments are cut by duration: those of the input are not followed',
    );
  return { passedVideo: { gopsPerSegment: null } };
}
