/** Makes a whole group from tiny tracks and shows it as a player finds it. */
import { expect } from 'vitest';
import type { OutputGroupResult } from '../../../src/engine/protocol.ts';
import { createHlsGroupWriter } from '../../../src/package/hls-group.ts';
import type { HlsOutput, HlsOutputGroup } from '../../../src/plan/group-plan.ts';
import { type DrivenOutput, driveGroup } from './drive.ts';
import { hlsGroup } from './hls-plan.ts';
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts';
import { locate, readMediaPlaylist } from './read-playlists.ts';
import {
  encodeTinyAudio,
  encodeTinyVideo,
  type TinyAudioOptions,
  type TinyTrack,
  type TinyVideoOptions,
} from './tiny-encode.ts';

export interface MadeGroup {
  readonly objects: MemoryObjects;
  readonly result: OutputGroupResult;
}

/** Drives the group to its end; nothing may stay open. */
export async function makeGroup(
  outputs: readonly HlsOutput[],
  driven: readonly DrivenOutput[],
  changes: Partial<HlsOutputGroup> = {},
): Promise<MadeGroup> {
  const objects = createMemoryObjects();
  const result = await driveGroup(createHlsGroupWriter(hlsGroup(outputs, changes), objects), driven);
  expect([...objects.open]).toEqual([]);
  return { objects, result };
}

/** What a media playlist lists, with the bytes a player gets for each entry. */
export function entriesOf(
  objects: MemoryObjects,
  playlist: string,
): { readonly uri: string; readonly duration: number; readonly bytes: Buffer }[] {
  return readMediaPlaylist(textOf(objects, playlist)).map(({ uri, duration, byteRange }) => {
    const object = objects.visible.get(locate(playlist, uri)) ?? Buffer.alloc(0);
    const range = byteRange ?? { offset: 0, length: object.length };
    return { uri, duration, bytes: object.subarray(range.offset, range.offset + range.length) };
  });
}

export function textOf(objects: MemoryObjects, location: string): string {
  return objects.visible.get(location)?.toString() ?? `no ${location}`;
}

/** Encodes tracks and frees them together. */
export function createTinyTracks(): {
  video(options: TinyVideoOptions): TinyTrack;
  audio(options: TinyAudioOptions): TinyTrack;
  free(): void;
} {
  const all: TinyTrack[] = [];
  const own = (track: TinyTrack): TinyTrack => {
    all.push(track);
    return track;
  };
  return {
    video: (options) => own(encodeTinyVideo(options)),
    audio: (options) => own(encodeTinyAudio(options)),
    free() {
      for (const track of all.splice(0)) track.free();
    },
  };
}
