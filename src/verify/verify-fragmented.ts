/**
 * Are the files and manifests of a CMAF or DASH group true? Every file an MPD stands for exists and none is left out;
 * initializations declare the planned tracks; first and last segments hold what their place says (spec packaging.md 13).
 */
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import type { CmafOutputGroup, DashOutputGroup, FragmentedOutput } from '../plan/group-plan.ts';
import { readInitialization, readSegment } from './fragment-reader.ts';
import { resolveMediaUri } from './m3u8-reader.ts';
import { readMpd } from './mpd-reader.ts';
import { firstAndLastSegment, isManifest, type OutputEvidence } from './output-evidence.ts';

type FragmentedGroup = CmafOutputGroup | DashOutputGroup;
type Read = Pick<OutputEvidence, 'playlists' | 'sizes'>;

/** Defects of one output's own files. */
export function fragmentDefects(
  output: FragmentedOutput,
  result: OutputResult,
  { playlists, sizes }: Read,
): string[] {
  const { initLocation } = output;
  if (initLocation === null) return [];
  const initialization = playlists.get(initLocation);
  const read = initialization === undefined ? null : readInitialization(initialization);
  if (read === null) return [`${initLocation} holds no movie`];
  const planned = (output.videoRenditionId === null ? 0 : 1) + output.audioRenditionIds.length;
  const defects =
    read.tracks.length === planned
      ? []
      : [`${initLocation} has ${read.tracks.length} tracks, ${planned} were planned`];
  for (const location of firstAndLastSegment(output, result)) {
    const bytes = playlists.get(location);
    if (bytes === undefined) continue;
    // Long segments are read in part: what is whole is looked at.
    const isWhole = bytes.length === sizes.get(location);
    const segment = readSegment(bytes);
    if (segment === null || segment.runs.length === 0) defects.push(`${location} holds no fragments`);
    else if (isWhole && sum(segment.runs.map((run) => run.bytes)) !== segment.mediaBytes)
      defects.push(`${location} has samples that its data does not hold`);
    else if (segment.runs.some(({ trackId }) => !read.tracks.some(({ id }) => id === trackId)))
      defects.push(`${location} has a track that ${initLocation} does not declare`);
  }
  return defects;
}

/** Defects of the group's MPDs. */
export function mpdDefects(group: FragmentedGroup, result: OutputGroupResult, { playlists }: Read): string[] {
  const media = [...result.outputs.flatMap(({ objects }) => objects), ...(result.extras ?? [])]
    .map(({ location }) => location)
    .filter((location) => !isManifest(location));
  return result.playlistLocations
    .filter((location) => location.endsWith('.mpd'))
    .flatMap((location, index) => {
      const body = playlists.get(location);
      if (body === undefined) return [`${location} is missing`];
      const mpd = readMpd(body);
      if (mpd === null) return [`${location} is not a static MPD`];
      const named = new Set(
        mpd.uris.map((uri) =>
          resolveMediaUri(location, uri, { baseUrl: group.mpd.baseUrl, root: group.mpd.location }),
        ),
      );
      return [
        ...[...named]
          .filter((uri) => !media.includes(uri))
          .map((uri) => `${location} names ${uri}, which was not written`),
        ...(index === 0
          ? media.filter((uri) => !named.has(uri)).map((uri) => `${location} does not name ${uri}`)
          : []),
      ];
    });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
