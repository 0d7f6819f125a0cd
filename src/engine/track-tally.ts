/** What one track of an output amounts to: the matter of output details (spec events.md 5). */
import { avGetPixFmtFromName, avImageGetBufferSize, type Packet } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import type { EncodedTrack } from './output-writer.ts';
import type { OutputResult } from './protocol.ts';

/** Counts the packets of one track. */
export interface TrackTally {
  readonly track: EncodedTrack;
  count(packet: Packet): void;
  readonly packets: number;
  readonly bytes: number;
  /** First presentation time and end of the last, in microseconds; priming before 0 is not counted. */
  readonly startUs: number;
  readonly endUs: number;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };

/** A tally at zero. */
export function createTrackTally(track: EncodedTrack): TrackTally {
  const pictureBytes = bytesOfReferences(track);
  let packets = 0;
  let bytes = 0;
  let start: bigint | null = null;
  let end = 0n;
  const toUs = (ticks: bigint): number => Number(rescaleTicks(ticks, track.timeBase, microseconds));
  return {
    track,
    count(packet) {
      packets += 1;
      bytes += pictureBytes ?? packet.size;
      const at = packet.pts < 0n ? 0n : packet.pts;
      if (start === null || at < start) start = at;
      if (packet.pts + packet.duration > end) end = packet.pts + packet.duration;
    },
    get packets() {
      return packets;
    },
    get bytes() {
      return bytes;
    },
    get startUs() {
      return toUs(start ?? 0n);
    },
    get endUs() {
      return toUs(end);
    },
  };
}

/** Packets of uncompressed pictures are references to frames: the bytes of what they refer to; null: packets are bytes. */
function bytesOfReferences(track: EncodedTrack): number | null {
  if (track.kind !== 'video' || track.rendition.encoder.encoder !== 'wrapped_avframe') return null;
  const { pixelFormat, widthPx, heightPx } = track.rendition;
  return avImageGetBufferSize(avGetPixFmtFromName(pixelFormat), widthPx, heightPx, 1);
}

/** The parts of an output's result that follow from its tracks. In some containers all ends with the pictures. */
export function resultOfTracks(
  tallies: readonly TrackTally[],
  endsWithPictures = false,
): Pick<OutputResult, 'durationMs' | 'video' | 'audio'> {
  const startUs = Math.min(...tallies.map((tally) => tally.startUs));
  const pictures = tallies.find(({ track }) => track.kind === 'video');
  const limitUs = endsWithPictures && pictures !== undefined ? pictures.endUs : Number.POSITIVE_INFINITY;
  const endOf = (tally: TrackTally): number => Math.min(tally.endUs, limitUs);
  const durationUs = Math.max(0, ...tallies.map((tally) => endOf(tally) - startUs));
  let video: OutputResult['video'] = null;
  const audio: OutputResult['audio'][number][] = [];
  for (const tally of tallies) {
    const { track, packets, bytes } = tally;
    if (track.kind === 'video') {
      const seconds = (tally.endUs - tally.startUs) / 1_000_000;
      video = {
        widthPx: track.rendition.widthPx,
        heightPx: track.rendition.heightPx,
        frames: packets,
        bytes,
        averageBitrateBps: seconds > 0 ? Math.round((bytes * 8) / seconds) : 0,
      };
    } else {
      const { sampleRateHz } = track.rendition;
      audio.push({ samples: Math.round((endOf(tally) * sampleRateHz) / 1_000_000), sampleRateHz, bytes });
    }
  }
  return { durationMs: Math.round(durationUs / 1000), video, audio };
}
