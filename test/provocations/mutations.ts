/**
 * Seeded damage to media files: bit flips, cuts, surgery on ISO boxes, loss on a transport stream. The same seed does
 * the same to the same bytes, and says in words what it did, so that a finding can be made again by hand.
 */

import { fillNoise } from '../engine/damage.ts';
import { listBoxes, type PlacedBox } from '../probe/box-surgery.ts';

/** A damaged file. */
export interface Mutation {
  /** What was done, with the places: `4 bits flipped at 17.3, 90.0, …`. */
  readonly recipe: string;
  readonly bytes: Buffer;
}

/** Numbers that look random and are the same for the same seed. */
interface Dice {
  /** 0 … `count` − 1. */
  below(count: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

type Surgery = (file: Buffer, dice: Dice) => Mutation;

/** Structure is at the beginning of most files. */
const headBytes = 2048;
const packetBytes = 188;
/** Sizes and counts that parsers get wrong: empty, extended, shorter than the header, signed limits. */
const evilNumbers = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff] as const;
/** Boxes that hold boxes (ISO/IEC 14496-12, table 1). */
const parents: ReadonlySet<string> = new Set([
  ...['moov', 'trak', 'mdia', 'minf', 'stbl', 'dinf', 'edts', 'mvex', 'moof', 'traf', 'udta'],
]);

const anywhere: readonly Surgery[] = [
  flipBits,
  flipBits,
  flipHeadBits,
  truncate,
  removePart,
  zeroPart,
  fillPart,
];
const ofBoxes: readonly Surgery[] = [removeBox, resizeBox, renameBox, repeatBox, corruptField, corruptField];
const ofPackets: readonly Surgery[] = [losePackets, losePackets, swapPackets, breakHeaders];

/** Damages a copy of a file. ISO files and transport streams get surgery of their own half of the time. */
export function mutate(file: Buffer, seed: number): Mutation {
  const dice = rollDice(seed);
  const own = isIso(file) ? ofBoxes : isTransport(file) ? ofPackets : [];
  const surgery = dice.pick(own.length > 0 && dice.below(2) === 0 ? own : anywhere);
  return surgery(Buffer.from(file), dice);
}

function flipBits(bytes: Buffer, dice: Dice): Mutation {
  return flip(bytes, dice, dice.pick([1, 4, 16, 64, 256]), bytes.length);
}

function flipHeadBits(bytes: Buffer, dice: Dice): Mutation {
  return flip(bytes, dice, dice.pick([1, 2, 4, 16]), Math.min(headBytes, bytes.length));
}

function flip(bytes: Buffer, dice: Dice, count: number, end: number): Mutation {
  const places: string[] = [];
  for (let flipped = 0; flipped < count; flipped += 1) {
    const [at, bit] = [dice.below(end), dice.below(8)];
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
    places.push(`${at}.${bit}`);
  }
  const more = count > 4 ? ', …' : '';
  return { recipe: `${count} bits flipped at ${places.slice(0, 4).join(', ')}${more}`, bytes };
}

function truncate(bytes: Buffer, dice: Dice): Mutation {
  const length = dice.below(bytes.length);
  return { recipe: `cut to ${length} of ${bytes.length} bytes`, bytes: bytes.subarray(0, length) };
}

function removePart(bytes: Buffer, dice: Dice): Mutation {
  const { from, to } = part(bytes, dice);
  const left = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  return { recipe: `bytes ${from}–${to - 1} taken out`, bytes: left };
}

function zeroPart(bytes: Buffer, dice: Dice): Mutation {
  const { from, to } = part(bytes, dice);
  bytes.fill(0, from, to);
  return { recipe: `bytes ${from}–${to - 1} zeroed`, bytes };
}

function fillPart(bytes: Buffer, dice: Dice): Mutation {
  const { from, to } = part(bytes, dice);
  fillNoise(bytes.subarray(from, to), from + 1);
  return { recipe: `bytes ${from}–${to - 1} overwritten with noise`, bytes };
}

function part(bytes: Buffer, dice: Dice): { readonly from: number; readonly to: number } {
  const from = dice.below(bytes.length);
  return { from, to: Math.min(bytes.length, from + 1 + dice.below(dice.pick([16, 512, 8192]))) };
}

function removeBox(bytes: Buffer, dice: Dice): Mutation {
  const { type, start, end } = dice.pick(allBoxes(bytes));
  const left = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  return { recipe: `box ${type} at ${start} taken out, sizes around it kept`, bytes: left };
}

function resizeBox(bytes: Buffer, dice: Dice): Mutation {
  const { type, start, end } = dice.pick(allBoxes(bytes));
  const size = dice.pick([...evilNumbers, end - start - 1, end - start + 1, end - start + 8]);
  bytes.writeUInt32BE(Math.max(0, size), start);
  return { recipe: `box ${type} at ${start} says it has ${size} bytes`, bytes };
}

function renameBox(bytes: Buffer, dice: Dice): Mutation {
  const boxes = allBoxes(bytes);
  const { type, start } = dice.pick(boxes);
  const name = dice.pick(['free', 'moov', 'trak', ...boxes.map((other) => other.type)]);
  bytes.write(name, start + 4, 'latin1');
  return { recipe: `box ${type} at ${start} renamed ${name}`, bytes };
}

function repeatBox(bytes: Buffer, dice: Dice): Mutation {
  const { type, start, end } = dice.pick(allBoxes(bytes));
  const grown = Buffer.concat([bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end)]);
  return { recipe: `box ${type} at ${start} written twice, sizes around it kept`, bytes: grown };
}

