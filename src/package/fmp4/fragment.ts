/** One movie fragment: `moof` and `mdat` (ISO/IEC 14496-12 8.8; protection: ISO/IEC 23001-7 7). */
import { box, fullBox, u8, u16, u32, u64 } from './boxes.ts';
import { sampleEncryptionBox } from './piff-boxes.ts';

/** One sample with everything the fragment says of it. */
export interface FragmentSample {
  readonly bytes: Uint8Array;
  readonly durationTicks: number;
  /** Presentation minus decoding time, in ticks of the track. */
  readonly compositionTicks: number;
  readonly isSync: boolean;
  /** How the bytes are encrypted; null when they are clear. */
  readonly protection: SampleProtection | null;
}

/** What a decryptor must know of one sample. */
export interface SampleProtection {
  /** Empty with a constant IV. */
  readonly iv: Uint8Array;
  /** Runs of clear and protected bytes; empty: all of the sample is protected. */
  readonly subsamples: readonly { readonly clearBytes: number; readonly protectedBytes: number }[];
}

/** The samples of one track. */
export interface TrackFragment {
  readonly trackId: number;
  readonly decodeTicks: bigint;
  readonly samples: readonly FragmentSample[];
  /** 1: the track's own sample entry; 2: the clear one of an encrypted track. */
  readonly descriptionIndex: number;
  /** Boxes a format wants at the end of the track's part. */
  readonly extraBoxes?: readonly Buffer[];
}

/** A fragment as bytes. */
export interface FormattedFragment {
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** From the beginning to the end of the first sample: what a player needs of a key frame. */
  readonly firstSampleEndBytes: number;
}

const syncFlags = 0x02000000;
const otherFlags = 0x01010000;

/** Boxes in which decryptors find what they need: those of ISO/IEC 23001-7, or the one of PIFF 1.1. */
export type ProtectionForm = 'iso' | 'piff';

/** Writes a fragment; tracks without samples are left out. */
export function formatFragment(
  sequence: number,
  tracks: readonly TrackFragment[],
  form: ProtectionForm = 'iso',
): FormattedFragment {
  const filled = tracks.filter(({ samples }) => samples.length > 0);
  // Offsets count from the beginning of the fragment, whose size does not depend on them.
  const size = formatMovieFragment(sequence, filled, 0, form).length;
  const movie = formatMovieFragment(sequence, filled, size + 8, form);
  const payload = filled.flatMap(({ samples }) => samples.map(({ bytes }) => bytes));
  const payloadBytes = payload.reduce((sum, { length }) => sum + length, 0);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(payloadBytes + 8, 0);
  header.write('mdat', 4, 'latin1');
  return {
    parts: [movie, header, ...payload],
    sizeBytes: movie.length + header.length + payloadBytes,
    firstSampleEndBytes: movie.length + header.length + (payload[0]?.length ?? 0),
  };
}

