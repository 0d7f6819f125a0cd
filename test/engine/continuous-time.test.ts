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
