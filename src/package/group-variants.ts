/** The multivariant playlist of an HLS or CMAF group from measured outputs (spec packaging.md 4.2, 4.5); its text is made by `multivariant-playlist.ts`. */
import type { PlaylistMember } from '../plan/group-plan.ts';
import { measureBandwidth } from './bandwidth.ts';
import {
  durationUs,
  type GroupNumbers,
  isAlternateAudio,
  keyFrameSpans,
  type MeasuredOutput,
  type PlaylistGroup,
  writtenUs,
} from './hls-manifests.ts';
import type { MeasuredTracks } from './measured-tracks.ts';
import type {
  AudioMedia,
  Bandwidth,
  ImageVariant,
  MultivariantPlaylist,
  Variant,
} from './multivariant-playlist.ts';
import { relativeUri } from './relative-uri.ts';
import type { WrittenSegment } from './segment-files.ts';

/**
 * The multivariant playlist over `outputs`, which are all of the group or those of an additional manifest. Outputs
 * whose child playlist is not written cannot be named and are left out.
 */
export function multivariantPlaylist(
  group: PlaylistGroup,
  outputs: readonly MeasuredOutput[],
  location: string,
  numbers: GroupNumbers,
  images: readonly ImageVariant[] = [],
): MultivariantPlaylist {
  const named = outputs.filter(({ output }) => output.playlistLocation !== null);
  const audio = audioMedia(
    named.filter(({ output }) => isAlternateAudio(output)),
    location,
    numbers,
  );
  const groups = new Map<string, AlternateAudio[]>();
  for (const each of audio) groups.set(each.media.groupId, [...(groups.get(each.media.groupId) ?? []), each]);
  const hasPictures = named.some(({ tracks }) => tracks.video !== null);
  const variants = named
    .filter(({ output }) => !isAlternateAudio(output))
    .flatMap((each) => variantsOf(group, each, groups, location, numbers));
  const sessionLines = [...new Set(outputs.flatMap(({ keys }) => keys.sessionLines))];
  return {
    version: numbers.version,
    sessionLines,
    variants: hasPictures ? variants : [...variants, ...[...groups.values()].flatMap(soundVariant)],
    audio: audio.map(({ media }) => media),
    images,
  };
}

interface AlternateAudio {
  readonly media: AudioMedia;
  readonly codecs: readonly string[];
  readonly bandwidth: Bandwidth;
}

/** EXT-X-MEDIA lines; names are made unique inside their group, one default each (RFC 8216 4.3.4.1.1). */
function audioMedia(
  outputs: readonly MeasuredOutput[],
  location: string,
  numbers: GroupNumbers,
): AlternateAudio[] {
  const names = new Set<string>();
  const groupsWithDefault = new Set<string>();
  return outputs.map(({ output, tracks, segments }, index) => {
    const track = tracks.audio[0];
    const groupId = output.audioGroupId ?? `program_audio_${index}`;
    const wantsDefault = output.audioTrackType === 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT';
    const isDefault = wantsDefault && !groupsWithDefault.has(groupId);
    if (isDefault) groupsWithDefault.add(groupId);
    const media: AudioMedia = {
      groupId,
      language: track?.language ?? null,
      name: uniqueName(track?.streamName ?? 'Alternate Audio', groupId, names),
      isAutoSelected: output.audioTrackType !== 'ALTERNATE_AUDIO_NOT_AUTO_SELECT',
      isDefault,
      describesVideo: output.describesVideo,
      channels: track?.channels ?? 2,
      uri: childUri(output, location),
    };
    return { media, codecs: codecsOf(tracks), bandwidth: segmentBandwidth(segments, numbers) };
  });
}

function uniqueName(wanted: string, groupId: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(`${groupId}\n${name}`); n += 1) name = `${wanted} ${n}`;
  taken.add(`${groupId}\n${name}`);
  return name;
}

