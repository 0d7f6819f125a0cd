/** The composition-to-decode box (ISO/IEC 14496-12 8.6.1.4) of sample tables that are long. */
import { expect, it } from 'vitest';
import type { Box } from '../../src/engine/mp4-boxes.ts';
import { compositionShiftBox } from '../../src/engine/mp4-composition.ts';

function table(type: string, runs: readonly (readonly [number, number])[]): Box {
  const payload = Buffer.alloc(8 + runs.length * 8);
  payload.writeUInt32BE(runs.length, 4);
  for (const [index, [count, value]] of runs.entries()) {
    payload.writeUInt32BE(count, 8 + index * 8);
    payload.writeInt32BE(value, 12 + index * 8);
  }
  return { type, payload, children: null };
}

const tables = (samples: number): readonly Box[] => [
  table('stts', [[samples, 1001]]),
  table('ctts', [
    [1, 2002],
    [samples - 1, 1001],
  ]),
];

it('has fields of 32 bits while all times fit', () => {
  const box = compositionShiftBox(tables(1000));
  expect(box?.payload.readUInt8(0)).toBe(0);
  expect([4, 8, 12, 16, 20].map((at) => box?.payload.readInt32BE(at))).toEqual([
    0, 1001, 2002, 2002, 1_002_001,
  ]);
});

it('has fields of 64 bits for twelve hours of 59.94 frames a second', () => {
  const samples = 12 * 3600 * 60;
  const box = compositionShiftBox(tables(samples));
  expect(box?.payload).toHaveLength(44);
  expect(box?.payload.readUInt8(0)).toBe(1);
  expect(box?.payload.readBigInt64BE(4 + 4 * 8)).toBe(BigInt(samples + 1) * 1001n);
});
