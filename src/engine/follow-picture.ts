/**
 * Ends the packets of a sound track with the picture: what begins at or after the picture's end is dropped, so that
 * the sound is longer by less than one audio frame, and that of PCM by less than a sample. Packets that may still be too
 * late are held back.
 */
import { Packet } from 'node-av/lib';
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

/** The consumer, behind a gate that opens with the picture. `isPcm`: packets are samples, and can be cut anywhere. */
export function followPicture(
  { writer, trackIndex }: PacketConsumer,
  timeBase: Rational,
  picture: FollowedPicture,
  isPcm: boolean,
): PacketConsumer {
  const held: Packet[] = [];
  const toUs = (ticks: bigint): number => Number(rescaleTicks(ticks, timeBase, microseconds));
  /** Whether a packet belongs into the file if the picture ends then. */
  const isBefore = ({ pts, duration }: Packet, untilUs: number, isEnd: boolean): boolean =>
    isPcm && !isEnd ? toUs(pts + duration) <= untilUs : toUs(pts) < untilUs;
  const release = async (untilUs: number, isEnd: boolean): Promise<void> => {
    for (;;) {
      const [next] = held;
      if (next === undefined || !isBefore(next, untilUs, isEnd)) return;
      held.shift();
      const packet = isPcm && isEnd ? cutAt(next, ticksUntil(untilUs, timeBase)) : next;
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
      await release(picture.reachedUs(), false);
    },
    async endTrack() {
      await release(await picture.end(), true);
      for (const packet of held.splice(0)) packet.free();
      await writer.endTrack(trackIndex);
    },
  };
  return { writer: { ...writer, ...gate }, trackIndex };
}

/** All samples that begin before an instant; it is rounded to microseconds, so a tenth of a sample is none. */
function ticksUntil(us: number, { num, den }: Rational): bigint {
  return BigInt(Math.ceil((us * den) / (num * 1_000_000) - 0.1));
}

/** The packet up to a tick; one that ends before it, and one that does not divide into samples, as it is. */
function cutAt(packet: Packet, endTicks: bigint): Packet {
  const ticks = Number(endTicks - packet.pts);
  const all = Number(packet.duration);
  if (ticks <= 0 || ticks >= all || packet.size % all !== 0) return packet;
  const cut = new Packet();
  cut.alloc();
  cut.data = Buffer.from(packet.data?.subarray(0, (packet.size / all) * ticks) ?? Buffer.alloc(0));
  cut.pts = packet.pts;
  cut.dts = packet.pts;
  cut.duration = BigInt(ticks);
  packet.free();
  return cut;
}
