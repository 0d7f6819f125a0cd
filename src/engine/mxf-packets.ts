/** Packets of an MXF file: key, length, value (SMPTE ST 336). */

/** Key, and a length of the longest form. */
export const longestHeadBytes = 25;

/** Key and length in front of a packet (SMPTE ST 336): the length in basic encoding rules. */
export function packetSize(
  head: Buffer,
  offset: number,
): { readonly length: number; readonly headBytes: number } {
  const first = head[16];
  if (first === undefined) throw new RangeError(`MXF packet cut off at ${offset}`);
  if (first < 0x80) return { length: first, headBytes: 17 };
  const bytes = first & 0x7f;
  let length = 0;
  for (const byte of head.subarray(17, 17 + bytes)) length = length * 256 + byte;
  return { length, headBytes: 17 + bytes };
}
