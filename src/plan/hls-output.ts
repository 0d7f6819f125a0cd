/** One output of an HLS group: its playlist, segments, transport stream and part in the master playlist. */

import type { ContainerSettings, HlsSettings, M3u8Settings, Output } from '../contract/types.generated.ts';
import type { Rational } from '../exact-time.ts';
import { templateText } from './fragment-names.ts';
import type { HlsOutput } from './group-plan.ts';
import { type HlsGroupRule, renditionSets } from './hls-rule.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import { matchesVideo } from './led-outputs.ts';
import { folderOf, type NameVariables, nameOf, resolveIdentifiers } from './naming.ts';
import { nameVariables, planOutputTracks } from './output-tracks.ts';
import { readPassedSegments } from './passed-segments.ts';
import type { SettingsReader } from './settings-reader.ts';
import { conditionOutput } from './splice-source.ts';
import { readTransportStream } from './transport-stream.ts';
import type { VideoDraft } from './video-rendition.ts';

/** An output with what its group must know of it. */
export interface PlannedHlsOutput {
  readonly output: HlsOutput;
  /** What the video's key frames allow; null for outputs without video. */
  readonly segmentSeconds: Rational | null;
  readonly video: VideoDraft | null;
}

/** Plans one output; null, with findings, when its container is wrong. */
export function planHlsOutput(
  output: SettingsReader<Output>,
  outputIndex: number,
  rule: HlsGroupRule,
  scope: JobScope,
): PlannedHlsOutput | null {
  const container = output.child('containerSettings');
  output.withoutEffect('extension', 'streaming groups name their files themselves', ['m3u8']);
  const { segment, leadingVideoId = null } = rule;
  const tracks = planOutputTracks(
    output,
    { container: 'M3U8', segment, matchesVideo: matchesVideo(output), leadingVideoId },
    scope,
  );
  if (!readContainer(container)) {
    scope.refuseBelow(output.pointer);
    return null;
  }
  const settings = output.child('outputSettings').child('hlsSettings');
  const hasVideo = output.child('videoDescription').isPresent;

  const isPacked = !hasVideo && settings.read('audioOnlyContainer') !== 'M2TS';
  if (hasVideo) settings.withoutEffect('audioOnlyContainer', 'the output has video', ['AUTOMATIC']);
  const stream = readStream(container.child('m3u8Settings'), tracks, hasVideo, isPacked, rule, scope);
  const packed = packedFormats[tracks.audio[0]?.rendition.encoder.codec ?? ''] ?? plainPacked;
  const planned: HlsOutput = {
    outputIndex,
    pointer: output.pointer,
    videoRenditionId: tracks.videoRenditionId,
    audioRenditionIds: tracks.audioRenditionIds,
    ...planNames(output, settings, tracks, hasVideo, isPacked ? packed.extension : 'ts', rule, scope),
    segmentFormat: isPacked ? packed.format : 'mpegts',
    ...stream,
    ...readAudioRole(output, settings, hasVideo, outputIndex, rule),
    ...readPassedSegments(output, tracks, scope),
    describesVideo: readDescribesVideo(settings, hasVideo),
    timedId3Header: isPacked && rule.timedId3Header,
    ...(rule.timestampTags !== null && stream.data?.id3Pid != null
      ? { timestampTags: rule.timestampTags }
      : {}),
    ...(marksAvails(container.child('m3u8Settings'), rule, scope) ? { marksAvails: true } : {}),
  };
  conditionOutput(planned, rule.splices, scope);
  const { video } = tracks;
  return { output: planned, segmentSeconds: video?.gop?.segmentSeconds ?? null, video };
}

/** Bare frames of sound, by MediaConvert codec (RFC 8216 3.4). */
const plainPacked = { format: 'adts', extension: 'aac' } as const;
const packedFormats: Readonly<
  Record<string, { readonly format: HlsOutput['segmentFormat']; readonly extension: string }>
> = {
  AC3: { format: 'ac3', extension: 'ac3' },
  EAC3: { format: 'eac3', extension: 'ec3' },
};

function readContainer(settings: SettingsReader<ContainerSettings>): boolean {
  return settings.accept('container', ['M3U8'], 'HLS output groups hold M3U8');
}

/** Transport streams have PIDs and timestamps to set; packed audio has the timestamp alone. */
function readStream(
  settings: SettingsReader<M3u8Settings>,
  tracks: OutputTracks,
  hasVideo: boolean,
  isPacked: boolean,
  rule: HlsGroupRule,
  scope: JobScope,
): Pick<
  HlsOutput,
  'muxerOptions' | 'pids' | 'pesAudioFrames' | 'timestampOffsetMs' | 'audioOffsetMs' | 'data'
> {
  const stream = readTransportStream(settings, tracks.audio.length, hasVideo, isPacked, scope);
  return { ...stream, timestampOffsetMs: stream.timestampOffsetMs + rule.timestampDeltaMs };
}

