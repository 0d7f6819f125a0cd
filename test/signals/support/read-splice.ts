/** Reads splice_info_sections bit by bit (ANSI/SCTE 35 9.6). Shares no code with the product. */

export interface ReadSplice {
  readonly command: number;
  readonly adjustment: bigint;
  readonly pts: bigint | null;
  readonly segmentations: readonly ReadSegmentation[];
}

export interface ReadSegmentation {
  readonly eventId: number;
  readonly typeId: number;
  readonly duration: bigint | null;
  readonly upidType: number;
  readonly upid: string;
  readonly number: number;
  readonly expected: number;
  readonly isRestricted: boolean;
}

/** Throws for anything that is not an intact, clear section. */
export function readSplice(bytes: Buffer): ReadSplice {
  if (remainder(bytes) !== 0) throw new Error('the checksum is wrong');
  const bits = bitReader(bytes);
  if (bits(8) !== 0xfcn) throw new Error('no splice_info_section');
  bits(4);
  const length = Number(bits(12));
  if (length + 3 !== bytes.length)
    throw new Error(`${bytes.length} bytes, and the section has ${length + 3}`);
  bits(8);
  if (bits(1) !== 0n) throw new Error('encrypted');
  bits(6);
  const adjustment = bits(33);
  bits(8 + 12);
  const commandLength = Number(bits(12));
  const command = Number(bits(8));
  let pts: bigint | null = null;
  if (command === 6) {
    const isGiven = bits(1) === 1n;
    if (isGiven) {
      bits(6);
      pts = bits(33);
    } else bits(7);
    if (commandLength !== (isGiven ? 5 : 1)) throw new Error(`a command of ${commandLength} bytes`);
  } else bits(commandLength * 8);
  const loop = Number(bits(16));
  const segmentations: ReadSegmentation[] = [];
  for (let left = loop; left > 0; ) {
    const tag = bits(8);
    const size = Number(bits(8));
    left -= size + 2;
    if (tag !== 2n) bits(size * 8);
    else segmentations.push(readSegmentation(bits, size));
  }
  return { command, adjustment, pts, segmentations };
}

type Bits = (count: number) => bigint;

function readSegmentation(bits: Bits, size: number): ReadSegmentation {
  if (bits(32) !== BigInt(Buffer.from('CUEI').readUInt32BE())) throw new Error('no CUEI');
  const eventId = Number(bits(32));
  if (bits(1) === 1n) throw new Error('a cancelled event');
  bits(7);
  const [isProgram, hasDuration, isFree] = [bits(1), bits(1), bits(1)];
  bits(5);
  if (isProgram === 0n) throw new Error('components');
  const duration = hasDuration === 1n ? bits(40) : null;
  const upidType = Number(bits(8));
  const upidBytes = Number(bits(8));
  const upid = Buffer.from(Array.from({ length: upidBytes }, () => Number(bits(8)))).toString('latin1');
  const typeId = Number(bits(8));
  const [number, expected] = [Number(bits(8)), Number(bits(8))];
  const used = 4 + 4 + 1 + 1 + (duration === null ? 0 : 5) + 2 + upidBytes + 3;
  if (used > size) throw new Error(`a descriptor of ${size} bytes`);
  bits((size - used) * 8);
  return { eventId, typeId, duration, upidType, upid, number, expected, isRestricted: isFree === 0n };
}

function bitReader(bytes: Buffer): Bits {
  let at = 0;
  return (count) => {
    let value = 0n;
    for (let bit = 0; bit < count; bit += 1, at += 1) {
      if (at >> 3 >= bytes.length) throw new Error('the section ends too early');
      value = (value << 1n) | BigInt(((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    }
    return value;
  };
}

/** CRC-32 of MPEG, bit by bit: 0 over bytes that end with their own. */
export function remainder(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const top = (crc >>> 31) ^ ((byte >> bit) & 1);
      crc = (crc << 1) >>> 0;
      if (top === 1) crc = (crc ^ 0x04c1_1db7) >>> 0;
    }
  }
  return crc;
}
