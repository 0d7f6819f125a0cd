/** NAL units of H.264 and H.265 byte streams (Rec. ITU-T H.264 and H.265, Annex B). */

/** Video codecs whose packets are byte streams. */
export type NalCodec = 'H_264' | 'H_265';

/** The NAL units of a byte stream, without start codes, in order. */
export function* nalUnits(stream: Uint8Array): Generator<Uint8Array> {
  let start = -1;
  let at = 0;
  while (at + 2 < stream.length) {
    if (stream[at] === 0 && stream[at + 1] === 0 && stream[at + 2] === 1) {
      if (start >= 0) yield withoutTrailingZeros(stream.subarray(start, at));
      start = at + 3;
      at += 3;
    } else {
      // A start code cannot begin before the last byte that is not 0 or 1.
      at += (stream[at + 2] ?? 0) > 1 ? 3 : 1;
    }
  }
  if (start >= 0) yield withoutTrailingZeros(stream.subarray(start));
}

function withoutTrailingZeros(unit: Uint8Array): Uint8Array {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end -= 1;
  return unit.subarray(0, end);
}

/** `nal_unit_type` of a unit. */
export function nalType(unit: Uint8Array, codec: NalCodec): number {
  const first = unit[0] ?? 0;
  return codec === 'H_264' ? first & 0x1f : (first >> 1) & 0x3f;
}

/**
 * True when the access unit begins with an instantaneous decoder refresh: nothing before it is needed to decode what
 * follows. A key frame that only allows random access (recovery point, CRA) is none, and no segment may begin with it.
 * Only the units up to the first slice are looked at.
 */
export function isInstantRefresh(accessUnit: Uint8Array, codec: NalCodec): boolean {
  for (const unit of nalUnits(accessUnit)) {
    const type = nalType(unit, codec);
    if (codec === 'H_264' && type >= 1 && type <= 5) return type === 5;
    // IDR_W_RADL, IDR_N_LP; all slices are below 32.
    if (codec === 'H_265' && type < 32) return type === 19 || type === 20;
  }
  return false;
}

/** The payload bits of a unit: emulation prevention bytes removed (clause 7.4.1.1), at most `limit` bytes. */
export function rawBytes(unit: Uint8Array, limit: number): Uint8Array {
  const raw = new Uint8Array(limit);
  let length = 0;
  let zeros = 0;
  for (const byte of unit) {
    if (length === limit) break;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    raw[length] = byte;
    length += 1;
  }
  return raw.subarray(0, length);
}
