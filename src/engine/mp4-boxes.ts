/** ISO base media boxes as a tree (ISO/IEC 14496-12 4.2): just enough to add boxes to an index and write it again. */

/** A box; containers have children, all others their payload behind the 8-byte header. */
export interface Box {
  type: string;
  payload: Buffer;
  readonly children: Box[] | null;
}

/** Boxes that hold nothing but boxes, on the way to the sample tables and edit lists. */
const containers: ReadonlySet<string> = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'stbl']);

/** Parses boxes that follow each other. Throws RangeError for a box that reaches outside. */
export function parseBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let offset = 0; offset + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(offset);
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    if (size < 8 || offset + size > bytes.length)
      throw new RangeError(`box ${type} of ${size} bytes at ${offset}`);
    const payload = bytes.subarray(offset + 8, offset + size);
    boxes.push(
      containers.has(type)
        ? { type, payload: Buffer.alloc(0), children: parseBoxes(payload) }
        : { type, payload, children: null },
    );
    offset += size;
  }
  return boxes;
}

/** Bytes the box takes in a file. */
export function boxSize(box: Box): number {
  return (
    8 +
    (box.children === null
      ? box.payload.length
      : box.children.reduce((sum, child) => sum + boxSize(child), 0))
  );
}

/** Writes boxes one after another. */
export function formatBoxes(boxes: readonly Box[]): Buffer {
  return Buffer.concat(
    boxes.flatMap((box) => {
      const header = Buffer.alloc(8);
      header.writeUInt32BE(boxSize(box), 0);
      header.write(box.type, 4, 'latin1');
      return [header, box.children === null ? box.payload : formatBoxes(box.children)];
    }),
  );
}

/** All boxes at a path of types. */
export function* findBoxes(boxes: readonly Box[], path: readonly string[]): Generator<Box> {
  const [type, ...rest] = path;
  for (const box of boxes) {
    if (box.type !== type) continue;
    if (rest.length === 0) yield box;
    else yield* findBoxes(box.children ?? [], rest);
  }
}
