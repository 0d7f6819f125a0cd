/** ISO base media boxes as bytes (ISO/IEC 14496-12 section 4.2). */

/** A box: size, type, content. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(8);
  const size = content.reduce((sum, part) => sum + part.length, header.length);
  header.writeUInt32BE(size, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...content], size);
}

/** A box that begins with a version and 24 flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Buffer {
  return box(type, u32(((version << 24) | flags) >>> 0), ...content);
}

/** One byte each. */
export function u8(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

/** Two bytes each. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

/** Four bytes each. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** Eight bytes; negative values in two's complement. */
export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}

/** The bytes of text, one per character. */
export function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Zeros. */
export function zeros(count: number): Buffer {
  return Buffer.alloc(count);
}
