/** Jumps of an input's clock, told from the pauses of its data tracks. */
import type { Packet } from 'node-av/lib';
import { expect, it } from 'vitest';
import { createContinuousTime } from '../../src/engine/continuous-time.ts';
import { rational } from '../../src/exact-time.ts';

const base = rational(1, 90_000);

/** A packet as the corrector sees it. */
const packetAt = (streamIndex: number, seconds: number): Packet =>
  ({
    streamIndex,
    dts: BigInt(seconds * 90_000),
    pts: BigInt(seconds * 90_000),
    duration: 90_000n,
  }) as unknown as Packet;

it('puts the first picture behind a stated cut where the last one ended, and sound that came earlier with it', () => {
  const time = createContinuousTime('mpegts', { cuts: [1000], leadIndex: 0 });
  const read = (streamIndex: number, seconds: number, pos: number): number | null => {
    const packet = { ...packetAt(streamIndex, seconds), pos: BigInt(pos) } as Packet;
    return time.repair(packet, base, false) ? Number(packet.pts) / 90_000 : null;
  };
  expect([read(0, 0, 0), read(1, 0, 100), read(0, 1, 500), read(1, 1, 600)]).toEqual([0, 0, 1, 1]);
  // Seven seconds forward: too little to be guessed.
  expect(read(1, 8.5, 1000)).toBeNull();
  expect(read(0, 9, 1100)).toBe(2);
  expect(read(1, 8.5, 1000)).toBe(1.5);
  expect(read(1, 9.5, -1)).toBe(2.5);
});

it('takes a data track that is silent for half a minute for no jump, and moves it with the others', () => {
  const time = createContinuousTime('mpegts');
  const read = (stream: number, seconds: number): number => {
    const packet = packetAt(stream, seconds);
    time.repair(packet, base, stream === 1);
    return Number(packet.pts) / 90_000;
  };
  expect(read(1, 0)).toBe(0);
  for (let second = 0; second < 40; second += 1) expect(read(0, second)).toBe(second);
  expect(read(1, 39)).toBe(39);
  expect(read(0, 40)).toBe(40);
  // The clock starts again: picture and data go on together.
  expect(read(0, 1000)).toBe(41);
  expect(read(1, 1002)).toBe(43);
  expect(time.offsetSeconds).toBe(-959);
});
