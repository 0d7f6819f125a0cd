/** Makes whole CMAF or DASH groups from tiny tracks, and shows them as a player finds them. */
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import type { OutputGroupResult } from '../../../src/engine/protocol.ts';
import type { GroupKeys } from '../../../src/package/encryption/content-keys.ts';
import { createFragmentedGroupWriter } from '../../../src/package/fragmented-group.ts';
import type { CmafOutputGroup, DashOutputGroup, SmoothOutputGroup } from '../../../src/plan/group-plan.ts';
import { type DrivenOutput, driveGroup } from './drive.ts';
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts';

export interface MadeFragments {
  readonly objects: MemoryObjects;
  readonly result: OutputGroupResult;
}

/** Drives the group to its end; nothing may stay open. */
export async function makeFragments(
  group: CmafOutputGroup | DashOutputGroup | SmoothOutputGroup,
  driven: readonly DrivenOutput[],
  keys: GroupKeys | null = null,
): Promise<MadeFragments> {
  const objects = createMemoryObjects();
  const result = await driveGroup(createFragmentedGroupWriter(group, objects, tmpdir(), keys), driven);
  expect([...objects.open]).toEqual([]);
  return { objects, result };
}

/** Bytes of objects by file name, one behind the other. */
export function joined(objects: MemoryObjects, ...names: readonly string[]): Buffer {
  return Buffer.concat(
    names.map((name) => {
      const bytes = objects.visible.get(`s3://out/vod/${name}`);
      if (bytes === undefined) throw new Error(`no ${name} among ${[...objects.visible.keys()].join(', ')}`);
      return bytes;
    }),
  );
}

/** Names of files whose name begins so, in order. */
export function namesOf(objects: MemoryObjects, start: string): readonly string[] {
  return [...objects.visible.keys()]
    .map((location) => location.replace('s3://out/vod/', ''))
    .filter((name) => name.startsWith(start))
    .sort();
}
