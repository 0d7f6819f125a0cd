/** Writes playlists as objects, compressed when the group asks (spec packaging.md 2, `manifestCompression`). */
import { gzipSync } from 'node:zlib';
import type { EngineObjects } from '../engine/objects.ts';
import type { HlsOutputGroup } from '../plan/plan.ts';
import { hlsContentTypes, writeOptions } from './object-options.ts';

/** Replaces the playlist at `location`, whole or not at all. Resolves with its stored size in bytes. */
export type PlaylistWriter = (location: string, text: string) => Promise<number>;

/** The writer of a group's playlists; names stay `.m3u8` when compressed, the header tells. */
export function playlistWriter(group: HlsOutputGroup, objects: EngineObjects): PlaylistWriter {
  const encoding = group.gzipManifests ? 'gzip' : undefined;
  const options = writeOptions(group.objectSettings, hlsContentTypes.playlist, encoding);
  return async (location, text) => {
    const object = objects.create(location, options);
    try {
      object.write(group.gzipManifests ? gzipSync(text) : Buffer.from(text));
      const { sizeBytes } = await object.publish();
      return sizeBytes;
    } catch (error) {
      await object.abort();
      throw error;
    }
  };
}
