/** Header metadata of MXF files are found and edited whatever their length (SMPTE ST 377-1). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { editMetadata } from '../../src/engine/mxf-metadata.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mxf-metadata-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const primer = Buffer.from('060e2b34020501010d01020101050100', 'hex');
const set = Buffer.from('060e2b34025301010d01010101012800', 'hex');
const fill = Buffer.from('060e2b34010101020301021001000000', 'hex');
const picture = Buffer.from('060e2b34010201010d01030115010500', 'hex');

function packet(key: Buffer, value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(0x83000000 + value.length);
  return Buffer.concat([key, length, value]);
}

test.each([
  ['short', 100],
  ['longer than what is read at first', 200_000],
])('metadata that are %s', (_name, bytes) => {
  const file = path.join(folder, `${bytes}.mxf`);
  const essence = packet(picture, Buffer.alloc(1000, 7));
  const whole = Buffer.concat([
    packet(primer, Buffer.alloc(26)),
    packet(set, Buffer.alloc(bytes, 1)),
    packet(fill, Buffer.alloc(500)),
    essence,
  ]);
  writeFileSync(file, whole);
  editMetadata(file, (packets, head) => {
    expect(packets.map(({ value }) => value.length)).toEqual([26, bytes]);
    expect(head().equals(whole)).toBe(true);
    for (const one of packets.slice(1)) one.changed = Buffer.alloc(bytes + 50, 2);
  });
  const edited = readFileSync(file);
  expect(edited.length).toBe(whole.length);
  expect(edited.indexOf(Buffer.alloc(bytes + 50, 2))).toBeGreaterThan(0);
  expect(edited.subarray(-essence.length).equals(essence)).toBe(true);
});

test('a file that ends within its metadata is refused', () => {
  const file = path.join(folder, 'cut.mxf');
  writeFileSync(file, packet(primer, Buffer.alloc(26)));
  expect(() => editMetadata(file, () => {})).toThrow(RangeError);
});
