/** Copies of packets with more bytes around them. */
import { Packet } from 'node-av/lib';
import type { NalCodec } from '../package/annex-b.ts';
import { withSets } from './nal-units.ts';

/** Annex B bytes by encoder (Rec. ITU-T H.264 7.4.1 types 10 and 11; H.265 7.4.2.2 types 36 and 37). */
const endOfStreamMarkers: Readonly<Record<string, Buffer>> = {
  libx264: Buffer.from([0, 0, 0, 1, 0x0a, 0, 0, 0, 1, 0x0b]),
  libx265: Buffer.from([0, 0, 0, 1, 0x48, 0x01, 0, 0, 0, 1, 0x4a, 0x01]),
};

/**
 * A copy with end-of-sequence and end-of-stream NAL units behind the access unit (spec video.md 4, 6
 * `endOfStreamMarkers`). The caller frees it. Throws TypeError for an encoder without them.
 */
export function withEndOfStream(packet: Packet, encoder: string): Packet {
  const tail = endOfStreamMarkers[encoder];
  if (tail === undefined) throw new TypeError(`no end-of-stream markers for ${encoder}`);
  return copyWith(packet, Buffer.concat([packet.data ?? Buffer.alloc(0), tail]));
}

/** A copy with the parameter sets in it, for streams whose container has no header. The caller frees it. */
export function withParameterSets(packet: Packet, parameterSets: Buffer, codec: NalCodec): Packet {
  return copyWith(packet, Buffer.concat(withSets(packet.data ?? Buffer.alloc(0), parameterSets, codec)));
}

/** A copy with other bytes. The caller frees it. */
export function copyWith(packet: Packet, data: Buffer): Packet {
  const copy = new Packet();
  copy.alloc();
  copy.data = data;
  copy.pts = packet.pts;
  copy.dts = packet.dts;
  copy.duration = packet.duration;
  copy.flags = packet.flags;
  return copy;
}
