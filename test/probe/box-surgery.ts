/** Finds and changes boxes of ISO base media files byte by byte, to make files that are broken in one known way. */

/** A box in a buffer: offsets from the start of the buffer. */
export interface PlacedBox {
  readonly type: string;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

/** Boxes of a file's top level, or inside a box. */
export function listBoxes(file: Buffer, start = 0, end = file.length): PlacedBox[] {
  const boxes: PlacedBox[] = [];
  for (let offset = start; offset + 8 <= end; ) {
    const size = file.readUInt32BE(offset);
    // To the end of the file, or of 64 bits: no file that is operated on has them where it matters.
    if (size < 8) break;
    boxes.push({
      type: file.toString('latin1', offset + 4, offset + 8),
      start: offset,
      contentStart: offset + 8,
      end: offset + size,
    });
    offset += size;
  }
  return boxes;
}

/** The first box along a path of types; throws when there is none. */
export function placeOf(file: Buffer, ...path: readonly string[]): PlacedBox {
  let found: PlacedBox | undefined;
  for (const type of path) {
    found = listBoxes(file, found?.contentStart ?? 0, found?.end ?? file.length).find(
      (box) => box.type === type,
    );
    if (found === undefined) throw new Error(`no ${path.join('/')} box`);
  }
  if (found === undefined) throw new Error('empty path');
  return found;
}

/** Inserts bytes at the end of the box at `path` and grows every box around it. For files whose index comes last. */
export function appendToBox(file: Buffer, path: readonly string[], bytes: Buffer): Buffer {
  const grown = Buffer.from(file);
  for (let depth = 1; depth <= path.length; depth += 1) {
    const { start } = placeOf(file, ...path.slice(0, depth));
    grown.writeUInt32BE(grown.readUInt32BE(start) + bytes.length, start);
  }
  const { end } = placeOf(file, ...path);
  return Buffer.concat([grown.subarray(0, end), bytes, grown.subarray(end)]);
}

/** A box with this content. */
export function box(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

/** Replaces the first occurrence of a four-character code behind `from`. */
export function renameCode(file: Buffer, from: number, oldCode: string, newCode: string): Buffer {
  const at = file.indexOf(oldCode, from, 'latin1');
  if (at < 0) throw new Error(`no ${oldCode}`);
  const renamed = Buffer.from(file);
  renamed.write(newCode, at, 'latin1');
  return renamed;
}
