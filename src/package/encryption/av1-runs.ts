/**
 * The tiles of AV1 samples, which alone are encrypted (AV1 codec ISO media file format binding 4.2): headers of units,
 * sequences, frames and tile groups stay clear, and so do metadata.
 */
import { openBitstreamUnits } from '../fmp4/sample-data.ts';
import { type Av1References, readAv1FrameHeader } from './av1-frame-header.ts';
import { type Av1Sequence, readAv1Sequence } from './av1-sequence.ts';
import type { TileLayout } from './av1-tile-layout.ts';
import { type HeaderBits, headerBits, UnreadableHeader } from './header-bits.ts';
import type { ByteRun, RunFinder } from './protected-runs.ts';

/** `obu_type` (AV1 bitstream specification 6.2.2). */
const unitTypes = { sequence: 1, frameHeader: 3, tileGroup: 4, frame: 6 } as const;

/** Samples come in decoding order: their headers tell only what differs from frames before. `configuration`: the encoder's. */
export function createAv1Runs(configuration: Uint8Array | null): RunFinder {
  let sequence: Av1Sequence | null = null;
  let references: Av1References = [];
  /** Of the frame whose tile groups follow; null between frames. */
  let tiles: TileLayout | null = null;
  if (configuration !== null) readUnits(withoutRecordHeader(configuration));

  function readUnits(bytes: Uint8Array): ByteRun[] {
    const runs: ByteRun[] = [];
    let at = 0;
    for (const { bytes: unit, type, payloadOffset } of openBitstreamUnits(bytes)) {
      const read = headerBits(unit.subarray(payloadOffset));
      if (type === unitTypes.sequence) sequence = readAv1Sequence(read);
      if (type === unitTypes.frameHeader) readHeader(read, unit);
      if (type === unitTypes.frame) {
        readHeader(read, unit);
        align(read);
      }
      if (type === unitTypes.frame || type === unitTypes.tileGroup) {
        const [start, end] = [at + payloadOffset, at + unit.length];
        runs.push(...readTileGroup(read, bytes, start, end));
      }
      at += unit.length;
    }
    return runs;
  }

  function readHeader(read: HeaderBits, unit: Uint8Array): void {
    // A header in the middle of a frame repeats its first one.
    if (tiles !== null) return;
    if (sequence === null) throw new UnreadableHeader('an AV1 frame without its sequence');
    const extension = (unit[0] ?? 0) & 4 ? (unit[1] ?? 0) : 0;
    const layers = { temporal: extension >> 5, spatial: (extension >> 3) & 3 };
    ({ tiles, references } = readAv1FrameHeader(read, sequence, references, layers));
  }

  /** The tiles of a group whose header `read` stands before; `start` and `end` are its payload's. */
  function readTileGroup(read: HeaderBits, bytes: Uint8Array, start: number, end: number): ByteRun[] {
    if (tiles === null) throw new UnreadableHeader('AV1 tiles without their frame');
    const { count, numberBits, sizeBytes } = tiles;
    const isPartial = count > 1 && read(1) === 1;
    const first = isPartial ? read(numberBits) : 0;
    const last = isPartial ? read(numberBits) : count - 1;
    align(read);
    let at = start + read.position / 8;
    const runs: ByteRun[] = [];
    for (let tile = first; tile <= last; tile += 1) {
      let tileEnd = end;
      if (tile < last) {
        tileEnd = at + sizeBytes + littleEndian(bytes, at, sizeBytes) + 1;
        at += sizeBytes;
      }
      if (tileEnd > end) throw new UnreadableHeader('AV1 tiles that are cut off');
      runs.push({ start: at, end: tileEnd });
      at = tileEnd;
    }
    if (last === count - 1) tiles = null;
    return runs;
  }

  return readUnits;
}

function align(read: HeaderBits): void {
  read.skip((8 - (read.position % 8)) % 8);
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index -= 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}

/** A configuration record (`av1C`) begins with a marker, its version and three more bytes; units alone do not. */
function withoutRecordHeader(configuration: Uint8Array): Uint8Array {
  return configuration[0] === 0x81 ? configuration.subarray(4) : configuration;
}