/** One STREAM-INF per audio group the output is offered with; one alone when there is no group. */
function variantsOf(
  group: PlaylistGroup,
  { output, tracks, segments }: MeasuredOutput,
  groups: ReadonlyMap<string, readonly AlternateAudio[]>,
  location: string,
  numbers: GroupNumbers,
): Variant[] {
  const own = segmentBandwidth(segments, numbers);
  const codecs = codecsOf(tracks);
  const resolution = tracks.video !== null && group.includeResolution ? tracks.video : null;
  const wanted = tracks.video === null ? [] : (output.audioRenditionSets ?? [...groups.keys()]);
  const offered = wanted.filter((groupId) => groups.has(groupId));
  return (offered.length > 0 ? offered : [null]).map((groupId, index) => {
    const members = groupId === null ? [] : (groups.get(groupId) ?? []);
    return {
      uri: childUri(output, location),
      bandwidth: plusHighest(own, members),
      videoRange: videoRangeOf(group, tracks),
      codecs: [...new Set([...codecs, ...members.flatMap((member) => member.codecs)])],
      resolution,
      frameRate: tracks.video?.frameRate ?? null,
      closedCaptionsNone: group.closedCaptionsNone && tracks.video !== null,
      audioGroupId: groupId,
      iFrames:
        index === 0 ? iFrameVariant(group, output, tracks, segments, resolution, location, numbers) : null,
    };
  });
}

/**
 * Where no pictures offer the sound, the default of each group stands as a variant too: a playlist without EXT-X-STREAM-INF
 * cannot be played (RFC 8216 4.3.4.2). It is one of the members, so nobody plays it beside another.
 */
function soundVariant(members: readonly AlternateAudio[]): Variant[] {
  const leader = members.find(({ media }) => media.isDefault) ?? members[0];
  if (leader === undefined) return [];
  return [
    {
      uri: leader.media.uri,
      bandwidth: highestOf(members),
      videoRange: null,
      codecs: [...new Set(members.flatMap(({ codecs }) => codecs))],
      resolution: null,
      frameRate: null,
      closedCaptionsNone: false,
      audioGroupId: leader.media.groupId,
      iFrames: null,
    },
  ];
}

function iFrameVariant(
  group: PlaylistGroup,
  output: PlaylistMember,
  tracks: MeasuredTracks,
  segments: readonly WrittenSegment[],
  resolution: Variant['resolution'],
  location: string,
  numbers: GroupNumbers,
): Variant['iFrames'] {
  if (output.iFramePlaylistLocation === null) return null;
  return {
    uri: relativeUri(location, output.iFramePlaylistLocation),
    bandwidth: measureBandwidth(keyFrameSpans(segments), numbers.targetDurationSeconds),
    videoRange: videoRangeOf(group, tracks),
    codecs: tracks.video === null || tracks.video.codec === null ? [] : [tracks.video.codec],
    resolution,
  };
}

/**
 * CMAF playlists say it of all pictures; those of transport streams, which the service writes without, of HDR alone: where
 * it is absent, players take the pictures for SDR (RFC 8216 bis 4.4.6.2).
 */
function videoRangeOf(group: PlaylistGroup, { video }: MeasuredTracks): Variant['videoRange'] {
  if (video === null || (group.type !== 'CMAF_GROUP' && video.range === 'SDR')) return null;
  return video.range;
}

function childUri(output: PlaylistMember, location: string): string {
  return relativeUri(location, output.playlistLocation ?? '');
}

/** Empty when a codec is not known: CODECS must name all or be absent. */
function codecsOf(tracks: MeasuredTracks): string[] {
  const codecs = [
    ...(tracks.video === null ? [] : [tracks.video.codec]),
    ...tracks.audio.map((track) => track.codec),
  ];
  return codecs.every((codec) => codec !== null) ? codecs : [];
}

/** The peak is kept for lengths as they are and as EXTINF writes them, in whole milliseconds: players measure by those. */
function segmentBandwidth(segments: readonly WrittenSegment[], numbers: GroupNumbers): Bandwidth {
  const measured = (lengthUs: (segment: WrittenSegment) => number): Bandwidth =>
    measureBandwidth(
      segments.map((segment) => ({ sizeBytes: segment.sizeBytes, durationUs: lengthUs(segment) })),
      numbers.targetDurationSeconds,
    );
  const exact = measured(durationUs);
  const written = measured(writtenUs);
  return { ...exact, peakBps: Math.max(exact.peakBps, written.peakBps) };
}

/** A variant needs its own bits and those of whichever member of its audio group is played. */
function plusHighest(own: Bandwidth, members: readonly AlternateAudio[]): Bandwidth {
  const { peakBps, averageBps } = highestOf(members);
  return { peakBps: own.peakBps + peakBps, averageBps: own.averageBps + averageBps };
}

function highestOf(members: readonly AlternateAudio[]): Bandwidth {
  const highest = (rate: (bandwidth: Bandwidth) => number): number =>
    members.reduce((most, { bandwidth }) => Math.max(most, rate(bandwidth)), 0);
  return { peakBps: highest(({ peakBps }) => peakBps), averageBps: highest(({ averageBps }) => averageBps) };
}
