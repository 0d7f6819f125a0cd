/** Writes manifests as objects, compressed when the group asks (spec packaging.md 2, `manifestCompression`). */
import { gzipSync } from 'node:zlib';
import type { EngineObjects } from '../engine/objects.ts';
import type { ObjectSettings } from '../plan/group-plan.ts';
import { hlsContentTypes, writeOptions } from './object-options.ts';

/** Replaces the manifest at `location`, whole or not at all. Resolves with its stored size in bytes. */
export type ManifestWriter = (location: string, text: string) => Promise<number>;

/** The writer of a group's manifests, playlists by default; names stay as they are when compressed, the header tells. */
export function manifestWriter(
  group: { readonly gzipManifests: boolean; readonly objectSettings: ObjectSettings },
  objects: EngineObjects,
  contentType: string = hlsContentTypes.playlist,
): ManifestWriter {
  const encoding = group.gzipManifests ? 'gzip' : undefined;
  const options = writeOptions(group.objectSettings, contentType, encoding);
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
