/** Damages media files in known places. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { FormatContext, Packet } from 'node-av/lib';

/** Overwrites the samples of one track. `replace` gets the sample's number and bytes and changes them in place. */
export function damageSamples(
  path: string,
  streamIndex: number,
  replace: (number: number, bytes: Buffer) => void,
): void {
  const places: { readonly at: number; readonly size: number }[] = [];
  const context = new FormatContext();
  context.openInputSync(path, null, null);
  context.findStreamInfoSync(null);
  const packet = new Packet();
  packet.alloc();
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === streamIndex) places.push({ at: Number(packet.pos), size: packet.size });
    packet.unref();
  }
  packet.free();
  context.closeInputSync();
  const file = readFileSync(path);
  for (const [number, { at, size }] of places.entries()) replace(number, file.subarray(at, at + size));
  writeFileSync(path, file);
}

/** Keeps the first part of a file. */
export function truncateTo(path: string, share: number): void {
  truncateSync(path, Math.floor(readFileSync(path).length * share));
}

/** Bytes that look random and are the same in every run (xorshift32). */
export function fillNoise(bytes: Buffer, seed: number): void {
  let state = seed | 1;
  for (let index = 0; index < bytes.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
}
