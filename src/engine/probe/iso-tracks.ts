/** Reads what we need of the tracks in a `moov` box: sample entries, references, edit lists, sample tables. */
import { findBox, findBoxes, type InnerBox } from './iso-boxes.ts';

/** One track of an ISO base media file. */
export interface IsoTrack {
  readonly trackId: number;
  /** Handler type: `vide`, `soun`, `tmcd`, … */
  readonly handler: string;
  /** Four-character codes of the sample entries. */
  readonly sampleEntries: readonly string[];
  /** An avcC record in an `avc1` entry declares no sequence parameter set. */
  readonly lacksAvcParameters: boolean;
  /** Samples lie in another file. */
  readonly isExternal: boolean;
  readonly mediaHeaderBytes: number | null;
  readonly sampleCount: number;
  /** Media ticks per second. */
  readonly timescale: number;
  /** Media ticks that the media header declares; null without a header. */
  readonly mediaTicks: number | null;
  /** Run-length coded sample durations in media ticks, in file order. */
  readonly durations: readonly { readonly count: number; readonly ticks: number }[];
  /** Index from 0 of the last sync sample; null: there is no table, all samples are sync samples. */
  readonly lastSyncSample: number | null;
  /** The edit list holds an empty edit: time in which nothing is shown. */
  readonly hasEmptyEdit: boolean;
  /** Pieces of the media that the edit list shows; empty: all of it. */
  readonly shownPieces: readonly ShownPiece[];
  /** Media ticks from which the earliest frame is presented. */
  readonly firstPresentedTicks: number;
  /** Index from 0 of the first sample that ends beyond `sizeBytes`; null when all are inside. */
  firstSampleBeyond(sizeBytes: number): number | null;
}

/** A piece of the media in media ticks, from `start` up to and without `end` (infinite: to the end of the media). */
export interface ShownPiece {
  readonly start: number;
  readonly end: number;
}

/** Reads all tracks of a movie box. */
export function readIsoTracks(moov: InnerBox): IsoTrack[] {
  const header = findBox(moov, 'mvhd')?.content;
  const movieTimescale = header === undefined ? 0 : readTimescale(header);
  return moov.children.filter((box) => box.type === 'trak').map((trak) => readTrack(trak, movieTimescale));
}

function readTrack(trak: InnerBox, movieTimescale: number): IsoTrack {
  const table = findBox(trak, 'mdia', 'minf', 'stbl');
  const mediaHeader = findBox(trak, 'mdia', 'mdhd')?.content ?? null;
  const entries = readSampleEntries(table);
  const sizes = readSampleSizes(table);
  const edits = readEdits(trak);
  const durations = readDurations(table);
  const timescale = mediaHeader === null ? 0 : readTimescale(mediaHeader);
  return {
    trackId: readTrackId(trak),
    handler: findBox(trak, 'mdia', 'hdlr')?.content.toString('latin1', 8, 12) ?? '',
    sampleEntries: entries.map((entry) => entry.type),
    lacksAvcParameters: entries.some(lacksAvcParameters),
    isExternal: hasExternalSamples(trak, entries),
    mediaHeaderBytes: mediaHeader?.length ?? null,
    sampleCount: sizes.count,
    timescale,
    mediaTicks: mediaHeader === null ? null : readMediaTicks(mediaHeader),
    durations,
    lastSyncSample: readLastSyncSample(table),
    hasEmptyEdit: edits.some(({ isEmpty }) => isEmpty),
    shownPieces: piecesOf(edits, timescale / movieTimescale),
    firstPresentedTicks: findFirstPresented(table, durations[0]?.ticks ?? 0),
    firstSampleBeyond: (sizeBytes) => findFirstSampleBeyond(table, sizes, sizeBytes),
  };
}

function readTrackId(trak: InnerBox): number {
  const header = findBox(trak, 'tkhd')?.content;
  const offset = header?.[0] === 1 ? 20 : 12;
  return header !== undefined && header.length >= offset + 4 ? header.readUInt32BE(offset) : 0;
}

/** Position of the timescale in version 0 and 1 of the media header. */
function readTimescale(mediaHeader: Buffer): number {
  const offset = mediaHeader[0] === 1 ? 20 : 12;
  return mediaHeader.length >= offset + 4 ? mediaHeader.readUInt32BE(offset) : 0;
}

/** The duration stands behind the timescale, with 64 bits in version 1; all ones: unknown. */
function readMediaTicks(mediaHeader: Buffer): number | null {
  if (mediaHeader[0] === 1)
    return mediaHeader.length >= 32 ? knownTicks(mediaHeader.readBigUInt64BE(24), 2n ** 64n - 1n) : null;
  return mediaHeader.length >= 20 ? knownTicks(BigInt(mediaHeader.readUInt32BE(16)), 2n ** 32n - 1n) : null;
}

