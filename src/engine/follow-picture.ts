/**
 * Ends the packets of a sound track with the picture: what begins at or after the picture's end is dropped, so that
 * the sound is longer by less than one audio frame. Packets that may still be too late are held back.
 */
import type { Packet } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import type { PacketConsumer } from './nodes/encoder-node.ts';
import type { OutputWriter } from './output-writer.ts';

/** What is known of the picture. */
export interface FollowedPicture {
  /** Output time reached so far, microseconds. */
  reachedUs(): number;
  /** Resolves with the end, microseconds. */
  end(): Promise<number>;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };

/** The consumer, behind a gate that opens with the picture. */
export function followPicture(
  { writer, trackIndex }: PacketConsumer,
  timeBase: Rational,
  picture: FollowedPicture,
): PacketConsumer {
  const held: Packet[] = [];
  const startUs = (packet: Packet): number => Number(rescaleTicks(packet.pts, timeBase, microseconds));
  const release = async (untilUs: number): Promise<void> => {
    for (;;) {
      const packet = held[0];
      if (packet === undefined || startUs(packet) >= untilUs) return;
      held.shift();
      try {
        await writer.writePacket(trackIndex, packet);
      } finally {
        packet.free();
      }
    }
  };
  const gate: Pick<OutputWriter, 'writePacket' | 'endTrack'> = {
    async writePacket(_track, packet) {
      const copy = packet.clone();
      if (copy !== null) held.push(copy);
      await release(picture.reachedUs());
    },
    async endTrack() {
      await release(await picture.end());
      for (const packet of held.splice(0)) packet.free();
      await writer.endTrack(trackIndex);
    },
  };
  return { writer: { ...writer, ...gate }, trackIndex };
}