/** Counts, durations, sizes, offsets: whatever 32 bits of a box's content mean. */
function corruptField(bytes: Buffer, dice: Dice): Mutation {
  const fields = allBoxes(bytes).filter(
    ({ type, contentStart, end }) => type !== 'mdat' && end - contentStart >= 4,
  );
  const { type, contentStart, end } = dice.pick(fields);
  const at = contentStart + 4 * dice.below(Math.min(16, Math.floor((end - contentStart) / 4)));
  const value = dice.pick(evilNumbers);
  bytes.writeUInt32BE(value, at);
  return { recipe: `box ${type}: the 32 bits at ${at} are ${value}`, bytes };
}

function losePackets(bytes: Buffer, dice: Dice): Mutation {
  const packets = packetsOf(bytes);
  const oneIn = dice.pick([2, 5, 20, 100]);
  const kept = packets.filter(() => dice.below(oneIn) > 0);
  return {
    recipe: `${packets.length - kept.length} of ${packets.length} packets lost, one in ${oneIn}`,
    bytes: Buffer.concat(kept),
  };
}

function swapPackets(bytes: Buffer, dice: Dice): Mutation {
  const packets = packetsOf(bytes);
  const count = dice.pick([1, 8, 40]);
  for (let swapped = 0; swapped < count; swapped += 1) {
    const [a, b] = [dice.below(packets.length), dice.below(packets.length)];
    [packets[a], packets[b]] = [packets[b] ?? Buffer.alloc(0), packets[a] ?? Buffer.alloc(0)];
  }
  return { recipe: `${count} pairs of packets swapped`, bytes: Buffer.concat(packets) };
}

/** Sync byte, identifier, flags, counter and the length of the adaptation field. */
function breakHeaders(bytes: Buffer, dice: Dice): Mutation {
  const packets = packetsOf(bytes);
  const count = dice.pick([1, 10, 50]);
  for (let broken = 0; broken < count; broken += 1) dice.pick(packets)[dice.below(5)] = dice.below(256);
  return { recipe: `${count} bytes of packet headers overwritten`, bytes: Buffer.concat(packets) };
}

function packetsOf(bytes: Buffer): Buffer[] {
  const count = Math.floor(bytes.length / packetBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * packetBytes, (n + 1) * packetBytes));
}

function allBoxes(file: Buffer, start = 0, end = file.length): PlacedBox[] {
  return listBoxes(file, start, end).flatMap((box) =>
    parents.has(box.type) ? [box, ...allBoxes(file, box.contentStart, box.end)] : [box],
  );
}

function isIso(file: Buffer): boolean {
  return file.toString('latin1', 4, 8) === 'ftyp' && listBoxes(file).at(-1)?.end === file.length;
}

function isTransport(file: Buffer): boolean {
  return [0, 1, 2].every((packet) => file[packet * packetBytes] === 0x47);
}

/** Mulberry32. */
function rollDice(seed: number): Dice {
  let state = seed >>> 0;
  const below = (count: number): number => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}
