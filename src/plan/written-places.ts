/** Every name a plan writes to; numbered objects stand under their pattern. */
import type { PlannedOutputGroup } from './group-plan.ts';

/** One name, and the part of the job that asks for it. */
export interface WrittenPlace {
  readonly location: string;
  readonly pointer: string;
  /**
   * Sheets of thumbnails: their names do not tell groups apart, and the service lets groups of one folder overwrite each
   * other's (spec naming.md 7).
   */
  readonly mayBeShared?: true;
}

/** The names of one group, manifests first. */
export function writtenPlaces(group: PlannedOutputGroup): readonly WrittenPlace[] {
  const places: (Omit<WrittenPlace, 'location'> & { readonly location: string | null })[] = [];
  const { pointer } = group;
  if (group.type === 'FILE_GROUP')
    return group.outputs.flatMap(({ location, pointer, loudnessLogs }) =>
      [location, ...loudnessLogs.map((log) => log.location)].map((written) => ({
        location: written,
        pointer,
      })),
    );
  if (group.type === 'HLS_GROUP' || group.type === 'CMAF_GROUP') {
    places.push({ location: group.multivariant.location, pointer });
    if (group.multivariant.location !== null)
      places.push(...group.additionalManifests.map(({ location }) => ({ location, pointer })));
  }
  if (group.type === 'MS_SMOOTH_GROUP') {
    const manifests = [group.smooth, ...group.smooth.additional];
    places.push(
      ...manifests.flatMap(({ location, clientLocation }) =>
        [location, clientLocation].map((written) => ({ location: written, pointer })),
      ),
    );
  }
  if ('mpd' in group && group.mpd.location !== null) {
    places.push(...[group.mpd, ...group.mpd.additional].map(({ location }) => ({ location, pointer })));
  }
  if ('images' in group && group.images !== undefined) {
    places.push(
      ...group.images.flatMap(({ playlistLocation, location, pointer: asked }) => [
        { location: playlistLocation, pointer: asked },
        { location, pointer: asked, mayBeShared: true as const },
      ]),
    );
  }
  const keyFrames =
    'keyFrameTrack' in group && group.keyFrameTrack !== undefined ? [group.keyFrameTrack] : [];
  for (const output of [...group.outputs, ...keyFrames]) {
    const initialization = 'initLocation' in output ? [output.initLocation] : [];
    const { playlistLocation, segmentLocation, iFramePlaylistLocation } = output;
    const keyFrameFiles = 'iFrameSegmentLocation' in output ? [output.iFrameSegmentLocation ?? null] : [];
    places.push(
      ...[playlistLocation, segmentLocation, iFramePlaylistLocation, ...initialization, ...keyFrameFiles].map(
        (location) => ({
          location,
          pointer: output.pointer,
        }),
      ),
    );
  }
  return places.filter((place): place is WrittenPlace => place.location !== null);
}
