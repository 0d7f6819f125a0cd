/**
 * Encoded frames as fMP4 samples: NAL units with lengths instead of start codes (ISO/IEC 14496-15 4.3), and without what
 * the sample entry or the container says already.
 */

import type { FragmentedOutput } from '../../plan/group-plan.ts';
import { type NalCodec, nalType, nalUnits } from '../annex-b.ts';

/** Parameter sets, access unit delimiters and end-of-stream marks, by `nal_unit_type` (H.264 table 7-1, H.265 table 7-1). */
const parameterSetTypes: Readonly<Record<NalCodec, ReadonlySet<number>>> = {
  H_264: new Set([7, 8, 13, 15]),
  H_265: new Set([32, 33, 34]),
};
const containerTypes: Readonly<Record<NalCodec, ReadonlySet<number>>> = {
  H_264: new Set([9, 11]),
  H_265: new Set([35, 37]),
};

/** The NAL units of an access unit that belong into the sample, without their lengths. */
export function sampleUnits(
  accessUnit: Uint8Array,
  codec: NalCodec,
  entry: FragmentedOutput['sampleEntry'],
  parameterSets: Uint8Array | null,
): readonly Uint8Array[] {
  const keepsSets = entry === 'avc3' || entry === 'hev1';
  const units: Uint8Array[] = [];
  let hasSets = false;
  for (const unit of nalUnits(accessUnit)) {
    const type = nalType(unit, codec);
    if (containerTypes[codec].has(type) || unit.length === 0) continue;
    if (parameterSetTypes[codec].has(type)) {
      if (!keepsSets) continue;
      hasSets = true;
    }
    units.push(unit);
  }
  // `avc3` and `hev1` repeat them at each key frame, which is what the caller gives them for.
  return hasSets || parameterSets === null || !keepsSets ? units : [...nalUnits(parameterSets), ...units];
}

/** The units one behind the other, each with its length in four bytes. */
export function lengthPrefixed(units: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    bytes.writeUInt32BE(unit.length, at);
    bytes.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return bytes;
}

/** Open bitstream units of an AV1 sample: temporal delimiters are left out (AV1 in ISOBMFF 2.4). */
export function withoutTemporalDelimiters(temporalUnit: Uint8Array): Buffer {
  const kept: Uint8Array[] = [];
  for (const { bytes, type } of openBitstreamUnits(temporalUnit)) if (type !== 2) kept.push(bytes);
  return Buffer.concat(kept);
}

/** The units of an AV1 low-overhead stream with their headers (AV1 specification 5.3). */
export function* openBitstreamUnits(
  stream: Uint8Array,
): Generator<{ readonly bytes: Uint8Array; readonly type: number; readonly payloadOffset: number }> {
  for (let at = 0; at < stream.length; ) {
    const header = stream[at] ?? 0;
    const type = (header >> 3) & 15;
    const sizeAt = at + (header & 4 ? 2 : 1);
    // Without a size field the unit takes the rest.
    const { value, length } =
      header & 2 ? leb128(stream, sizeAt) : { value: stream.length - sizeAt, length: 0 };
    const end = sizeAt + length + value;
    yield { bytes: stream.subarray(at, end), type, payloadOffset: sizeAt + length - at };
    at = end;
  }
}

function leb128(bytes: Uint8Array, at: number): { readonly value: number; readonly length: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { value, length: index + 1 };
  }
  return { value, length: 8 };
}
