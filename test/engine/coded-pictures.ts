/** Pictures of a coded stream in the order in which they are shown, from the headers that `read-headers` reads. */
import { type CodedHeader, readHeaders } from './read-headers.ts';

export interface CodedPicture {
  readonly kind: 'I' | 'P' | 'B';
  /** Decoding can begin here; `closed`: and no picture behind it refers to one before it. */
  readonly entry: 'closed' | 'open' | null;
  /** Others refer to it. */
  readonly isReference: boolean;
  readonly slices: number;
}

export interface CodedStream {
  readonly headers: readonly CodedHeader[];
  /** In order of display. */
  readonly pictures: readonly CodedPicture[];
}

export type TracedCodec = 'H_264' | 'H_265' | 'MPEG2';

type Fields = CodedHeader['fields'];

interface PlacedPicture extends CodedPicture {
  /** Number of the run of pictures that count their order from one start, and the place in it. */
  readonly run: number;
  readonly order: number;
}

/** Reads a file. */
export async function readCodedStream(path: string, codec: TracedCodec): Promise<CodedStream> {
  const headers = await readHeaders(path);
  const pictures = Array.from({ length: (headers.at(-1)?.picture ?? -1) + 1 }, () => [] as CodedHeader[]);
  for (const header of headers) pictures[header.picture]?.push(header);
  const placed = codec === 'MPEG2' ? placeMpeg2(pictures) : placeCounted(headers, pictures, codec);
  return { headers, pictures: placed.sort((one, other) => one.run - other.run || one.order - other.order) };
}

/**
 * A letter for each picture: K and O begin closed and open groups, I is another intra picture, B refers and is referred
 * to, b is referred to by none.
 */
export function formatPictures(pictures: readonly CodedPicture[]): string {
  return pictures
    .map(({ kind, entry, isReference }) =>
      entry === 'closed' ? 'K' : entry === 'open' ? 'O' : kind === 'B' && !isReference ? 'b' : kind,
    )
    .join('');
}

/** Lengths of groups: pictures from one entry to the next. */
export function groupLengths(pictures: readonly CodedPicture[]): readonly number[] {
  const starts = pictures.flatMap(({ entry }, at) => (entry === null ? [] : [at]));
  return starts.map((start, n) => (starts[n + 1] ?? pictures.length) - start);
}

function placeMpeg2(pictures: readonly (readonly CodedHeader[])[]): PlacedPicture[] {
  let run = 0;
  return pictures.map((headers) => {
    const group = firstOf(headers, 'Group of Pictures Header');
    if (group !== undefined) run += 1;
    const { temporal_reference: order = 0, picture_coding_type: type } =
      firstOf(headers, 'Picture Header') ?? {};
    const kind = type === 1 ? 'I' : type === 2 ? 'P' : 'B';
    const entry = group === undefined ? null : group['closed_gop'] === 1 ? 'closed' : 'open';
    return { run, order, kind, entry, isReference: kind !== 'B', slices: slicesOf(headers).length };
  });
}

/** H.264 8.2.1.1 and H.265 8.3.1: the order is counted from pictures at which everything begins anew. */
function placeCounted(
  headers: readonly CodedHeader[],
  pictures: readonly (readonly CodedHeader[])[],
  codec: 'H_264' | 'H_265',
): PlacedPicture[] {
  const set = firstOf(headers, 'Sequence Parameter Set');
  const cycle = 2 ** ((set?.['log2_max_pic_order_cnt_lsb_minus4'] ?? 0) + 4);
  let run = 0;
  let before = { high: 0, low: 0 };
  const typeAt = (at: number): number => slicesOf(pictures[at] ?? [])[0]?.['nal_unit_type'] ?? 21;
  return pictures.map((parts, at) => {
    const slices = slicesOf(parts);
    const nal = slices[0]?.['nal_unit_type'] ?? 0;
    const begins = codec === 'H_264' ? nal === 5 : nal >= 16 && nal <= 20;
    if (begins) {
      run += 1;
      before = { high: 0, low: 0 };
    }
    const low = slices[0]?.[codec === 'H_264' ? 'pic_order_cnt_lsb' : 'slice_pic_order_cnt_lsb'] ?? 0;
    const isAhead = low < before.low && before.low - low >= cycle / 2;
    const isBehind = low > before.low && low - before.low > cycle / 2;
    const high = before.high + (isAhead ? cycle : isBehind ? -cycle : 0);
    const isReference =
      codec === 'H_264' ? (slices[0]?.['nal_ref_idc'] ?? 0) > 0 : nal >= 16 || nal % 2 === 1;
    // Leading pictures of H.265 (6–9) do not count.
    if (isReference && (codec === 'H_264' || nal < 6 || nal > 9)) before = { high, low };
    const entry = begins ? 'closed' : codec === 'H_264' ? recovery(parts) : cleanEntry(nal, typeAt(at + 1));
    return { run, order: high + low, kind: kindOf(slices, codec), entry, isReference, slices: slices.length };
  });
}

/** H.264 tells of entries other than IDR pictures in a message. */
function recovery(parts: readonly CodedHeader[]): CodedPicture['entry'] {
  return firstOf(parts, 'Recovery Point') === undefined ? null : 'open';
}

/** A clean random access picture of H.265 (21) is open by the leading pictures that are skipped behind it (8, 9). */
function cleanEntry(type: number, next: number): CodedPicture['entry'] {
  if (type !== 21) return null;
  return next === 8 || next === 9 ? 'open' : 'closed';
}

function kindOf(slices: readonly Fields[], codec: 'H_264' | 'H_265'): CodedPicture['kind'] {
  const [b, p] = codec === 'H_264' ? [1, 0] : [0, 1];
  const types = slices.map(({ slice_type: type = 2 }) => type % 5);
  return types.includes(b) ? 'B' : types.includes(p) ? 'P' : 'I';
}

function slicesOf(headers: readonly CodedHeader[]): readonly Fields[] {
  return headers.filter(({ name }) => /^Slice (Segment )?Header$/.test(name)).map(({ fields }) => fields);
}

function firstOf(headers: readonly CodedHeader[], name: string): Fields | undefined {
  return headers.find((header) => header.name === name)?.fields;
}
