/**
 * Rates of a coded video track from nothing but the sizes and times of its packets: average, peaks, and the buffer of
 * the hypothetical decoder (Rec. ITU-T H.264 annex C; leaky bucket).
 */
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import { splitUnits } from './bit-reader.ts';

/** One access unit. */
export interface CodedPicture {
  readonly bits: number;
  /** Decoding time in seconds. */
  readonly at: number;
}

/**
 * Reads the access units of the first video track of a file; the end of a sequence, which byte streams give by itself,
 * belongs to the one before it. Throws when it does not open.
 */
export function readAccessUnits(path: string): readonly Uint8Array[] {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const video = context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  const packet = new Packet();
  packet.alloc();
  const units: Uint8Array[] = [];
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === video?.index) {
      const unit = Uint8Array.from(packet.data ?? []);
      const last = isEnd(unit) ? units.pop() : undefined;
      units.push(last === undefined ? unit : Buffer.concat([last, unit]));
    }
    packet.unref();
  }
  packet.free();
  context.closeInputSync();
  return units;
}

/** Units of nothing but a header are ends, of sequences and of streams (H.264 7.3.2.5, H.265 7.3.2.6). */
function isEnd(packet: Uint8Array): boolean {
  const units = splitUnits(packet);
  return units.length > 0 && units.every(({ length }) => length <= longestHeaderBytes);
}

const longestHeaderBytes = 3;

/** Average in bit/s. */
export function averageOf(pictures: readonly CodedPicture[], framesPerSecond: number): number {
  const bits = pictures.reduce((sum, picture) => sum + picture.bits, 0);
  return (bits * framesPerSecond) / pictures.length;
}

/** Highest rate over any window of that length, in bit/s. */
export function peakOver(
  pictures: readonly CodedPicture[],
  seconds: number,
  framesPerSecond: number,
): number {
  const length = Math.max(1, Math.round(seconds * framesPerSecond));
  let bits = 0;
  let most = 0;
  for (const [index, picture] of pictures.entries()) {
    bits += picture.bits - (pictures[index - length]?.bits ?? 0);
    if (index >= length - 1) most = Math.max(most, bits);
  }
  return (most * framesPerSecond) / length;
}

/** A decoder's buffer. */
export interface Bucket {
  readonly rateBps: number;
  readonly sizeBits: number;
  readonly initialFill: number;
  /** The channel never pauses: a full buffer is a violation too. */
  readonly isConstant: boolean;
}

/** What became of it. */
export interface BucketReport {
  /** Pictures that were not there in time. */
  readonly underflows: number;
  /** Pictures before which the buffer ran over, constant rates only. */
  readonly overflows: number;
  /** Lowest fill, as a share of the size. */
  readonly lowest: number;
}

/** Lets a track run through a bucket. A bit in a thousand of the buffer is rounding, not a violation. */
export function runBucket(
  pictures: readonly CodedPicture[],
  bucket: Bucket,
  framesPerSecond: number,
): BucketReport {
  const { rateBps, sizeBits, initialFill, isConstant } = bucket;
  const slack = sizeBits / 1000;
  const inflow = rateBps / framesPerSecond;
  let fill = sizeBits * initialFill;
  let [underflows, overflows, lowest] = [0, 0, fill];
  for (const { bits } of pictures) {
    fill -= bits;
    if (fill < -slack) underflows += 1;
    lowest = Math.min(lowest, fill);
    fill += inflow;
    if (isConstant && fill > sizeBits + slack) overflows += 1;
    fill = Math.min(fill, sizeBits);
  }
  return { underflows, overflows, lowest: lowest / sizeBits };
}
