/**
 * Finishes an MP4 file the library has written with its index behind the media: adds the boxes the library cannot
 * write (`cslg`, `free`, spec containers.md 4) and moves the index in front when asked. The file is changed in place,
 * so it needs no second copy in the scratch folder.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { type Box, boxSize, findBoxes, formatBoxes, parseBoxes } from './mp4-boxes.ts';
import { compositionShiftBox } from './mp4-composition.ts';
import { addCleanAperture, dropParameterSets, labelChannels, nameLanguages } from './mp4-sample-entries.ts';

/** What is to be done to the file. */
export interface Mp4Finish {
  /** `moovPlacement` PROGRESSIVE_DOWNLOAD. */
  readonly indexInFront: boolean;
  /** `cslgAtom` INCLUDE. */
  readonly compositionShift: boolean;
  /** `freeSpaceBox` INCLUDE. */
  readonly freeSpace: boolean;
  /** `clapAtom` INCLUDE. */
  readonly cleanAperture: boolean;
  /** `paddingControl` OMNEON. */
  readonly editPadding: boolean;
  /** The sample entry is `avc3`: its parameter sets are in the samples. */
  readonly setsInStream: boolean;
  /** Labels of the channels of each track; null leaves the track's own. */
  readonly channelLabels: readonly (readonly number[] | null)[];
  /** Languages of the sound of a QuickTime file, one for each track; empty leaves what the library wrote. */
  readonly languages: readonly (string | null)[];
}

/**
 * Parts muxer options into the library's own and ours. Ours: `movflags` with `faststart`; `cslg`, `clap`,
 * `edit_padding` and `free_space_box` with `1`.
 */
export function splitMp4Options(options: Readonly<Record<string, string>>): {
  readonly library: Readonly<Record<string, string>>;
  readonly finish: Omit<Mp4Finish, 'channelLabels' | 'setsInStream' | 'languages'>;
} {
  const { cslg, clap, edit_padding: editPadding, free_space_box: freeSpaceBox, ...rest } = options;
  const library: Record<string, string> = rest;
  const movflags = library['movflags'] ?? '';
  const indexInFront = /\bfaststart\b/.test(movflags);
  if (indexInFront) {
    library['movflags'] = movflags.replace(/\+?faststart/, '');
    if (library['movflags'] === '') delete library['movflags'];
  }
  return {
    library,
    finish: {
      indexInFront,
      compositionShift: cslg === '1',
      freeSpace: freeSpaceBox === '1',
      cleanAperture: clap === '1',
      editPadding: editPadding === '1',
    },
  };
}

const freeSpaceBytes = 1024;
const copyBytes = 4 * 1024 * 1024;
const largestShortOffset = 0xffff_ffffn;

/** Changes the file. Throws RangeError when the file is not what the library writes, and errors of the file system. */
export async function finishMp4(path: string, finish: Mp4Finish): Promise<void> {
  const isLabelled = finish.channelLabels.some((labels) => labels !== null);
  if (
    !finish.indexInFront &&
    !finish.compositionShift &&
    !finish.freeSpace &&
    !finish.cleanAperture &&
    !finish.editPadding &&
    !finish.setsInStream &&
    finish.languages.length === 0 &&
    !isLabelled
  )
    return;
  const file = openSync(path, 'r+');
  try {
    const layout = readLayout(file);
    const index = parseBoxes(layout.index);
    if (finish.compositionShift) addCompositionShifts(index);
    if (finish.cleanAperture) addCleanAperture(index);
    if (finish.editPadding) padEditLists(index);
    if (finish.setsInStream) {
      dropParameterSets(index);
      writeAt(file, withoutAvc1(readAt(file, 0, layout.indexStart)), 0);
    }
    if (isLabelled) labelChannels(index, finish.channelLabels);
    nameLanguages(index, finish.languages);
    const free = finish.freeSpace ? freeBox() : Buffer.alloc(0);
    if (!finish.indexInFront) {
      const tail = Buffer.concat([formatBoxes(index), free]);
      writeAt(file, tail, layout.mediaEnd);
      ftruncateSync(file, layout.mediaEnd + tail.length);
      return;
    }
    const placeholder = layout.mediaStart - layout.indexStart;
    const shift = shiftChunkOffsets(index, free.length - placeholder);
    const front = Buffer.concat([formatBoxes(index), free]);
    await moveBack(file, layout.mediaStart, layout.mediaEnd, shift);
    writeAt(file, front, layout.indexStart);
    ftruncateSync(file, layout.mediaEnd + shift);
  } finally {
    closeSync(file);
  }
}

/** Bytes of the `moov` box; the media lies between the first boxes (`ftyp`, a placeholder `free`) and it. */
interface Mp4Layout {
  /** End of `ftyp`: where the index goes. */
  readonly indexStart: number;
  readonly mediaStart: number;
  readonly mediaEnd: number;
  readonly index: Buffer;
}