/** Names of playlist, segments and key-frame playlist (spec naming.md 2, packaging.md 5.4). */
function planNames(
  output: SettingsReader<Output>,
  settings: SettingsReader<HlsSettings>,
  tracks: OutputTracks,
  hasVideo: boolean,
  extension: string,
  rule: HlsGroupRule,
  scope: JobScope,
): Pick<
  HlsOutput,
  | 'playlistLocation'
  | 'segmentLocation'
  | 'segmentsPerFolder'
  | 'iFramePlaylistLocation'
  | 'iFrameSegmentLocation'
> {
  const variables = nameVariables(tracks, 'm3u8', scope);
  const stem = `${rule.base}${resolveIdentifiers(output.read('nameModifier') ?? '', 'nameModifier', variables)}`;
  const place = rule.usesSubdirectories ? `${folderOf(stem)}${nameOf(stem)}/${nameOf(stem)}` : stem;
  const folder = rule.segmentsPerFolder === null ? '' : '%05d/';
  const segments = `${templateText(folderOf(place))}${folder}${templateText(nameOf(place))}`;
  const segmentModifier = timedModifier(settings.read('segmentModifier') ?? '', variables);
  if (rule.isSingleFile) settings.withoutEffect('segmentModifier', 'the output is one file');
  const iFrames = rule.writesPlaylists ? readIFrameManifest(settings, hasVideo) : 'EXCLUDE';
  if (iFrames === 'INCLUDE' && rule.isEncrypted)
    scope.findings.incompatible(
      settings.at('iFrameOnlyManifest'),
      'a key frame inside a segment that is encrypted as a whole cannot be decrypted by itself: use INCLUDE_AS_TS',
    );
  return {
    playlistLocation: rule.writesPlaylists ? `${place}.m3u8` : null,
    segmentLocation: rule.isSingleFile
      ? `${place}.${extension}`
      : `${segments}${segmentModifier}_%05d.${extension}`,
    ...(rule.segmentsPerFolder === null ? {} : { segmentsPerFolder: rule.segmentsPerFolder }),
    iFramePlaylistLocation: iFrames === 'EXCLUDE' ? null : `${place}_I-Frame.m3u8`,
    ...(iFrames === 'INCLUDE_AS_TS'
      ? { iFrameSegmentLocation: `${templateText(place)}_I-Frame_%05d.ts` }
      : {}),
  };
}

/** Dates of a segment modifier are those at which the segment is complete; text that looks like one is text. */
function timedModifier(modifier: string, variables: NameVariables): string {
  // NUL stands in no name: the marks are told from text that looks like them.
  const marked = resolveIdentifiers(modifier, 'segmentModifier', variables, (name, digits) =>
    digits === 0 && ['dt', 'd', 't'].includes(name) ? `\0{${name}}` : null,
  );
  return templateText(marked).replaceAll('\0', '%');
}

function readIFrameManifest(
  settings: SettingsReader<HlsSettings>,
  hasVideo: boolean,
): NonNullable<HlsSettings['iFrameOnlyManifest']> {
  if (hasVideo) return settings.read('iFrameOnlyManifest') ?? 'EXCLUDE';
  settings.withoutEffect('iFrameOnlyManifest', 'the output has no video', ['EXCLUDE']);
  return 'EXCLUDE';
}

/** How the output stands in the multivariant playlist (spec packaging.md 4.5). */
function readAudioRole(
  output: SettingsReader<Output>,
  settings: SettingsReader<HlsSettings>,
  hasVideo: boolean,
  outputIndex: number,
  rule: HlsGroupRule,
): Pick<HlsOutput, 'audioTrackType' | 'audioGroupId' | 'audioRenditionSets'> {
  if (hasVideo) {
    settings.withoutEffect('audioGroupId', 'it names the group of an output without video');
    settings.withoutEffect('audioTrackType', 'it describes an output without video');
    const sets = renditionSets(output);
    return { audioTrackType: null, audioGroupId: null, audioRenditionSets: sets.length === 0 ? null : sets };
  }
  settings.withoutEffect('audioRenditionSets', 'it chooses the audio of an output with video');
  const group = settings.read('audioGroupId');
  // Unset, an output is a variant of its own, unless some video asks for its group by name.
  const isNamed = group !== undefined && rule.namedAudioGroups.has(group);
  const automatic = isNamed ? 'ALTERNATE_AUDIO_AUTO_SELECT' : 'AUDIO_ONLY_VARIANT_STREAM';
  return {
    audioTrackType: settings.read('audioTrackType') ?? automatic,
    audioGroupId: group ?? `program_audio_${rule.audioOutputs.indexOf(outputIndex)}`,
    audioRenditionSets: null,
  };
}

/** Markers stand in the playlists of outputs that take the messages along. */
function marksAvails(
  settings: SettingsReader<M3u8Settings>,
  rule: HlsGroupRule,
  { signals }: JobScope,
): boolean {
  const hasSource = signals.esam !== null || signals.trackOf('scte35') !== null;
  return rule.splices !== null && hasSource && settings.read('scte35Source') === 'PASSTHROUGH';
}

function readDescribesVideo(settings: SettingsReader<HlsSettings>, hasVideo: boolean): boolean {
  if (hasVideo)
    settings.withoutEffect('descriptiveVideoServiceFlag', 'it describes an output without video', [
      'DONT_FLAG',
    ]);
  return !hasVideo && settings.read('descriptiveVideoServiceFlag') === 'FLAG';
}
