/** Makes a whole group from tiny tracks and shows it as a player finds it. */
import { expect } from 'vitest';
import type { OutputGroupResult } from '../../../src/engine/protocol.ts';
import { createHlsGroupWriter } from '../../../src/package/hls-group.ts';
import type { HlsOutput, HlsOutputGroup } from '../../../src/plan/group-plan.ts';
import { type DrivenOutput, driveGroup } from './drive.ts';
import { hlsGroup } from './hls-plan.ts';
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts';
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
