/** Bits of coded syntax: read and written from the most significant on (Rec. ITU-T H.264 7.2, 9.1). */

/** Reads fields one after another. Past the end everything is 0. */
export interface BitReader {
  /** `count` ≤ 32. */
  bits(count: number): number;
  flag(): boolean;
  /** Exp-Golomb, unsigned and signed. */
  ue(): number;
  se(): number;
  /** Bits read so far. */
  readonly position: number;
}

/** A reader at the first bit. */
export function readBits(bytes: Uint8Array): BitReader {
  let at = 0;
  const bit = (): number => {
    const value = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    at += 1;
    return value;
  };
  const bits = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1) value = value * 2 + bit();
    return value;
  };
  const ue = (): number => {
    let zeros = 0;
    while (zeros < 32 && bit() === 0) zeros += 1;
    return 2 ** zeros - 1 + bits(zeros);
  };
  return {
    bits,
    flag: () => bit() === 1,
    ue,
    se() {
      const code = ue();
      return code % 2 === 0 ? -(code / 2) : (code + 1) / 2;
    },
    get position() {
      return at;
    },
  };
}

/** Overwrites `count` bits of `bytes` from bit `at` on. */
export function overwriteBits(bytes: Uint8Array, at: number, value: number, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const place = at + index;
    const mask = 0x80 >> (place & 7);
    const bit = Math.floor(value / 2 ** (count - 1 - index)) % 2;
    bytes[place >> 3] = ((bytes[place >> 3] ?? 0) & ~mask) | (bit === 1 ? mask : 0);
  }
}

/** Collects fields. */
export interface BitWriter {
  bits(value: number, count: number): BitWriter;
  flag(value: boolean): BitWriter;
  /** Exp-Golomb, unsigned. */
  ue(value: number): BitWriter;
  /** The bytes; an unfinished one ends in a 1 and zeros, as payloads do. */
  aligned(): Buffer;
  /** The bytes, with the 1 and the zeros that every unit ends in. */
  ended(): Buffer;
}

/** An empty writer. */
export function writeBits(): BitWriter {
  const bytes: number[] = [];
  let filled = 8;
  const bit = (value: number): void => {
    if (filled === 8) {
      bytes.push(0);
      filled = 0;
    }
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | (value << (7 - filled));
    filled += 1;
  };
  const writer: BitWriter = {
    bits(value, count) {
      for (let index = count - 1; index >= 0; index -= 1) bit(Math.floor(value / 2 ** index) % 2);
      return writer;
    },
    flag: (value) => writer.bits(value ? 1 : 0, 1),
    ue(value) {
      const length = Math.floor(Math.log2(value + 1));
      return writer.bits(0, length).bits(value + 1, length + 1);
    },
    aligned() {
      if (filled < 8) bit(1);
      return Buffer.from(bytes);
    },
    ended() {
      bit(1);
      return Buffer.from(bytes);
    },
  };
  return writer;
}

/** Hands `count` bits on. */
export function copyBits(from: BitReader, to: BitWriter, count: number): void {
  for (let left = count; left > 0; left -= 32) {
    const part = Math.min(32, left);
    to.bits(from.bits(part), part);
  }
}

/** Bits in front of the 1 that ends a unit. */
export function endOf(bytes: Uint8Array): number {
  let last = bytes.length - 1;
  while (last > 0 && bytes[last] === 0) last -= 1;
  const zeros = 31 - Math.clz32((bytes[last] ?? 0) & -(bytes[last] ?? 0));
  return last * 8 + 7 - zeros;
}
