/** The initialization of fragmented files: `ftyp` and `moov` (ISO/IEC 14496-12 8.2; ISO/IEC 23000-19 7.3). */
import { box, fullBox, latin, u8, u16, u32, u64, zeros } from './boxes.ts';

/** One track as its initialization describes it. */
export interface InitializedTrack {
  readonly trackId: number;
  readonly kind: 'video' | 'audio';
  readonly timescale: number;
  /** One sample entry, or a second one for samples that are not encrypted. */
  readonly sampleEntries: readonly Buffer[];
  /** Size as shown, with square pixels; 0 for audio. */
  readonly shownWidthPx: number;
  readonly shownHeightPx: number;
  /** ISO 639-2, lower case; null when unknown. */
  readonly language: string | null;
  /** Media time, in ticks of the track, that is shown at 0; 0 writes no edit list. */
  readonly mediaStart: bigint;
}

/** An initialization with tracks in the order of their ids. `protectionHeaders` are whole `pssh` boxes. */
export function formatInitialization(
  brands: readonly string[],
  tracks: readonly InitializedTrack[],
  protectionHeaders: readonly Uint8Array[],
): Buffer {
  const [major = 'iso6'] = brands;
  const fileType = box('ftyp', latin(major), u32(0), ...brands.map(latin));
  const header = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, 1000, 0, 0x00010000),
    u16(0x0100, 0),
    zeros(8),
    unityMatrix,
    zeros(24),
    u32(tracks.length + 1),
  );
  const defaults = tracks.map(({ trackId }) => fullBox('trex', 0, 0, u32(trackId, 1, 0, 0, 0)));
  const movie = box(
    'moov',
    header,
    ...tracks.map(formatTrack),
    box('mvex', ...defaults),
    ...protectionHeaders,
  );
  return Buffer.concat([fileType, movie]);
}

const unityMatrix = u32(0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000);

function formatTrack(track: InitializedTrack): Buffer {
  const isAudio = track.kind === 'audio';
  const header = fullBox(
    'tkhd',
    0,
    // Enabled, in the movie, in the preview.
    7,
    u32(0, 0, track.trackId, 0, 0),
    zeros(8),
    u16(0, 0, isAudio ? 0x0100 : 0, 0),
    unityMatrix,
    u32(track.shownWidthPx * 0x10000, track.shownHeightPx * 0x10000),
  );
  const media = box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0, 0, track.timescale, 0), u16(packedLanguage(track.language), 0)),
    fullBox(
      'hdlr',
      0,
      0,
      u32(0),
      latin(isAudio ? 'soun' : 'vide'),
      zeros(12),
      latin(isAudio ? 'SoundHandler\0' : 'VideoHandler\0'),
    ),
    box(
      'minf',
      isAudio ? fullBox('smhd', 0, 0, u16(0, 0)) : fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)),
      box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
      sampleTable(track.sampleEntries),
    ),
  );
  return box('trak', header, ...editList(track.mediaStart), media);
}

/** Samples stand in fragments: all tables but the description are empty. */
function sampleTable(entries: readonly Buffer[]): Buffer {
  return box(
    'stbl',
    fullBox('stsd', 0, 0, u32(entries.length), ...entries),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
}

/** Duration 0: to the end of the track, however long it becomes (ISO/IEC 14496-12 8.6.6.3). */
function editList(mediaStart: bigint): Buffer[] {
  if (mediaStart === 0n) return [];
  return [box('edts', fullBox('elst', 1, 0, u32(1), u64(0n), u64(mediaStart), u16(1, 0)))];
}

/** Three letters of five bits each (ISO/IEC 14496-12 8.4.2.3). */
function packedLanguage(language: string | null): number {
  const code = /^[a-z]{3}$/.test(language ?? '') ? (language ?? 'und') : 'und';
  return [...code].reduce((packed, letter) => (packed << 5) | (letter.charCodeAt(0) - 0x60), 0);
}

/** The box that begins a segment file: `styp` with the brands of segments that an index describes. */
export function segmentType(): Buffer {
  return box('styp', latin('msdh'), u32(0), latin('msdh'), latin('msix'));
}

/** One entry of a segment index. */
export interface IndexedFragment {
  readonly sizeBytes: number;
  readonly durationTicks: bigint;
}

/** Bytes of an index over so many fragments. */
export function segmentIndexBytes(fragments: number): number {
  return 40 + 12 * fragments;
}

/** The index `sidx` over fragments that follow it directly; each begins with a random access point (8.16.3). */
export function segmentIndex(
  trackId: number,
  timescale: number,
  startTicks: bigint,
  fragments: readonly IndexedFragment[],
): Buffer {
  return fullBox(
    'sidx',
    1,
    0,
    u32(trackId, timescale),
    u64(startTicks),
    u64(0n),
    u16(0, fragments.length),
    ...fragments.flatMap(({ sizeBytes, durationTicks }) => [
      u32(sizeBytes, Number(durationTicks)),
      u8(0x90, 0, 0, 0),
    ]),
  );
}
