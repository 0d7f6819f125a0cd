/**
 * Marks an H.265 stream as interlaced where the encoder codes both fields of a frame as one picture and says only, in
 * its timing messages, which comes first: source flags in the parameter sets, and the scan of each picture
 * (Rec. ITU-T H.265 7.3.3, D.2.3).
 */
import { nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import { escaped, joinUnits } from './nal-units.ts';

const unitTypes = { videoParameters: 32, sequenceParameters: 33, message: 39 };
const headerBytes = 2;
const pictureTiming = 1;
/** Bytes before the source flags of profile_tier_level: what stands in front of it, profile, compatibility. */
const flagsAt = { videoParameters: 4 + 5, sequenceParameters: 1 + 5 };
const progressiveSource = 0x80;
const interlacedSource = 0x40;

/** Marks the parameter sets that a container keeps outside of the stream. */
export function withFieldsInParameters(extraData: Buffer): Buffer {
  return joinUnits([...nalUnits(extraData)].map(withFields));
}

/** Marks one unit; others than parameter sets and timing messages come back as they are. */
export function withFields(unit: Uint8Array): Uint8Array {
  switch (nalType(unit, 'H_265')) {
    case unitTypes.videoParameters:
      return changed(unit, (bytes) => markSource(bytes, flagsAt.videoParameters));
    case unitTypes.sequenceParameters:
      return changed(unit, (bytes) => markSource(bytes, flagsAt.sequenceParameters));
    case unitTypes.message:
      return changed(unit, markScan);
    default:
      return unit;
  }
}

function changed(unit: Uint8Array, mark: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(rawBytes(unit.subarray(headerBytes), unit.length));
  mark(bytes);
  return Buffer.concat([unit.subarray(0, headerBytes), escaped(bytes)]);
}

function markSource(bytes: Buffer, at: number): void {
  bytes[at] = ((bytes[at] ?? 0) & ~progressiveSource) | interlacedSource;
}

/** pic_struct takes four bits, source_scan_type the two behind it: 0 is interlaced. */
function markScan(bytes: Buffer): void {
  if (bytes[0] === pictureTiming && bytes.length > headerBytes) bytes[2] = (bytes[2] ?? 0) & 0xf3;
}
