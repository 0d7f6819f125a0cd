/**
 * Gives packets to a decoder: on the event loop as long as that is quick, in the thread pool otherwise. How long a picture
 * takes hangs on its codec and on what it shows, so the first ones are tried.
 */
import type { CodecContext, Packet } from 'node-av/lib';

/** What a decoder is given packets by. */
type PacketTaker = Pick<CodecContext, 'sendPacket' | 'sendPacketSync'>;

/** The event loop serves encoders, progress and cancel too; a cancel waits half a second before the process is ended. */
const mostInlineMs = 50;
/** One picture that takes longer may be the machine's fault: so much time may go into such pictures in a row. */
const mostSlowMs = 150;

/** Makes the sender of a decoder; null is the end. Resolves with the library's result. */
export function createPacketSender(
  decoder: PacketTaker,
  startsInline: boolean,
  now: () => number = () => performance.now(),
): (packet: Packet | null) => Promise<number> | number {
  let isInline = startsInline;
  let slowMs = 0;
  return (packet) => {
    if (!isInline) return decoder.sendPacket(packet);
    const began = now();
    const result = decoder.sendPacketSync(packet);
    const tookMs = now() - began;
    slowMs = tookMs > mostInlineMs ? slowMs + tookMs : 0;
    isInline = slowMs <= mostSlowMs;
    return result;
  };
}