function knownTicks(ticks: bigint, unknown: bigint): number | null {
  return ticks === unknown ? null : Number(ticks);
}

/** Why the sample times of a track cannot be trusted, in a clause; null: they can, or the track has none (fragments). */
export function sampleTimesFault({ durations, sampleCount, mediaTicks }: IsoTrack): string | null {
  if (durations.length === 0) return null;
  const counted = durations.reduce((sum, { count }) => sum + count, 0);
  if (counted !== sampleCount) return `it times ${counted} samples of ${sampleCount}`;
  // The last sample may last as long as it likes.
  const timeless = durations.findIndex(
    ({ count, ticks }, row) => ticks === 0 && (count > 1 || row + 1 < durations.length),
  );
  if (timeless >= 0) return `row ${timeless + 1} gives samples no duration`;
  const ticks = durations.reduce((sum, run) => sum + run.count * run.ticks, 0);
  const tolerance = durations.reduce((most, run) => (run.count > most.count ? run : most)).ticks;
  if (mediaTicks === null || Math.abs(ticks - mediaTicks) <= tolerance) return null;
  return `it lasts ${ticks} ticks, the media header says ${mediaTicks}`;
}

/** The two lengths of a sound track whose samples hold `samplesPerFrame` each; null where there is no table. */
export function compareSampleTimes(
  { durations, sampleCount, timescale }: IsoTrack,
  samplesPerFrame: number,
  sampleRateHz: number,
): { readonly tableSeconds: number; readonly soundSeconds: number; readonly isEven: boolean } | null {
  const [first] = durations;
  if (first === undefined || timescale === 0 || samplesPerFrame === 0 || sampleRateHz === 0) return null;
  const isEven = durations.every(
    ({ count, ticks }, row) => ticks === first.ticks || (count === 1 && row + 1 === durations.length),
  );
  const tableSeconds = durations.reduce((sum, run) => sum + run.count * run.ticks, 0) / timescale;
  const soundSeconds = (sampleCount * samplesPerFrame) / sampleRateHz;
  // The high band of HE-AAC doubles the rate, which the container may or may not count.
  const octave = 2 ** Math.round(Math.log2(soundSeconds / tableSeconds));
  return { tableSeconds, soundSeconds: soundSeconds / (octave === 2 || octave === 0.5 ? octave : 1), isEven };
}

interface SampleEntry {
  readonly type: string;
  readonly dataReferenceIndex: number;
  readonly content: Buffer;
}

function readSampleEntries(table: InnerBox | null): SampleEntry[] {
  const description = table === null ? null : findBox(table, 'stsd');
  if (description === null || description.content.length < 8) return [];
  const entries: SampleEntry[] = [];
  let offset = 8;
  const { content } = description;
  while (offset + 16 <= content.length && entries.length < 256) {
    const size = content.readUInt32BE(offset);
    if (size < 16 || offset + size > content.length) break;
    entries.push({
      type: content.toString('latin1', offset + 4, offset + 8),
      dataReferenceIndex: content.readUInt16BE(offset + 14),
      content: content.subarray(offset + 8, offset + size),
    });
    offset += size;
  }
  return entries;
}

/** `avc3` entries may carry their parameter sets in the samples; `avc1` may not (ISO/IEC 14496-15 5.4.2). */
function lacksAvcParameters(entry: SampleEntry): boolean {
  if (entry.type !== 'avc1') return false;
  const visualEntryBytes = 78;
  const at = entry.content.indexOf('avcC', visualEntryBytes, 'latin1');
  const setCount = at < 0 ? undefined : entry.content[at + 4 + 5];
  return setCount !== undefined && (setCount & 0x1f) === 0;
}

/**
 * A data reference without the self-contained flag whose location is not empty. Writers exist that leave the flag
 * out and give no location: those files are whole.
 */
function hasExternalSamples(trak: InnerBox, entries: readonly SampleEntry[]): boolean {
  const references = findBox(trak, 'mdia', 'minf', 'dinf', 'dref')?.content;
  if (references === undefined || references.length < 8) return false;
  const used = new Set(entries.map((entry) => entry.dataReferenceIndex));
  let offset = 8;
  for (let index = 1; offset + 12 <= references.length; index += 1) {
    const size = references.readUInt32BE(offset);
    if (size < 12) return false;
    const isSelfContained = (references.readUInt32BE(offset + 8) & 1) === 1;
    if (used.has(index) && !isSelfContained && size > 13) return true;
    offset += size;
  }
  return false;
}

function readDurations(table: InnerBox | null): { count: number; ticks: number }[] {
  const rows = tableRows(table, 'stts', 8);
  return rows.map((row) => ({ count: row.readUInt32BE(0), ticks: row.readUInt32BE(4) }));
}

/** Reordering reaches no further than a decoder's frame buffer. */
const reorderedFrames = 64;

