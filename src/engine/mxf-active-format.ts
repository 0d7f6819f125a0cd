/** Copies the active format of the coded pictures into the picture descriptor of an MXF file (SMPTE ST 377-1 F.4.1). */
import { isPrimer, kindOf, type MxfPacket, memberOf, withMember } from './mxf-metadata.ts';

/** Local tag and label of the property (SMPTE ST 377-1, RP 210). */
const formatTag = 0x3218;
const formatLabel = Buffer.from('060e2b34010101050401030209000000', 'hex');
/** MPEG video, and CDCI pictures, which other codecs are described as. */
const pictureKinds: ReadonlySet<number | null> = new Set([0x51, 0x28]);
const primerEntryBytes = 18;
/** `DTG1`, and the flag of a description (ETSI TS 101 154 B.3). */
const descriptionMark = Buffer.from('4454473141', 'hex');

/** Describes the format of the first picture in `head`; pictures without a description change nothing. */
export function copyActiveFormat(packets: readonly MxfPacket[], head: Buffer): void {
  const mark = head.indexOf(descriptionMark);
  if (mark < 0) return;
  const code = (head[mark + descriptionMark.length] ?? 0) & 0x0f;
  for (const packet of packets) {
    const value = packet.changed ?? packet.value;
    if (isPrimer(packet)) packet.changed = withPrimerEntry(value);
    // Bits 6 to 3 are the code, bit 2 tells a coded frame of 16:9 (SMPTE ST 2016-1).
    else if (pictureKinds.has(kindOf(packet)))
      packet.changed = withMember(value, formatTag, Buffer.from([(code << 3) | (isWide(value) ? 4 : 0)]));
  }
}

function withPrimerEntry(primer: Buffer): Buffer {
  const tag = Buffer.alloc(2);
  tag.writeUInt16BE(formatTag);
  const grown = Buffer.concat([primer, tag, formatLabel]);
  if (primer.readUInt32BE(4) !== primerEntryBytes) throw new RangeError('an MXF primer of another form');
  grown.writeUInt32BE(primer.readUInt32BE(0) + 1, 0);
  return grown;
}

const aspectTag = 0x320e;
/** Frames at least as wide as this are 16:9 ones. */
const wideAspect = 1.5;

function isWide(set: Buffer): boolean {
  const aspect = memberOf(set, aspectTag);
  return aspect === null || aspect.readUInt32BE(0) / aspect.readUInt32BE(4) > wideAspect;
}
