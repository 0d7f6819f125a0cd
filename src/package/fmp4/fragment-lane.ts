/**
 * The samples of one track while its fragment is made. A video sample lasts until the next one is decoded, so the newest
 * waits until that is known (`settle`). Decoding times begin at 0: what encoders put before it (pictures decoded ahead,
 * priming of sound) moves the track, and the edit list or the composition offsets move the presentation back.
 */
import type { EncodedTrack } from '../../engine/output-writer.ts';
import { type Rational, rescaleTicks } from '../../exact-time.ts';
import type { FragmentationPlan, FragmentedOutput } from '../../plan/group-plan.ts';
import { type Instant, toMicroseconds } from '../instant.ts';
import type { SegmentItem } from '../segmenter.ts';
import type { FragmentSample, SampleProtection, TrackFragment } from './fragment.ts';
import { lengthPrefixed, sampleUnits, withoutTemporalDelimiters } from './sample-data.ts';
import { describesItself, sampleEntryOf } from './sample-entry.ts';
import { timescaleOf } from './track-clock.ts';

/** Encrypts the samples of one track; `units` are the NAL units of H.264 and H.265, null for other codecs. */
export interface SampleProtector {
  protect(
    bytes: Buffer,
    units: readonly Uint8Array[] | null,
  ): { readonly bytes: Uint8Array; readonly protection: SampleProtection };
}

/** One track of a file in the making. */
export interface FragmentLane {
  readonly track: EncodedTrack;
  readonly trackId: number;
  readonly timescale: number;
  push(item: SegmentItem): void;
  /** The next frame is decoded at `next`; null: there is none. Call before samples are taken. */
  settle(next: Instant | null): void;
  /** Takes all samples, with their decoding time; null when there are none. */
  take(): TrackFragment | null;
  /** Presentation times count from here: ticks of the media that are shown at 0. */
  readonly mediaStart: bigint;
  /** Ticks an MPD must subtract from presentation times (`presentationTimeOffset`). */
  readonly presentationOffset: bigint;
  /** The track's sample entry, once a sample has been seen or the track has ended. */
  sampleEntry(): Buffer;
  /** An instant of the output in ticks as manifests and indexes count them. */
  presentationTicks(at: Instant): bigint;
}

const zero: Instant = { ticks: 0n, base: { num: 1, den: 1 } };

interface Waiting {
  readonly bytes: Uint8Array;
  readonly protection: SampleProtection | null;
  readonly decode: bigint;
  readonly compositionTicks: number;
  readonly isSync: boolean;
  readonly ownDuration: bigint;
}

/** What surrounds a lane. */
export interface LanePlace {
  readonly brand: FragmentedOutput['brand'];
  readonly sampleEntry: FragmentedOutput['sampleEntry'];
  readonly compositionOffsets: FragmentationPlan['compositionOffsets'];
  /** Asked for each sample; null leaves it clear. */
  readonly protector: () => SampleProtector | null;
  /** How much later than the output's the presentation of the pictures that the sound belongs to is: it follows them. */
  readonly videoOffset: () => Instant | null;
}

