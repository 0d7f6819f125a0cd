/** Bits of a coded header, first bit first (Rec. ITU-T H.264 7.2 and 9.1). */
export interface BitReader {
  /** Up to 32 bits as a number. */
  bits(count: number): number;
  flag(): boolean;
  /** An unsigned number in Golomb's code. */
  golomb(): number;
  signedGolomb(): number;
}

/** Reads from the first bit of `bytes`. Throws RangeError beyond the last one. */
export function readBits(bytes: Uint8Array): BitReader {
  let at = 0;
  const bit = (): number => {
    const byte = bytes[at >> 3];
    if (byte === undefined) throw new RangeError('the header ends early');
    const value = (byte >> (7 - (at & 7))) & 1;
    at += 1;
    return value;
  };
  const bits = (count: number): number => {
    let value = 0;
    for (let left = count; left > 0; left -= 1) value = value * 2 + bit();
    return value;
  };
  const golomb = (): number => {
    let zeros = 0;
    while (bit() === 0) zeros += 1;
    return 2 ** zeros - 1 + bits(zeros);
  };
  return {
    bits,
    flag: () => bit() === 1,
    golomb,
    signedGolomb() {
      const code = golomb();
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
    },
  };
}

/** Units of a byte stream without their start codes, each with its header. */
export function splitUnits(stream: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let at = 0; at + 2 < stream.length; at += 1) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    if (start >= 0) units.push(stream.subarray(start, at));
    start = at + 3;
    at += 2;
  }
  if (start >= 0) units.push(stream.subarray(start));
  return units;
}

/** Takes out the bytes that keep start codes out of a unit. */
export function withoutEscapes(unit: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Messages of one unit, type → payload (H.264 7.3.2.3.1; H.265 7.3.5 is the same). */
export function readMessages(payload: Uint8Array): Map<number, Uint8Array> {
  const messages = new Map<number, Uint8Array>();
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (; payload[at] === 0xff; at += 1) value += 255;
    value += payload[at] ?? 0;
    at += 1;
    return value;
  };
  while (at + 2 < payload.length) {
    const type = number();
    const size = number();
    messages.set(type, payload.subarray(at, at + size));
    at += size;
  }
  return messages;
}
