/**
 * Walks the boxes of an ISO base media file (ISO/IEC 14496-12, QuickTime file format): the top level from its
 * headers alone, the `moov` box from memory. Damage ends a walk, it never throws: what was seen so far is judged
 * by `iso-structure.ts`.
 */
import type { ByteSource } from './byte-source.ts';

/** A box at the top level of the file. Offsets in bytes from the start of the file. */
export interface TopLevelBox {
  readonly type: string;
  readonly offset: number;
  /** As declared; may reach beyond the end of the file. */
  readonly end: number;
  /** First bytes of the content, up to 24. */
  readonly head: Buffer;
}

/** A box inside `moov`. */
export interface InnerBox {
  readonly type: string;
  readonly content: Buffer;
  readonly children: readonly InnerBox[];
}

/** What the top level of a file looks like. */
export interface IsoLayout {
  readonly sizeBytes: number;
  readonly boxes: readonly TopLevelBox[];
  /** How the walk ended: at the end of the file, beyond it, at a header that cannot be one, or early to save reads. */
  readonly end: 'complete' | 'beyond-end' | 'malformed' | 'stopped';
  /** Content of the movie box; null when there is none, it is not whole, or it is too big to look at. */
  readonly moov: InnerBox | null;
}

const maxLocalBoxes = 20_000;
/** Each box of a remote object may cost a round trip. */
const maxRemoteBoxes = 64;
/** A movie box of 64 MiB indexes about 200 hours; bigger ones are left to the library. */
const maxMoovBytes = 64 * 1024 * 1024;
/** An index of two hours; what is fetched along where it is none is not much. */
const mostIndexBytes = 4 * 1024 * 1024;
const maxDepth = 12;

const containers = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'udta']);

/** Reads the layout of an ISO base media file. Throws only when the object itself fails. */
export async function readIsoLayout(bytes: ByteSource): Promise<IsoLayout> {
  const boxes: TopLevelBox[] = [];
  const limit = bytes.isRemote ? maxRemoteBoxes : maxLocalBoxes;
  let offset = 0;
  let end: IsoLayout['end'] = 'complete';
  while (offset < bytes.sizeBytes) {
    if (boxes.length >= limit) {
      end = 'stopped';
      break;
    }
    // What is left behind the media is the index.
    const left = bytes.sizeBytes - offset;
    if (offset > 0 && left <= mostIndexBytes) bytes.expect(offset, left);
    const box = await readTopLevelBox(bytes, offset);
    if (box === null) {
      end = 'malformed';
      break;
    }
    boxes.push(box);
    offset = box.end;
  }
  if (offset > bytes.sizeBytes) end = 'beyond-end';
  return { sizeBytes: bytes.sizeBytes, boxes, end, moov: await readMoov(bytes, boxes) };
}

/** All boxes of a type below a box, at any depth. */
export function findBoxes(box: InnerBox, type: string): InnerBox[] {
  return box.children.flatMap((child) => [
    ...(child.type === type ? [child] : []),
    ...findBoxes(child, type),
  ]);
}

/** The first box along a path of types below a box. */
export function findBox(box: InnerBox, ...path: readonly string[]): InnerBox | null {
  let found: InnerBox | undefined = box;
  for (const type of path) found = found?.children.find((child) => child.type === type);
  return found ?? null;
}

async function readTopLevelBox(bytes: ByteSource, offset: number): Promise<TopLevelBox | null> {
  const header = await bytes.read(offset, 40);
  const parsed = parseHeader(header, 0);
  if (parsed === null) return null;
  const { type, headerBytes, sizeBytes } = parsed;
  const end = sizeBytes === 0 ? bytes.sizeBytes : offset + sizeBytes;
  return { type, offset, end, head: header.subarray(headerBytes, headerBytes + 24) };
}

async function readMoov(bytes: ByteSource, boxes: readonly TopLevelBox[]): Promise<InnerBox | null> {
  const moov = boxes.find((box) => box.type === 'moov');
  if (moov === undefined || moov.end > bytes.sizeBytes || moov.end - moov.offset > maxMoovBytes) return null;
  bytes.expect(moov.offset, moov.end - moov.offset);
  const whole = await bytes.read(moov.offset, moov.end - moov.offset);
  return parseBoxes(whole, 0)[0] ?? null;
}

function parseBoxes(buffer: Buffer, depth: number): InnerBox[] {
  const boxes: InnerBox[] = [];
  let offset = 0;
  while (offset + 8 <= buffer.length && boxes.length < 4096) {
    const header = parseHeader(buffer, offset);
    if (header === null) break;
    const end = header.sizeBytes === 0 ? buffer.length : offset + header.sizeBytes;
    if (end > buffer.length) break;
    const content = buffer.subarray(offset + header.headerBytes, end);
    const children = containers.has(header.type) && depth < maxDepth ? parseBoxes(content, depth + 1) : [];
    boxes.push({ type: header.type, content, children });
    offset = end;
  }
  return boxes;
}

/** Size 0 means "to the end"; 1 means a 64-bit size follows. Null for what cannot be a box header. */
function parseHeader(
  buffer: Buffer,
  offset: number,
): { type: string; headerBytes: number; sizeBytes: number } | null {
  if (offset + 8 > buffer.length) return null;
  const type = buffer.toString('latin1', offset + 4, offset + 8);
  // QuickTime writes `©xyz` types; anything else outside printable ASCII is damage.
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return null;
  const shortSize = buffer.readUInt32BE(offset);
  if (shortSize !== 1)
    return shortSize === 0 || shortSize >= 8 ? { type, headerBytes: 8, sizeBytes: shortSize } : null;
  if (offset + 16 > buffer.length) return null;
  const longSize = Number(buffer.readBigUInt64BE(offset + 8));
  return longSize >= 16 && Number.isSafeInteger(longSize)
    ? { type, headerBytes: 16, sizeBytes: longSize }
    : null;
}
