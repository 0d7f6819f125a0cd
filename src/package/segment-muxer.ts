/**
 * The seam between a segmenter and the bytes of its segments. Implementations: transport streams (`ts-muxer.ts`) and
 * packed audio (`packed-audio-muxer.ts`). Bytes leave through a sink that copies them and returns at once.
 */
import type { Packet } from 'node-av/lib';
import type { Signal } from '../signals/signal-timeline.ts';
import type { Instant } from './instant.ts';

/** Takes bytes during the call; the buffer is reused afterwards. */
export type ByteSink = (bytes: Uint8Array) => void;

/** One encoded audio frame. */
export interface AudioFrame {
  readonly bytes: Uint8Array;
  /** Presentation time on the output timeline; negative for encoder priming. */
  readonly start: Instant;
}

/** Writes frames in the order given, one segment after the other. */
export interface SegmentMuxer {
  /** The next frame, which begins at `start`, is the first of a segment. Everything before has reached the sink. */
  beginSegment(start: Instant): void;
  /** Times in the time base given for the track; the packet is not changed and not kept. */
  writeVideo(packet: Packet): void;
  writeAudio(trackIndex: number, frame: AudioFrame): void;
  /** Puts data between the frames written before and after. */
  writeData(signal: Signal): void;
  /** Makes the tables stand before the next frame, so that a player can begin there. No effect on packed audio. */
  repeatTables(): void;
  /** Hands everything taken so far to the sink. */
  flush(): void;
  /** Frees what is native. Tolerates being called twice. */
  close(): void;
}

/** Ticks of a transport stream clock for an instant, moved by the output's timestamp offset. Not cut to 33 bits. */
export function toTransportTicks({ ticks, base }: Instant, offset90k: bigint): bigint {
  const numerator = ticks * BigInt(base.num) * 90_000n;
  const denominator = BigInt(base.den);
  const half = denominator / 2n;
  const rounded = numerator >= 0n ? (numerator + half) / denominator : -((-numerator + half) / denominator);
  return rounded + offset90k;
}

/**
 * The offset of an output in ticks of 1/90,000 s. Where `timestampDeltaMilliseconds` or a delay of the sound makes it so small
 * that the first decoding times would be negative, it begins one turn of the 33-bit clock later: the written bits are the same.
 */
export function transportOffset(timestampOffsetMs: number): bigint {
  const offset = BigInt(timestampOffsetMs) * 90n;
  return offset < 90_000n ? offset + (1n << 33n) * (1n + (-offset >> 33n)) : offset;
}
