/** Reads what the header of a VP8 frame says of quantizers and references (RFC 6386, sections 9 and 19.2). */

/** A frame as its header tells it. */
export interface Vp8Header {
  readonly isKey: boolean;
  /** Quantizer index of the frame, and what its segments add. */
  readonly quantizer: number;
  readonly segmentOffsets: readonly number[];
  readonly renewsGolden: boolean;
  readonly renewsAlternate: boolean;
}

/** Reads the header of one frame. */
export function readVp8Header(bytes: Uint8Array): Vp8Header {
  const isKey = ((bytes[0] ?? 0) & 1) === 0;
  const reader = createBoolReader(bytes, isKey ? 10 : 3);
  const { bit, literal, optional } = reader;
  if (isKey) literal(2);
  const segmentOffsets = bit() === 1 ? readSegments(reader) : [];
  // Filter: its type, level and sharpness, and what references and modes add.
  literal(1 + 6 + 3);
  if (bit() === 1 && bit() === 1) for (let delta = 0; delta < 8; delta += 1) optional(6);
  literal(2);
  const quantizer = literal(7);
  for (let delta = 0; delta < 5; delta += 1) optional(4);
  if (isKey) return { isKey, quantizer, segmentOffsets, renewsGolden: true, renewsAlternate: true };
  const [renewsGolden, renewsAlternate] = [bit() === 1, bit() === 1];
  return { isKey, quantizer, segmentOffsets, renewsGolden, renewsAlternate };
}

function readSegments({ bit, literal, optional }: BoolReader): readonly number[] {
  const [hasMap, hasData] = [bit() === 1, bit() === 1];
  const offsets: number[] = [];
  if (hasData) {
    bit();
    for (let segment = 0; segment < 4; segment += 1) offsets.push(optional(7));
    for (let segment = 0; segment < 4; segment += 1) optional(6);
  }
  if (hasMap) for (let node = 0; node < 3; node += 1) if (bit() === 1) literal(8);
  return offsets;
}

interface BoolReader {
  bit(): number;
  literal(bits: number): number;
  /** A signed number behind a flag; 0 without it. */
  optional(bits: number): number;
}

/** All flags here are as likely as not. */
function createBoolReader(bytes: Uint8Array, start: number): BoolReader {
  let place = start;
  const take = (): number => bytes[place++] ?? 0;
  let value = (take() << 8) | take();
  let [range, shifts] = [255, 0];
  const bit = (): number => {
    const split = 1 + (((range - 1) * 128) >> 8);
    const isSet = value >= split << 8;
    if (isSet) value -= split << 8;
    range = isSet ? range - split : split;
    for (; range < 128; range <<= 1) {
      value <<= 1;
      shifts += 1;
      if (shifts % 8 === 0) value |= take();
    }
    return isSet ? 1 : 0;
  };
  const literal = (bits: number): number => {
    let read = 0;
    for (let left = bits; left > 0; left -= 1) read = (read << 1) | bit();
    return read;
  };
  const optional = (bits: number): number => {
    if (bit() === 0) return 0;
    const magnitude = literal(bits);
    return bit() === 1 ? -magnitude : magnitude;
  };
  return { bit, literal, optional };
}