function readLayout(file: number): Mp4Layout {
  let offset = 0;
  let indexStart = 0;
  let mediaStart = 0;
  for (;;) {
    const header = Buffer.alloc(16);
    if (readSync(file, header, 0, 16, offset) < 8) throw new RangeError('MP4 file without moov box');
    const type = header.toString('latin1', 4, 8);
    const short = header.readUInt32BE(0);
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (size < 8) throw new RangeError(`MP4 box ${type} of ${size} bytes`);
    if (type === 'ftyp') indexStart = offset + size;
    if (type === 'mdat' && mediaStart === 0) mediaStart = offset;
    if (type === 'moov') {
      const index = Buffer.alloc(size);
      readSync(file, index, 0, size, offset);
      return { indexStart, mediaStart: mediaStart === 0 ? offset : mediaStart, mediaEnd: offset, index };
    }
    offset += size;
  }
}

/** `avc1` among the brands tells of sample entries of that name; the version of the file format takes its place. */
function withoutAvc1(front: Buffer): Buffer {
  const brandsAt = 16;
  for (let at = brandsAt; at + 4 <= front.length; at += 4)
    if (front.toString('latin1', at, at + 4) === 'avc1') front.write('iso4', at, 'latin1');
  return front;
}

function addCompositionShifts(index: readonly Box[]): void {
  for (const table of findBoxes(index, ['moov', 'trak', 'mdia', 'minf', 'stbl'])) {
    const children = table.children ?? [];
    const box = compositionShiftBox(children);
    if (box === null) continue;
    const at = children.findIndex(({ type }) => type === 'ctts');
    children.splice(at + 1, 0, box);
  }
}

/**
 * Bytes behind the entries of an edit list. Their number is not published (inferred): less than an entry, because some
 * readers count entries by the length of the box.
 */
const editPaddingBytes = 8;

function padEditLists(index: readonly Box[]): void {
  for (const list of findBoxes(index, ['moov', 'trak', 'edts', 'elst']))
    list.payload = Buffer.concat([list.payload, Buffer.alloc(editPaddingBytes)]);
}

function freeBox(): Buffer {
  const box = Buffer.alloc(freeSpaceBytes);
  box.writeUInt32BE(freeSpaceBytes, 0);
  box.write('free', 4, 'latin1');
  return box;
}

/** Adds the index's own size to every chunk offset; offsets that outgrow 32 bits become `co64`. Returns the shift. */
function shiftChunkOffsets(index: readonly Box[], extraBytes: number): number {
  const tables = [...findBoxes(index, ['moov', 'trak', 'mdia', 'minf', 'stbl'])].flatMap(
    ({ children }) => children?.filter(({ type }) => type === 'stco' || type === 'co64') ?? [],
  );
  const largest = tables.flatMap(readOffsets).reduce((a, b) => (a > b ? a : b), 0n);
  const roughShift = BigInt(indexSize(index) + extraBytes) + BigInt(tables.flatMap(readOffsets).length * 4);
  const wide = largest + roughShift > largestShortOffset;
  for (const table of tables) if (wide) writeOffsets(table, readOffsets(table), true);
  const shift = indexSize(index) + extraBytes;
  for (const table of tables) {
    writeOffsets(
      table,
      readOffsets(table).map((offset) => offset + BigInt(shift)),
      table.type === 'co64',
    );
  }
  return shift;
}

function indexSize(index: readonly Box[]): number {
  return index.reduce((sum, box) => sum + boxSize(box), 0);
}

function readOffsets(table: Box): bigint[] {
  const { payload, type } = table;
  const count = payload.readUInt32BE(4);
  return Array.from({ length: count }, (_, entry) =>
    type === 'co64' ? payload.readBigUInt64BE(8 + entry * 8) : BigInt(payload.readUInt32BE(8 + entry * 4)),
  );
}

function writeOffsets(table: Box, offsets: readonly bigint[], wide: boolean): void {
  const payload = Buffer.alloc(8 + offsets.length * (wide ? 8 : 4));
  payload.writeUInt32BE(offsets.length, 4);
  for (const [entry, offset] of offsets.entries()) {
    if (wide) payload.writeBigUInt64BE(offset, 8 + entry * 8);
    else payload.writeUInt32BE(Number(offset), 8 + entry * 4);
  }
  table.type = wide ? 'co64' : 'stco';
  table.payload = payload;
}

/** Moves bytes towards the end of the file, last piece first, so that nothing is overwritten before it is read. */
async function moveBack(file: number, start: number, end: number, shift: number): Promise<void> {
  const piece = Buffer.allocUnsafe(Math.max(copyBytes, 1));
  for (let until = end; until > start; ) {
    const from = Math.max(start, until - piece.length);
    const length = until - from;
    readSync(file, piece, 0, length, from);
    writeAt(file, piece.subarray(0, length), from + shift);
    until = from;
    await new Promise(setImmediate);
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
}

function writeAt(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
