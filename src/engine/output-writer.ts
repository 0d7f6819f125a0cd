/**
 * The seam between encoders and containers: takes encoded packets, writes objects. Implementations: file
 * muxers (`engine/`), HLS segmenters (`package/`), frame capture. The graph drives it and never looks inside.
 */
import type { CodecContext, Packet } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { AudioRendition, VideoRendition } from '../plan/plan.ts';
import type { OutputResult } from './protocol.ts';

/** One track of an output, known once its encoder is open. */
export type EncodedTrack =
  | {
      readonly kind: 'video';
      readonly rendition: VideoRendition;
      readonly encoder: CodecContext;
      readonly timeBase: Rational;
    }
  | {
      readonly kind: 'audio';
      readonly rendition: AudioRendition;
      readonly encoder: CodecContext;
      readonly timeBase: Rational;
    };

/** One output in the making. */
export interface OutputWriter {
  /** Called once, with video first, before any packet. */
  start(tracks: readonly EncodedTrack[]): Promise<void>;
  /**
   * Takes one packet of a track, in decoding order within the track, times in the track's `timeBase`.
   * The packet is shared with other writers: it is not changed and not kept (clone it to keep it).
   * Packets of different tracks may arrive far apart; the writer interleaves them by time.
   * Resolves when the next packet is welcome.
   */
  writePacket(trackIndex: number, packet: Packet): Promise<void> | void;
  /** No more packets of this track. */
  endTrack(trackIndex: number): Promise<void> | void;
  /** All tracks ended: finishes and publishes everything of this output. */
  finish(): Promise<OutputResult>;
  /** Drops what is not published yet. Tolerates being called at any time, and twice. */
  abort(): Promise<void>;
}
