/** One output of a CMAF, DASH or Smooth group: its tracks, names and sample entry (spec packaging.md 5, naming.md 6). */
import type { Output } from '../contract/types.generated.ts';
import type { Rational } from '../exact-time.ts';
import { type FragmentNames, fragmentNames } from './fragment-names.ts';
import type { SegmentRule } from './gop.ts';
import type { FragmentedOutput } from './group-plan.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import { matchesVideo } from './led-outputs.ts';
import { resolveIdentifiers } from './naming.ts';
import { nameVariables, planOutputTracks } from './output-tracks.ts';
import { readPassedSegments } from './passed-segments.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EventsPlan, SpliceConditions } from './signal-plan.ts';
import { conditionOutput } from './splice-source.ts';
import type { VideoDraft } from './video-rendition.ts';

type FragmentedContainer = 'CMFC' | 'MPD' | 'ISMV';

/** What each container is to its group. */
const containers = {
  CMFC: { group: 'CMAF', brand: 'cmfc', extension: 'cmfv', audioExtension: 'cmfa' },
  MPD: { group: 'DASH', brand: 'iso6', extension: 'mp4', audioExtension: 'mp4' },
  ISMV: { group: 'Smooth', brand: 'piff', extension: 'ismv', audioExtension: 'isma' },
} as const;

/** What the outputs of a group take from it. */
export interface FragmentedRule {
  readonly container: FragmentedContainer;
  readonly base: string;
  readonly segment: SegmentRule;
  readonly isSingleFile: boolean;
  /** HLS playlists are written beside the media. */
  readonly writesPlaylists: boolean;
  readonly isEncrypted: boolean;
  /** Video of the group that sound alone may follow; absent: none. */
  readonly leadingVideoId?: string | null;
  /** Null: the group is not cut at splice points. */
  readonly splices: SpliceConditions | null;
}

/** How the output stands in playlists, which each container says in its own block. */
export type PlaylistRole = Pick<
  FragmentedOutput,
  'audioTrackType' | 'audioGroupId' | 'audioRenditionSets' | 'describesVideo'
> & { readonly hasIFrames: boolean; readonly events: EventsPlan | null };

/** An output with what its group must know of it. */
export interface PlannedFragmentedOutput {
  readonly output: FragmentedOutput;
  /** What the video's key frames allow; null for outputs without video. */
  readonly segmentSeconds: Rational | null;
  readonly video: VideoDraft | null;
}

/** Plans one output; null, with findings, when its container is wrong or it has no tracks. */
export function planFragmentedOutput(
  output: SettingsReader<Output>,
  outputIndex: number,
  rule: FragmentedRule,
  role: PlaylistRole,
  scope: JobScope,
): PlannedFragmentedOutput | null {
  output.withoutEffect('extension', 'streaming groups name their files themselves', [
    rule.container === 'MPD' ? 'mpd' : containers[rule.container].extension,
  ]);
  const { container, segment, leadingVideoId = null } = rule;
  const tracks = planOutputTracks(
    output,
    { container, segment, matchesVideo: matchesVideo(output), leadingVideoId },
    scope,
  );
  const isMade = output
    .child('containerSettings')
    .accept(
      'container',
      [rule.container],
      `${containers[rule.container].group} groups hold ${rule.container}`,
    );
  if (!isMade) {
    scope.refuseBelow(output.pointer);
    return null;
  }
  const isVideo = output.has('videoDescription');
  if (tracks.video === null && tracks.audio.length === 0) return null;
  checkTracks(output, tracks, rule, scope);
  if (rule.isEncrypted && isVideo) refuseUnprotected(output, tracks, scope);
  const { hasIFrames, events, ...member } = role;
  conditionOutput(tracks, rule.splices, scope);
  const names = planNames(output, tracks, isVideo, rule, scope);
  return {
    segmentSeconds: tracks.video?.gop?.segmentSeconds ?? null,
    video: tracks.video,
    output: {
      outputIndex,
      pointer: output.pointer,
      videoRenditionId: tracks.videoRenditionId,
      audioRenditionIds: tracks.audioRenditionIds,
      playlistLocation: rule.writesPlaylists ? `${names.stem}.m3u8` : null,
      iFramePlaylistLocation: hasIFrames && rule.writesPlaylists ? `${names.stem}_I-Frame.m3u8` : null,
      ...member,
      initLocation: names.initLocation,
      segmentLocation: names.segmentLocation,
      contentType: isVideo ? 'video/mp4' : 'audio/mp4',
      brand: containers[rule.container].brand,
      sampleEntry: readSampleEntry(output, tracks),
      ...readPassedSegments(output, tracks, scope),
      hasNameModifier: (output.read('nameModifier') ?? '') !== '',
      ...(events === null ? {} : { events }),
    },
  };
}

/** Codecs whose headers can be told from what is encrypted (spec drm.md 2). */
const protectedCodecs: ReadonlySet<string> = new Set(['H_264', 'H_265', 'AV1']);

function refuseUnprotected(
  output: SettingsReader<Output>,
  { video }: OutputTracks,
  { findings }: JobScope,
): void {
  const codec = video?.rendition.encoder.codec;
  if (codec === undefined || protectedCodecs.has(codec)) return;
  const pointer = output.child('videoDescription').child('codecSettings').at('codec');
  findings.notSupported(pointer, codec, 'only H_264, H_265 and AV1 pictures are encrypted');
}

/** CMAF files hold one track; a DASH file of sound alone is one representation, so it holds one too. */
function checkTracks(
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  { container }: FragmentedRule,
  { findings }: JobScope,
): void {
  const count = (tracks.video === null ? 0 : 1) + tracks.audio.length;
  if (count < 2 || (container !== 'CMFC' && tracks.video !== null)) return;
  findings.incompatible(
    output.at('audioDescriptions'),
    container === 'CMFC'
      ? 'CMAF files hold one track: give video and each sound an output of its own'
      : `a ${containers[container].group} output without video holds one sound: give each an output of its own`,
  );
}

/** DASH has identifiers of its own in names, and CMAF has them too (spec naming.md 6); Smooth names one file. */
function planNames(
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  isVideo: boolean,
  { container, base, isSingleFile }: FragmentedRule,
  scope: JobScope,
): FragmentNames {
  const { extension: videoExtension, audioExtension } = containers[container];
  const extension = isVideo ? videoExtension : audioExtension;
  const modifier = output.read('nameModifier') ?? '';
  const variables = nameVariables(tracks, container === 'MPD' ? 'mpd' : extension, scope);
  if (container !== 'ISMV') return fragmentNames(modifier, variables, { base, extension, isSingleFile });
  const stem = `${base}${resolveIdentifiers(modifier, 'nameModifier', variables)}`;
  return { stem, initLocation: null, segmentLocation: `${stem}.${extension}` };
}

/** Where parameter sets are kept; HEV1 and AVC1 by default (spec video.md 4, 6), and for video that passes through. */
function readSampleEntry(
  output: SettingsReader<Output>,
  { video }: OutputTracks,
): FragmentedOutput['sampleEntry'] {
  const codecs = output.child('videoDescription').child('codecSettings');
  switch (video?.rendition.encoder.codec) {
    case 'H_264':
      return codecs.child('h264Settings').read('writeMp4PackagingType') === 'AVC3' ? 'avc3' : 'avc1';
    case 'H_265':
      return codecs.child('h265Settings').read('writeMp4PackagingType') === 'HVC1' ? 'hvc1' : 'hev1';
    default:
      return null;
  }
}
