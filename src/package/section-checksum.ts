/** The checksum at the end of sections of a transport stream. */

/** CRC-32 of a section in its four bytes (ISO/IEC 13818-1 annex A). */
export function sectionChecksum(section: Uint8Array): Buffer {
  let crc = 0xffff_ffff;
  for (const byte of section) crc = ((crc << 8) ^ (checksumTable[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc, 0);
  return bytes;
}

const checksumTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  return value >>> 0;
});
