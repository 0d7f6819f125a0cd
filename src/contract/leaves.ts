/**
 * Settings leaves: every scalar member, and every list or map of scalars, reachable from a structure. They are the
 * rows of the coverage report and the unit of "honoured or refused" (design D5).
 */

import { structures } from './model.generated.ts';
import type { MemberModel } from './model.ts';

/** One leaf setting. */
export interface SettingLeaf {
  /** Wire path with collapsed indexes and keys, e.g. `/inputs[]/audioSelectors{}/tracks[]`. */
  readonly path: string;
  /** The scalar, or the list or map of scalars. */
  readonly member: MemberModel;
}

/** All leaves below a structure in path order, without members of the older model generation. Throws RangeError for an unknown structure. */
export function settingLeaves(structureName: string): readonly SettingLeaf[] {
  return leavesBelow('', structureName).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** All leaves of a job's settings: what `docs/coverage/settings.json` lists. */
export const jobSettingsLeaves: readonly SettingLeaf[] = settingLeaves('JobSettings');

function leavesBelow(path: string, structureName: string): SettingLeaf[] {
  const structure = structures[structureName];
  if (structure === undefined) throw new RangeError(`the model has no structure ${structureName}`);
  return Object.entries(structure.members)
    .filter(([, member]) => member.older === undefined)
    .flatMap(([wire, member]) => leavesOfMember(`${path}/${wire}`, member, member));
}

/** `leaf` is the outermost member of the current path piece: a list of scalars is one leaf, not its element. */
function leavesOfMember(path: string, member: MemberModel, leaf: MemberModel): SettingLeaf[] {
  switch (member.kind) {
    case 'structure':
      return leavesBelow(path, member.structure);
    case 'list':
      return leavesOfMember(`${path}[]`, member.member, leaf);
    case 'map':
      return leavesOfMember(`${path}{}`, member.value, leaf);
    default:
      return [{ path, member: leaf }];
  }
}
