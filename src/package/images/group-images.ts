/** The image tracks of a group: made beside its outputs, finished with it, told to players by its manifests. */
import type { EngineObjects } from '../../engine/objects.ts';
import type { OutputWriter } from '../../engine/output-writer.ts';
import type { ObjectSettings, TrickPlay } from '../../plan/group-plan.ts';
import type { ImageVariant } from '../multivariant-playlist.ts';
import type { ManifestWriter } from '../playlist-files.ts';
import { mediaUri, relativeUri } from '../relative-uri.ts';
import { imageBandwidthBps, imagePlaylist } from './image-playlist.ts';
import { createImageTrack, type ImageTrack } from './image-track.ts';

/** A track that is made beside the outputs, with the renditions it takes, in order. */
export interface ExtraTrack {
  readonly renditionIds: readonly string[];
  readonly writer: OutputWriter;
}

/** All image tracks of one group. */
export interface GroupImages {
  readonly extras: readonly ExtraTrack[];
  readonly tracks: readonly ImageTrack[];
  /** Publishes the last sheets; the group ends at `endUs`. */
  finish(endUs: number): Promise<void>;
  /** Writes the image playlists; resolves with what a multivariant playlist at `parent` says of them. */
  writePlaylists(
    write: ManifestWriter,
    parent: string | null,
    baseUrl: string,
  ): Promise<readonly ImageVariant[]>;
  abort(): Promise<void>;
  /** Sheets and playlists as written. */
  readonly objects: readonly { readonly location: string; readonly sizeBytes: number }[];
}

/** Starts the tracks; a group without any has none. */
export function createGroupImages(
  { images = [], objectSettings }: TrickPlay & { readonly objectSettings: ObjectSettings },
  objects: EngineObjects,
): GroupImages {
  const tracks = images.map((plan) => createImageTrack(plan, objectSettings, objects));
  const playlists: { readonly location: string; readonly sizeBytes: number }[] = [];
  return {
    tracks,
    extras: tracks.map(({ plan, writer }) => ({ renditionIds: [plan.videoRenditionId], writer })),
    async finish(endUs) {
      for (const track of tracks) await track.finish(endUs);
    },
    async writePlaylists(write, parent, baseUrl) {
      const variants: ImageVariant[] = [];
      for (const { plan, sheets } of tracks) {
        const location = plan.playlistLocation;
        if (location === null || sheets.length === 0) continue;
        const uriOf = (target: string): string => mediaUri({ baseUrl, root: parent }, location, target);
        const sizeBytes = await write(location, imagePlaylist(plan, sheets, uriOf));
        playlists.push({ location, sizeBytes });
        const { widthPx, heightPx } = plan;
        variants.push({
          uri: relativeUri(parent ?? location, location),
          bandwidthBps: imageBandwidthBps(sheets),
          resolution: { widthPx, heightPx },
        });
      }
      return variants;
    },
    async abort() {
      for (const track of tracks) await track.abort();
    },
    get objects() {
      const sheets = tracks.flatMap((track) => track.sheets);
      return [...sheets.map(({ location, sizeBytes }) => ({ location, sizeBytes })), ...playlists];
    },
  };
}
