/**
 * Finds out whether a file is shorter than its own header says, for containers other than ISO files: RIFF
 * (WAV, AVI), Matroska (RFC 9559) and MXF (SMPTE ST 377-1).
 */
import type { ByteSource } from './byte-source.ts';
import { readMxfHeader } from './mxf-header.ts';

/** Bytes that are missing by the file's own account; 0 when it is whole or does not tell. */
export async function missingBytes(bytes: ByteSource): Promise<number> {
  const head = await bytes.read(0, 4096);
  const end = riffEnd(head) ?? matroskaEnd(head) ?? readMxfHeader(head)?.footerOffset ?? null;
  return end === null ? 0 : Math.max(0, end - bytes.sizeBytes);
}

/** Writers that stream leave 0 or the greatest number instead of the size. */
function riffEnd(head: Buffer): number | null {
  if (head.length < 12 || head.toString('latin1', 0, 4) !== 'RIFF') return null;
  const size = head.readUInt32LE(4);
  return size === 0 || size >= 0xffffff00 ? null : size + 8;
}

const ebmlHeaderId = 0x1a45dfa3;
const segmentId = 0x18538067;

function matroskaEnd(head: Buffer): number | null {
  if (head.length < 16 || head.readUInt32BE(0) !== ebmlHeaderId) return null;
  const header = readVariableLength(head, 4);
  if (header === null || header.value === null) return null;
  const segment = 4 + header.bytes + header.value;
  if (segment + 12 > head.length || head.readUInt32BE(segment) !== segmentId) return null;
  const size = readVariableLength(head, segment + 4);
  return size === null || size.value === null ? null : segment + 4 + size.bytes + size.value;
}

/** EBML size: leading zero bits tell its length, all ones mean unknown. */
function readVariableLength(buffer: Buffer, offset: number): { bytes: number; value: number | null } | null {
  const first = buffer[offset];
  if (first === undefined || first === 0) return null;
  const bytes = Math.clz32(first) - 24 + 1;
  if (offset + bytes > buffer.length) return null;
  let value = BigInt(first) & ((1n << BigInt(8 - bytes)) - 1n);
  for (let index = 1; index < bytes; index += 1) value = (value << 8n) | BigInt(buffer[offset + index] ?? 0);
  const isUnknown = value === (1n << BigInt(7 * bytes)) - 1n;
  return { bytes, value: isUnknown ? null : Number(value) };
}
