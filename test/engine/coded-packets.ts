/** The packets of the video of a file, one after another. */
import { Packet } from 'node-av/lib';
import { openVideo } from './open-video.ts';

/** When it is shown, in milliseconds of a WebM file, and its size. */
export interface CodedPacket {
  readonly isKey: boolean;
  readonly milliseconds: number;
  readonly bits: number;
}

/** Each with what its bytes are read as. */
export function readPackets<Read extends object>(
  path: string,
  read: (data: Buffer) => Read,
): readonly (CodedPacket & Read)[] {
  const { context, stream, decoder } = openVideo(path);
  const packet = new Packet();
  packet.alloc();
  const packets: (CodedPacket & Read)[] = [];
  while (context.readFrameSync(packet) >= 0) {
    const { streamIndex, data, isKeyframe, pts, size } = packet;
    if (streamIndex === stream.index && data !== null)
      packets.push({ isKey: isKeyframe, milliseconds: Number(pts), bits: 8 * size, ...read(data) });
    packet.unref();
  }
  packet.free();
  decoder.freeContext();
  context.closeInputSync();
  return packets;
}

/** What they took of the rate asked for. */
export function shareOfRate(
  packets: readonly CodedPacket[],
  framesPerSecond: number,
  bitrateBps: number,
): number {
  const bits = packets.reduce((sum, packet) => sum + packet.bits, 0);
  return (bits * framesPerSecond) / packets.length / bitrateBps;
}
