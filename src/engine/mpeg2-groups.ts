/** Groups of MPEG-2 that are closed, told so: the encoder calls all but the first open where some are. */

const startCode = Buffer.from([0, 0, 1]);
const codes = { picture: 0x00, group: 0xb8 };
/** `closed_gop` stands behind 25 bits of time code (H.262 6.2.2.6). */
const closedFlag = 0x40;

/**
 * Sets `closed_gop` of a group whose first picture is shown first: no picture in front of it refers to the group before
 * (H.262 6.3.8). Others come back as they are.
 */
export function withClosedGroup(coded: Uint8Array): Uint8Array {
  const bytes = Buffer.from(coded.buffer, coded.byteOffset, coded.length);
  const group = unitAt(bytes, codes.group);
  const picture = unitAt(bytes, codes.picture);
  if (group < 0 || picture < 0) return coded;
  // temporal_reference: the first ten bits of the picture header.
  if (bytes.readUInt16BE(picture + 4) >> 6 !== 0) return coded;
  const told = Buffer.from(bytes);
  told[group + 7] = (told[group + 7] ?? 0) | closedFlag;
  return told;
}

/** Place of the first unit with a start code; −1: there is none. */
function unitAt(bytes: Buffer, code: number): number {
  let at = bytes.indexOf(startCode);
  while (at >= 0 && bytes[at + 3] !== code) at = bytes.indexOf(startCode, at + 3);
  return at;
}
