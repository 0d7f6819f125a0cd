/**
 * Descriptors of AVC-Intra in MXF. Files describe its constrained classes with the set for MPEG video (SMPTE RP 2027), which
 * has members that only an MPEG-2 sequence header can fill: bit rate, profile and level, and what tells of its groups
 * (SMPTE ST 381-1). All of them are optional, and files of cameras and of broadcasters have none; the library writes them
 * all the same, with zeroes and the low bits of the H.264 profile and level.
 */
import { kindOf, type MxfPacket, memberOf, withoutMembers } from './mxf-metadata.ts';

const mpegVideoKind = 0x51;
const containerTag = 0x3004;
/** Byte 13 of the label of an essence container that holds AVC byte streams (SMPTE ST 381-3). */
const avcContainer = 0x10;

/** Takes the members of MPEG-2 from the descriptor of an AVC track; other files stay as they are. */
export function dropMpeg2Members(packets: readonly MxfPacket[]): void {
  for (const packet of packets) {
    if (kindOf(packet) !== mpegVideoKind || memberOf(packet.value, containerTag)?.[13] !== avcContainer)
      continue;
    packet.changed = withoutMembers(packet.changed ?? packet.value, isMpeg2Tag);
  }
}

/** ST 381-1 has the local tags 8000 to 800A. */
function isMpeg2Tag(tag: number): boolean {
  return tag >= 0x8000 && tag <= 0x800a;
}
