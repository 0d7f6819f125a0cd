/** Waits for the first whole frame of a Dolby Digital or Dolby Digital Plus track, for what it says of itself. */
import { AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3 } from 'node-av/constants';
import type { Packet, Stream } from 'node-av/lib';
import type { DolbyFacts } from '../../plan/facts.ts';
import { readDolbyFrame } from './dolby-frame.ts';

/** Watches one track. */
export interface DolbyWatch {
  see(packet: Packet): void;
  /** A frame was whole, or none of many was. */
  readonly isSettled: boolean;
  /** Null: no frame was whole. */
  found(): DolbyFacts | null;
}

/** A track that begins in the middle, or is damaged there, has a whole frame within a second (32 ms each). */
const mostPackets = 32;

/** Null for tracks of other codecs. */
export function watchDolby({ codecpar }: Stream): DolbyWatch | null {
  if (codecpar.codecId !== AV_CODEC_ID_AC3 && codecpar.codecId !== AV_CODEC_ID_EAC3) return null;
  let packets = 0;
  let facts: DolbyFacts | null = null;
  return {
    see(packet) {
      if (facts !== null || packets >= mostPackets) return;
      packets += 1;
      facts = packet.data === null ? null : readDolbyFrame(packet.data);
    },
    get isSettled() {
      return facts !== null || packets >= mostPackets;
    },
    found: () => facts,
  };
}