function formatMovieFragment(
  sequence: number,
  tracks: readonly TrackFragment[],
  dataAt: number,
  form: ProtectionForm,
): Buffer {
  const header = fullBox('mfhd', 0, 0, u32(sequence));
  const parts: Buffer[] = [];
  // `moof` and `mfhd` are in front of the first track.
  let trackAt = 8 + header.length;
  let offset = dataAt;
  for (const track of tracks) {
    const part = formatTrackFragment(track, offset, trackAt, form);
    parts.push(part);
    trackAt += part.length;
    offset += track.samples.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
  return box('moof', header, ...parts);
}

function formatTrackFragment(
  track: TrackFragment,
  dataOffset: number,
  trackAt: number,
  form: ProtectionForm,
): Buffer {
  const { samples } = track;
  const durations = new Set(samples.map(({ durationTicks }) => durationTicks));
  const [commonDuration] = durations.size === 1 ? durations : [null];
  const rest = samples.slice(1).map(({ isSync }) => isSync);
  const commonFlags = rest.every((isSync) => isSync === rest[0])
    ? (rest[0] ?? samples[0]?.isSync ?? true)
    : null;
  const needsFirstFlags = commonFlags !== null && samples[0]?.isSync !== commonFlags;
  const header = fullBox(
    'tfhd',
    0,
    // Offsets from this fragment's beginning; then the description, duration and flags as they are common.
    0x020000 | 0x02 | (commonDuration === null ? 0 : 0x08) | (commonFlags === null ? 0 : 0x20),
    u32(track.trackId, track.descriptionIndex),
    ...(commonDuration === null ? [] : [u32(commonDuration ?? 0)]),
    ...(commonFlags === null ? [] : [u32(commonFlags ? syncFlags : otherFlags)]),
  );
  const decodeTime = fullBox('tfdt', 1, 0, u64(track.decodeTicks));
  const run = formatRun(track, dataOffset, commonDuration === null, commonFlags === null, needsFirstFlags);
  const before = 8 + header.length + decodeTime.length + run.length;
  return box(
    'traf',
    header,
    decodeTime,
    run,
    ...protectionBoxes(samples, trackAt + before, form),
    ...(track.extraBoxes ?? []),
  );
}

function formatRun(
  { samples }: TrackFragment,
  dataOffset: number,
  hasDurations: boolean,
  hasFlags: boolean,
  hasFirstFlags: boolean,
): Buffer {
  const hasOffsets = samples.some(({ compositionTicks }) => compositionTicks !== 0);
  const isSigned = samples.some(({ compositionTicks }) => compositionTicks < 0);
  const table = Buffer.alloc(
    samples.length * 4 * (1 + Number(hasDurations) + Number(hasFlags) + Number(hasOffsets)),
  );
  let at = 0;
  const put = (value: number): void => {
    at = table.writeUInt32BE(value >>> 0, at);
  };
  for (const sample of samples) {
    if (hasDurations) put(sample.durationTicks);
    put(sample.bytes.length);
    if (hasFlags) put(sample.isSync ? syncFlags : otherFlags);
    if (hasOffsets) put(sample.compositionTicks);
  }
  const flags =
    0x001 |
    (hasFirstFlags ? 0x004 : 0) |
    (hasDurations ? 0x100 : 0) |
    0x200 |
    (hasFlags ? 0x400 : 0) |
    (hasOffsets ? 0x800 : 0);
  const first = hasFirstFlags ? [u32(samples[0]?.isSync ? syncFlags : otherFlags)] : [];
  return fullBox('trun', isSigned ? 1 : 0, flags, u32(samples.length, dataOffset), ...first, table);
}

/** `saiz`, `saio` and `senc` of encrypted samples. `boxesAt` is where they begin, counted from the fragment's start. */
function protectionBoxes(
  samples: readonly FragmentSample[],
  boxesAt: number,
  form: ProtectionForm,
): Buffer[] {
  const protections = samples.flatMap(({ protection }) => protection ?? []);
  if (protections.length === 0) return [];
  const hasSubsamples = protections.some(({ subsamples }) => subsamples.length > 0);
  const hasContent = hasSubsamples || protections.some(({ iv }) => iv.length > 0);
  // A constant IV over whole samples leaves nothing to say.
  if (!hasContent) return [];
  const entries = protections.map(({ iv, subsamples }) =>
    hasSubsamples
      ? Buffer.concat([
          iv,
          u16(subsamples.length),
          ...subsamples.flatMap(({ clearBytes, protectedBytes }) => [u16(clearBytes), u32(protectedBytes)]),
        ])
      : Buffer.from(iv),
  );
  const list = [u32(entries.length), ...entries];
  if (form === 'piff') return [sampleEncryptionBox(hasSubsamples, list)];
  const sizes = entries.map(({ length }) => length);
  const isCommon = sizes.every((size) => size === sizes[0]);
  const auxiliarySizes = fullBox(
    'saiz',
    0,
    0,
    u8(isCommon ? (sizes[0] ?? 0) : 0),
    u32(sizes.length),
    ...(isCommon ? [] : [u8(...sizes)]),
  );
  // 20 bytes of offsets, then header, version, flags and count of `senc` come before the first entry.
  const offset = boxesAt + auxiliarySizes.length + 20 + 16;
  return [
    auxiliarySizes,
    fullBox('saio', 0, 0, u32(1, offset)),
    fullBox('senc', 0, hasSubsamples ? 2 : 0, ...list),
  ];
}