/** The least sum of decoding time and composition offset among the first frames. */
function findFirstPresented(table: InnerBox | null, period: number): number {
  const offsets = tableRows(table, 'ctts', 8)
    .slice(0, reorderedFrames)
    .flatMap((row) => Array<number>(Math.min(row.readUInt32BE(0), reorderedFrames)).fill(row.readInt32BE(4)))
    .slice(0, reorderedFrames);
  return offsets.length === 0 ? 0 : Math.min(...offsets.map((offset, index) => index * period + offset));
}

function readLastSyncSample(table: InnerBox | null): number | null {
  const content = table === null ? undefined : findBox(table, 'stss')?.content;
  if (content === undefined || content.length < 12) return null;
  const count = Math.min(content.readUInt32BE(4), Math.floor((content.length - 8) / 4));
  return count === 0 ? null : content.readUInt32BE(8 + 4 * (count - 1)) - 1;
}

interface Edit {
  /** In the timescale of the movie; 0: to the end of the media. */
  readonly duration: number;
  readonly mediaTime: number;
  /** Nothing is shown. */
  readonly isEmpty: boolean;
}

/** Rows of the edit list (ISO/IEC 14496-12 8.6.6): version 1 has 64-bit times, a media time of −1 is an empty edit. */
function readEdits(trak: InnerBox): readonly Edit[] {
  const isWide = findBox(trak, 'edts', 'elst')?.content[0] === 1;
  return tableRows(findBox(trak, 'edts'), 'elst', isWide ? 20 : 12).map((row) => {
    const mediaTime = isWide ? Number(row.readBigInt64BE(8)) : row.readInt32BE(4);
    const duration = isWide ? Number(row.readBigUInt64BE(0)) : row.readUInt32BE(0);
    return { duration, mediaTime, isEmpty: mediaTime === -1 };
  });
}

/** Nothing when the timescales are unusable. */
function piecesOf(edits: readonly Edit[], mediaTicksPerMovieTick: number): readonly ShownPiece[] {
  if (!Number.isFinite(mediaTicksPerMovieTick) || mediaTicksPerMovieTick <= 0) return [];
  return edits
    .filter(({ isEmpty }) => !isEmpty)
    .map(({ duration, mediaTime }) => ({
      start: mediaTime,
      end:
        duration === 0 ? Number.POSITIVE_INFINITY : mediaTime + Math.round(duration * mediaTicksPerMovieTick),
    }));
}

interface SampleSizes {
  readonly count: number;
  sizeOf(index: number): number;
}

function readSampleSizes(table: InnerBox | null): SampleSizes {
  const content = table === null ? undefined : findBox(table, 'stsz')?.content;
  if (content === undefined || content.length < 12) return { count: 0, sizeOf: () => 0 };
  const fixed = content.readUInt32BE(4);
  const declared = content.readUInt32BE(8);
  if (fixed !== 0) return { count: declared, sizeOf: () => fixed };
  const count = Math.min(declared, Math.floor((content.length - 12) / 4));
  return { count, sizeOf: (index) => content.readUInt32BE(12 + 4 * index) };
}

/** Chunks are stored in file order or not; the first sample in decoding order that is not whole decides. */
function findFirstSampleBeyond(table: InnerBox | null, sizes: SampleSizes, sizeBytes: number): number | null {
  const chunkOffsets = [
    ...tableRows(table, 'stco', 4).map((row) => row.readUInt32BE(0)),
    ...tableRows(table, 'co64', 8).map((row) => Number(row.readBigUInt64BE(0))),
  ];
  const runs = tableRows(table, 'stsc', 12).map((row) => ({
    first: row.readUInt32BE(0) - 1,
    samples: row.readUInt32BE(4),
  }));
  let sample = 0;
  let run = 0;
  for (const [chunk, start] of chunkOffsets.entries()) {
    while ((runs[run + 1]?.first ?? Number.POSITIVE_INFINITY) <= chunk) run += 1;
    const lastOfChunk = Math.min(sizes.count, sample + (runs[run]?.samples ?? 0));
    for (let end = start; sample < lastOfChunk; sample += 1) {
      end += sizes.sizeOf(sample);
      if (end > sizeBytes) return sample;
    }
    if (sample >= sizes.count) return null;
  }
  return null;
}

/** Rows of a full box that holds a count and that many rows of fixed size; fewer when the box is shorter. */
function tableRows(table: InnerBox | null, type: string, rowBytes: number): Buffer[] {
  const content = table === null ? undefined : findBoxes(table, type)[0]?.content;
  if (content === undefined || content.length < 8) return [];
  const count = Math.min(content.readUInt32BE(4), Math.floor((content.length - 8) / rowBytes));
  return Array.from({ length: count }, (_, row) =>
    content.subarray(8 + row * rowBytes, 8 + (row + 1) * rowBytes),
  );
}
