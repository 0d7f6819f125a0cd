/** Settings blocks at random from the contract: any members, each with a legal value of its own. */
import { enums, structures } from '../../src/contract/model.generated.ts';
import type { MemberModel, NumberModel } from '../../src/contract/model.ts';

/** The pattern of `timecodeBurnin.prefix`. */
const anyPrintable = '^[ -~]+$';

/** A source of numbers from 0 to 1. */
export type Random = () => number;

/** The same numbers on every machine for a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Each member of a structure is there with the probability `share`; `without` names those that the caller sets. */
export function randomBlock(
  random: Random,
  structure: string,
  share: number,
  without: readonly string[] = [],
): Record<string, unknown> {
  const block: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(structures[structure]?.members ?? {})) {
    if (without.includes(name) || random() >= share) continue;
    const value = randomValue(random, member, share);
    if (value !== undefined) block[name] = value;
  }
  return block;
}

/** Maps, and texts of a form of their own, are names and places: they have no random values that mean something. */
function randomValue(random: Random, member: MemberModel, share: number): unknown {
  switch (member.kind) {
    case 'enum':
      return pick(random, enums[member.enum] ?? []);
    case 'integer':
    case 'long':
    case 'double':
      return randomNumber(random, member);
    case 'structure':
      return randomBlock(random, member.structure, Math.max(share, 0.5));
    case 'list': {
      const count = Math.max(member.minItems ?? 0, pick(random, [1, 1, 2, 3]));
      const values = Array.from({ length: count }, () => randomValue(random, member.member, share));
      return values.includes(undefined) ? undefined : values;
    }
    case 'string':
      return member.pattern === undefined || member.pattern === anyPrintable ? 'Text 1' : undefined;
    default:
      return undefined;
  }
}

/** Ends of the range, small numbers, and each order of magnitude alike. */
function randomNumber(random: Random, member: NumberModel): number | string {
  if (member.values !== undefined) return pick(random, member.values);
  const low = member.min ?? 0;
  const high = member.max ?? 2_147_483_647;
  const kind = random();
  if (kind < 0.08) return low;
  if (kind < 0.16) return high;
  const span = high - low;
  const value = low + (span > 1000 ? Math.expm1(random() * Math.log1p(span)) : random() * span);
  const step = member.multipleOf ?? (member.kind === 'double' && member.integer !== true ? 0 : 1);
  return step === 0 ? Math.round(value * 100) / 100 : Math.max(low, Math.floor(value / step) * step);
}
