/** Bits of headers whose length must be known, because they stay clear in front of encrypted data. */

/** The stream uses what no reader here knows, or is cut off: nothing can be said of where its headers end. */
export class UnreadableHeader extends Error {
  override readonly name = 'UnreadableHeader';
}

/** Reads `bits` as a number. Throws UnreadableHeader behind the end. */
export interface HeaderBits {
  (bits: number): number;
  /** Bits read so far. */
  readonly position: number;
  /** Exp-Golomb codes (Rec. ITU-T H.264 9.1, H.265 9.2). */
  unsigned(): number;
  signed(): number;
  skip(bits: number): void;
}

/** A reader at the first bit. */
export function headerBits(bytes: Uint8Array): HeaderBits {
  let position = 0;
  const read = (bits: number): number => {
    let value = 0;
    for (let n = 0; n < bits; n += 1, position += 1) {
      const byte = bytes[position >> 3];
      if (byte === undefined) throw new UnreadableHeader('a header that is cut off');
      value = value * 2 + ((byte >> (7 - (position & 7))) & 1);
    }
    return value;
  };
  const unsigned = (): number => {
    let zeros = 0;
    while (read(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + read(zeros);
  };
  const signed = (): number => {
    const code = unsigned();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  };
  const skip = (bits: number): void => {
    position += bits;
  };
  return Object.defineProperty(Object.assign(read, { unsigned, signed, skip }), 'position', {
    get: () => position,
  }) as HeaderBits;
}

/** The bytes of a NAL `unit` that hold its first `rawLength` payload bytes (Rec. ITU-T H.264 7.4.1.1). */
export function bytesWithEmulation(unit: Uint8Array, rawLength: number): number {
  let zeros = 0;
  let raw = 0;
  for (let at = 0; at < unit.length; at += 1) {
    if (raw === rawLength) return at;
    const byte = unit[at] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    raw += 1;
  }
  return unit.length;
}
