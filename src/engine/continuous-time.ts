/**
 * Keeps the time of an input continuous. Joined and broadcast recordings jump: their clock starts again or skips.
 * A jump moves everything behind it, so that outputs neither freeze for hours nor lose what comes after.
 *
 * Most jumps are guessed from decoding times. Where a playlist states them (`cuts`, bytes at which the clock begins
 * anew), nothing is guessed: each stretch between two cuts has a clock of its own, whose zero is found when the lead
 * track comes to it, so that its first picture follows the last one of the stretch before. Tracks that come to a
 * stretch earlier wait.
 */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';

/** Containers whose clocks may restart (the library's "timestamp discontinuities allowed" demuxers we accept). */
const jumpyDemuxers: ReadonlySet<string> = new Set(['mpegts', 'mpeg', 'hls', 'dv', 'asf', 'ogg']);
/** Forward steps that count as a jump; other containers state their gaps on purpose. */
const jumpSeconds = 10;
const statedGapSeconds = 3600;
/** Decoding times of a track never go back by more than this. */
const backwardSeconds = 0.1;

/** Corrects the times of packets in the order they are read. */
export interface ContinuousTime {
  /** Number of the stretch between stated cuts that the packet belongs to; asked once for each packet, in order. */
  stretchOf(packet: Packet): number;
  /**
   * Corrects a packet. One of a track with long pauses (`isSparse`) follows the others: its own gaps tell of no jump.
   * False, and the packet as it was: it belongs behind a stated cut that the lead track has not come to.
   */
  repair(packet: Packet, timeBase: Rational, isSparse: boolean, stretch?: number): boolean;
  /** The lead track does not come to the next stretch any more, or too late: the first packet tells its zero. */
  goOnWithoutLead(): void;
  /** What is added to the times read last, seconds. */
  readonly offsetSeconds: number;
}

/** Cuts that are known before anything is read. */
export interface StatedCuts {
  /** Bytes at which the clock begins anew, in order. */
  readonly cuts: readonly number[];
  readonly leadIndex: number;
}

/** What is known of a track: on the corrected clock, in seconds. */
interface TrackClock {
  readonly stretch: number;
  /** Last decoding time. */
  readonly last: number;
  /** Where the next is expected. */
  readonly next: number;
  /** End of what was shown or heard. */
  readonly end: number;
}

/** Makes the corrector for a demuxer. */
export function createContinuousTime(
  demuxer: string,
  { cuts, leadIndex }: StatedCuts = { cuts: [], leadIndex: -1 },
): ContinuousTime {
  const forwardSeconds = demuxer.split(',').some((name) => jumpyDemuxers.has(name))
    ? jumpSeconds
    : statedGapSeconds;
  const tracks = new Map<number, TrackClock>();
  const reached = new Map<number, number>();
  /** By stretch; those whose zero is known. */
  const offsets = [0];
  let newest: number | null = null;
  let offsetSeconds = 0;
  let waitsForLead = true;

  const stretchOf = ({ streamIndex, pos }: Packet): number => {
    if (cuts.length === 0) return 0;
    // A packet without a place in the file follows the one before it of its track.
    const stretch = Math.max(reached.get(streamIndex) ?? 0, cuts.filter((cut) => Number(pos) >= cut).length);
    reached.set(streamIndex, stretch);
    return stretch;
  };
  /** Puts the first time that a track shows in a stretch behind what it showed before. */
  const begin = (stretch: number, packet: Packet, secondsPerTick: number): void => {
    const shown = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
    const end = tracks.get(packet.streamIndex)?.end ?? newest ?? 0;
    for (let between = offsets.length; between < stretch; between += 1) offsets.push(offsets.at(-1) ?? 0);
    offsets[stretch] = shown === AV_NOPTS_VALUE ? 0 : end - Number(shown) * secondsPerTick;
    waitsForLead = true;
  };

  return {
    get offsetSeconds() {
      return offsetSeconds;
    },
    goOnWithoutLead() {
      waitsForLead = false;
    },
    stretchOf,
    repair(packet, timeBase, isSparse, stretch = stretchOf(packet)) {
      const { streamIndex, dts, pts } = packet;
      const secondsPerTick = timeBase.num / timeBase.den;
      if (stretch >= offsets.length) {
        if (waitsForLead && streamIndex !== leadIndex) return false;
        begin(stretch, packet, secondsPerTick);
      }
      offsetSeconds = offsets[stretch] ?? 0;
      // Presentation times go back with every B-frame: only decoding times tell a jump.
      if (dts !== AV_NOPTS_VALUE && !isSparse) {
        const known = tracks.get(streamIndex);
        const own = known?.stretch === stretch ? known : undefined;
        const read = Number(dts) * secondsPerTick;
        const at = read + offsetSeconds;
        // The first times behind a cut are where they were put.
        const reference = own?.next ?? (stretch === 0 ? newest : null) ?? at;
        const goesBack =
          own === undefined ? at < reference - forwardSeconds : at < own.last - backwardSeconds;
        if (goesBack || at > reference + forwardSeconds) offsetSeconds += reference - at;
        offsets[stretch] = offsetSeconds;
        const last = read + offsetSeconds;
        const lasts = Number(packet.duration) * secondsPerTick;
        const next = last + lasts;
        const shown = pts === AV_NOPTS_VALUE ? last : Number(pts) * secondsPerTick + offsetSeconds;
        const step = lasts > 0 || own === undefined ? lasts : last - own.last;
        const end = Math.max(known?.end ?? Number.NEGATIVE_INFINITY, shown + step);
        tracks.set(streamIndex, { stretch, last, next, end });
        if (newest === null || next > newest) newest = next;
      }
      if (offsetSeconds === 0) return true;
      const offsetTicks = BigInt(Math.round(offsetSeconds / secondsPerTick));
      if (dts !== AV_NOPTS_VALUE) packet.dts = dts + offsetTicks;
      if (pts !== AV_NOPTS_VALUE) packet.pts = pts + offsetTicks;
      return true;
    },
  };
}
