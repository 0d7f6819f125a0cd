/**
 * Keeps the time of an input continuous. Joined and broadcast recordings jump: their clock starts again or skips.
 * A jump moves everything behind it, so that outputs neither freeze for hours nor lose what comes after.
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
  /** Corrects a packet. One of a track with long pauses (`isSparse`) follows the others: its own gaps tell of no jump. */
  repair(packet: Packet, timeBase: Rational, isSparse: boolean): void;
  /** What is added to the times read last, seconds. */
  readonly offsetSeconds: number;
}

/** Makes the corrector for a demuxer. */
export function createContinuousTime(demuxer: string): ContinuousTime {
  const forwardSeconds = demuxer.split(',').some((name) => jumpyDemuxers.has(name))
    ? jumpSeconds
    : statedGapSeconds;
  /** Last decoding time of each stream, and where the next is expected, on the corrected clock. */
  const tracks = new Map<number, { readonly last: number; readonly next: number }>();
  let newest: number | null = null;
  let offsetSeconds = 0;

  return {
    get offsetSeconds() {
      return offsetSeconds;
    },
    repair(packet, timeBase, isSparse) {
      const { streamIndex, dts, pts } = packet;
      const secondsPerTick = timeBase.num / timeBase.den;
      // Presentation times go back with every B-frame: only decoding times tell a jump.
      if (dts !== AV_NOPTS_VALUE && !isSparse) {
        const read = Number(dts) * secondsPerTick;
        const own = tracks.get(streamIndex);
        const at = read + offsetSeconds;
        const reference = own?.next ?? newest ?? at;
        const goesBack =
          own === undefined ? at < reference - forwardSeconds : at < own.last - backwardSeconds;
        if (goesBack || at > reference + forwardSeconds) offsetSeconds += reference - at;
        const last = read + offsetSeconds;
        const next = last + Number(packet.duration) * secondsPerTick;
        tracks.set(streamIndex, { last, next });
        if (newest === null || next > newest) newest = next;
      }
      if (offsetSeconds === 0) return;
      const offsetTicks = BigInt(Math.round(offsetSeconds / secondsPerTick));
      if (dts !== AV_NOPTS_VALUE) packet.dts = dts + offsetTicks;
      if (pts !== AV_NOPTS_VALUE) packet.pts = pts + offsetTicks;
    },
  };
}
