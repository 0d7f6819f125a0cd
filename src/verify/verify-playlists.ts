/**
 * Are the playlists of an HLS group true? Each names objects that exist, all of them, within their sizes, and lasts as
 * long as the output (spec packaging.md 13). Pure; answers with defects as sentences.
 */
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import type { CmafOutputGroup, FragmentedOutput, HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import { type ReadMediaPlaylist, readPlaylist, resolveMediaUri, resolveUri } from './m3u8-reader.ts';
import { isKeyFrameFile, isManifest, type OutputEvidence } from './output-evidence.ts';

/** Defects of one output's own playlists. A playlist's map is the initialization's business (`verify-fragmented`). */
export function childPlaylistDefects(
  group: HlsOutputGroup | CmafOutputGroup,
  output: HlsOutput | FragmentedOutput,
  result: OutputResult,
  evidence: Pick<OutputEvidence, 'playlists' | 'sizes'>,
): string[] {
  const { playlistLocation, iFramePlaylistLocation } = output;
  const initLocation = 'initLocation' in output ? output.initLocation : null;
  const media = result.objects
    .map(({ location }) => location)
    .filter((location) => location !== initLocation && !isManifest(location));
  const segments = media.filter((location) => 'initLocation' in output || !isKeyFrameFile(output, location));
  return [
    ...(playlistLocation === null ? [] : segmentDefects(group, playlistLocation, segments, result, evidence)),
    ...(iFramePlaylistLocation === null ? [] : iFrameDefects(group, iFramePlaylistLocation, media, evidence)),
  ];
}

function segmentDefects(
  group: HlsOutputGroup | CmafOutputGroup,
  location: string,
  media: readonly string[],
  result: OutputResult,
  evidence: Pick<OutputEvidence, 'playlists' | 'sizes'>,
): string[] {
  const playlist = readMedia(location, evidence);
  if (typeof playlist === 'string') return [playlist];
  const named = new Set(playlist.entries.map(({ uri }) => resolveMediaUri(location, uri, addressOf(group))));
  return [
    ...entryDefects(group, location, playlist, media, evidence),
    ...media.filter((object) => !named.has(object)).map((object) => `${location} does not name ${object}`),
    ...durationDefects(group, location, playlist, result),
  ];
}

function iFrameDefects(
  group: HlsOutputGroup | CmafOutputGroup,
  location: string,
  media: readonly string[],
  evidence: Pick<OutputEvidence, 'playlists' | 'sizes'>,
): string[] {
  const playlist = readMedia(location, evidence);
  if (typeof playlist === 'string') return [playlist];
  return [
    ...(playlist.isIFramesOnly ? [] : [`${location} is not marked as I-frames only`]),
    ...entryDefects(group, location, playlist, media, evidence),
  ];
}

function readMedia(
  location: string,
  { playlists }: Pick<OutputEvidence, 'playlists'>,
): ReadMediaPlaylist | string {
  const body = playlists.get(location);
  if (body === undefined) return `${location} is missing`;
  const playlist = readPlaylist(body);
  return playlist?.kind === 'media' ? playlist : `${location} is not a media playlist`;
}

function entryDefects(
  group: HlsOutputGroup | CmafOutputGroup,
  location: string,
  playlist: ReadMediaPlaylist,
  media: readonly string[],
  { sizes }: Pick<OutputEvidence, 'sizes'>,
): string[] {
  const own = new Set(media);
  const defects: string[] = [];
  if (!playlist.hasEnd) defects.push(`${location} has no end`);
  if (playlist.entries.length === 0) defects.push(`${location} names nothing`);
  for (const { uri, durationSeconds, byteRange } of playlist.entries) {
    const object = resolveMediaUri(location, uri, addressOf(group));
    const size = sizes.get(object);
    if (!own.has(object)) defects.push(`${location} names ${object}, which is not of this output`);
    else if (size === undefined) defects.push(`${location} names ${object}, which is missing`);
    else if (byteRange !== null && byteRange.offsetBytes + byteRange.lengthBytes > size) {
      defects.push(
        `${location} names bytes up to ${byteRange.offsetBytes + byteRange.lengthBytes} of ${object}, which has ${size}`,
      );
    }
    if (!(Math.round(durationSeconds) <= (playlist.targetDurationSeconds ?? -1))) {
      defects.push(
        `${location} has an entry of ${durationSeconds} s above its target of ${playlist.targetDurationSeconds} s`,
      );
    }
  }
  return defects;
}

/** Sums differ by the rounding of each entry at most: half a millisecond, or half a second with INTEGER. */
function durationDefects(
  group: HlsOutputGroup | CmafOutputGroup,
  location: string,
  playlist: ReadMediaPlaylist,
  result: OutputResult,
): string[] {
  const totalMs = playlist.entries.reduce((sum, { durationSeconds }) => sum + durationSeconds * 1000, 0);
  const roundingMs = (group.durationFormat === 'INTEGER' ? 500 : 0.5) * playlist.entries.length + 1;
  if (Math.abs(totalMs - result.durationMs) <= roundingMs) return [];
  return [`${location} lasts ${totalMs.toFixed(0)} ms, its output ${result.durationMs} ms`];
}

/** Defects of the multivariant playlists: children that were not written, or written and not named. */
export function multivariantDefects(
  group: HlsOutputGroup | CmafOutputGroup,
  result: OutputGroupResult,
  { playlists }: Pick<OutputEvidence, 'playlists'>,
): string[] {
  const written = result.outputs.flatMap(({ objects }) =>
    objects.map(({ location }) => location).filter((location) => location.endsWith('.m3u8')),
  );
  const multivariants = result.playlistLocations.filter((location) => location.endsWith('.m3u8'));
  return multivariants.flatMap((location, index) => {
    const body = playlists.get(location);
    if (body === undefined) return [`${location} is missing`];
    const playlist = readPlaylist(body);
    if (playlist?.kind !== 'multivariant') return [`${location} is not a multivariant playlist`];
    const named = new Set(playlist.uris.map((uri) => resolveUri(location, uri)));
    const isMain = index === 0 && location === group.multivariant.location;
    return [
      ...[...named]
        .filter((uri) => !written.includes(uri))
        .map((uri) => `${location} names ${uri}, which was not written`),
      ...(isMain
        ? written.filter((uri) => !named.has(uri)).map((uri) => `${location} does not name ${uri}`)
        : []),
    ];
  });
}

function addressOf({ baseUrl, multivariant }: HlsOutputGroup | CmafOutputGroup): {
  readonly baseUrl: string;
  readonly root: string | null;
} {
  return { baseUrl, root: multivariant.location };
}
