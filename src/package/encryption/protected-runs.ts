/**
 * Which bytes of video samples are encrypted: what decoders need before they decrypt stays clear (ISO/IEC 23001-7 10;
 * AV1 codec ISO media file format binding 4; spec drm.md 8). Slices of H.264 and H.265 are encrypted behind their
 * headers, tiles of AV1 whole.
 */
import { jobFault } from '../../catalogue/fault.ts';
import type { EncodedTrack } from '../../engine/output-writer.ts';
import { type NalCodec, nalType, nalUnits } from '../annex-b.ts';
import { createAv1Runs } from './av1-runs.ts';
import { type H264Sets, h264SliceHeaderBytes, readH264Sets } from './h264-slice-header.ts';
import { type H265Sets, readH265Sets } from './h265-sets.ts';
import { h265SliceHeaderBytes } from './h265-slice-header.ts';
import { UnreadableHeader } from './header-bits.ts';

/** From its first byte to behind its last. */
export interface ByteRun {
  readonly start: number;
  readonly end: number;
}

/** Runs of a sample that may be encrypted, in order. `units`: its NAL units, each with four bytes of length in front. */
export type RunFinder = (bytes: Uint8Array, units: readonly Uint8Array[] | null) => readonly ByteRun[];

/**
 * Null for codecs that no scheme here covers. Samples come in decoding order. Making and asking finders throws fault 1091
 * for headers that are not readable: video that passes through may be of any profile.
 */
export function createRunFinder(track: EncodedTrack): RunFinder | null {
  const make = finders[track.rendition.encoder.codec];
  if (make === undefined) return null;
  const find = explained(track, () => make(track.encoder.extraData));
  return (bytes, units) => explained(track, () => find(bytes, units));
}

function explained<Result>({ rendition }: EncodedTrack, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnreadableHeader)) throw error;
    const facts = { pointer: rendition.pointer, component: 'muxer' };
    throw jobFault(1091, 'unreadable-headers', { reason: error.message }, facts, error);
  }
}

const finders: Readonly<Record<string, (configuration: Uint8Array | null) => RunFinder>> = {
  H_264: (configuration) => createNalRuns(h264Rules, configuration),
  H_265: (configuration) => createNalRuns(h265Rules, configuration),
  AV1: createAv1Runs,
};

/** What the finder must know of a codec of NAL units. */
interface SliceRules<Sets> {
  readonly codec: NalCodec;
  readonly readSets: (units: Iterable<Uint8Array>, known: Sets | null) => Sets;
  readonly isSlice: (type: number) => boolean;
  readonly headerBytes: (unit: Uint8Array, sets: Sets) => number;
}

/** Coded slices of whole pictures (H.264 table 7-1: without partitions, which no profile here has; H.265 table 7-1). */
const h264Rules: SliceRules<H264Sets> = {
  codec: 'H_264',
  readSets: readH264Sets,
  isSlice: (type) => type === 1 || type === 5,
  headerBytes: h264SliceHeaderBytes,
};
const h265Rules: SliceRules<H265Sets> = {
  codec: 'H_265',
  readSets: readH265Sets,
  isSlice: (type) => type < 10 || (type >= 16 && type <= 21),
  headerBytes: h265SliceHeaderBytes,
};

function createNalRuns<Sets>(rules: SliceRules<Sets>, configuration: Uint8Array | null): RunFinder {
  const { codec, readSets, isSlice, headerBytes } = rules;
  let sets = readSets(nalUnits(configuration ?? new Uint8Array()), null);
  return (_, units) => {
    // Samples of `avc3` and `hev1` bring parameter sets of their own.
    sets = readSets(units ?? [], sets);
    let at = 0;
    return (units ?? []).flatMap((unit) => {
      const start = at + lengthBytes;
      at = start + unit.length;
      if (!isSlice(nalType(unit, codec))) return [];
      return [{ start: start + headerBytes(unit, sets), end: at }];
    });
  };
}

/** In front of each NAL unit of a sample. */
const lengthBytes = 4;