/** Makes an empty lane. */
export function createFragmentLane(track: EncodedTrack, trackId: number, place: LanePlace): FragmentLane {
  const { compositionOffsets, protector } = place;
  const timescale = timescaleOf(track, place.brand);
  const scale: Rational = { num: 1, den: timescale };
  const { codec } = track.rendition.encoder;
  const isNal = codec === 'H_264' || codec === 'H_265';
  let samples: FragmentSample[] = [];
  let decodeOfFirst = 0n;
  let waiting: Waiting | null = null;
  /** How far decoding times are moved up so that they begin at 0; known with the first frame. */
  let shift: bigint | null = null;
  /** Of sound beside video whose presentation begins late: it begins as much later. */
  let offset = 0n;
  const entryType = track.kind === 'video' ? place.sampleEntry : null;
  // Taken while the encoder is open: of a short track it may have ended before the first segment is written.
  const parameterSets = track.encoder.extraData;
  let entry = describesItself(track) ? null : sampleEntryOf(track, entryType, null);

  const toTicks = ({ ticks, base }: Instant): bigint => rescaleTicks(ticks, base, scale);

  function firstShift(start: bigint): bigint {
    offset = track.kind === 'audio' ? toTicks(place.videoOffset() ?? zero) : 0n;
    const before = start < 0n && !isUnplayable(start) ? -start : 0n;
    return before > offset ? before : offset;
  }

  function sampleBytes(item: SegmentItem): { bytes: Buffer; units: readonly Uint8Array[] | null } {
    const raw = item.kind === 'video' ? (item.packet.data ?? Buffer.alloc(0)) : item.bytes;
    if (isNal) {
      const sets = item.kind === 'video' && item.isKey ? parameterSets : null;
      const units = sampleUnits(raw, codec, place.sampleEntry, sets);
      return { bytes: lengthPrefixed(units), units };
    }
    const bytes = codec === 'AV1' ? withoutTemporalDelimiters(raw) : Buffer.from(raw);
    return { bytes, units: null };
  }

  function accept(sample: Waiting, durationTicks: bigint): void {
    if (samples.length === 0) decodeOfFirst = sample.decode;
    const { bytes, protection, compositionTicks, isSync } = sample;
    samples.push({ bytes, protection, compositionTicks, isSync, durationTicks: Number(durationTicks) });
  }

  /** Without edit lists nothing hides the run-up of sound that would begin before the pictures. */
  function isUnplayable(start: bigint): boolean {
    return place.brand === 'piff' && track.kind === 'audio' && start + offset < 0n;
  }

  /** From its rounded beginning to its rounded end, so that roundings do not add up. */
  function ownTicks(item: SegmentItem, duration: bigint): bigint {
    const start = item.kind === 'video' ? item.decode.ticks : item.start.ticks;
    const base = track.timeBase;
    // Some encoders leave the duration of pictures open; ticks of video are frames.
    const length = duration > 0n ? duration : 1n;
    return toTicks({ ticks: start + length, base }) - toTicks({ ticks: start, base });
  }

  function decodeTicks(item: SegmentItem): bigint {
    if (item.kind === 'audio') return toTicks(item.start);
    return toTicks(item.decode);
  }

  return {
    track,
    trackId,
    timescale,
    push(item) {
      const start = decodeTicks(item);
      shift ??= firstShift(start);
      if (isUnplayable(start)) return;
      if (item.kind === 'audio') entry ??= sampleEntryOf(track, entryType, Buffer.from(item.bytes));
      const decode = start + shift;
      if (waiting !== null) this.settle({ ticks: decode - shift, base: scale });
      const isSigned = compositionOffsets === 'signed' && item.kind === 'video';
      const composition = toTicks(item.start) + (isSigned ? 0n : shift) - decode;
      const { bytes, units } = sampleBytes(item);
      const encrypted = protector()?.protect(bytes, units) ?? null;
      const duration = item.kind === 'video' ? item.packet.duration : item.durationTicks;
      waiting = {
        bytes: encrypted?.bytes ?? bytes,
        protection: encrypted?.protection ?? null,
        decode,
        compositionTicks: Number(composition),
        isSync: item.kind === 'audio' || item.isKey,
        ownDuration: ownTicks(item, duration),
      };
    },
    settle(next) {
      if (waiting === null) return;
      const until = next === null || shift === null ? null : toTicks(next) + shift - waiting.decode;
      // Sound says how long it lasts; a gap behind it is none of its length.
      const isKnown = track.kind === 'audio' || until === null || until <= 0n;
      accept(waiting, isKnown ? waiting.ownDuration : until);
      waiting = null;
    },
    take() {
      if (samples.length === 0) return null;
      const taken = { trackId, decodeTicks: decodeOfFirst, samples, descriptionIndex: 1 };
      samples = [];
      return taken;
    },
    get mediaStart() {
      if (shift === null) return 0n;
      if (track.kind === 'audio') return shift - offset;
      return compositionOffsets === 'edit' ? shift : 0n;
    },
    get presentationOffset() {
      if (track.kind === 'audio') return offset;
      return compositionOffsets === 'shift' ? (shift ?? 0n) : 0n;
    },
    sampleEntry() {
      entry ??= sampleEntryOf(track, entryType, null);
      return entry;
    },
    presentationTicks(at) {
      const start = toMicroseconds(at) < 0 ? 0n : toTicks(at);
      return start + this.presentationOffset;
    },
  };
}
