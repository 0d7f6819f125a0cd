/**
 * Rates of a coded video track from nothing but the sizes and times of its packets: average, peaks, and the buffer of
 * the hypothetical decoder (Rec. ITU-T H.264 annex C; leaky bucket).
 */
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';

/** One access unit. */
export interface CodedPicture {
  readonly bits: number;
  /** Decoding time in seconds. */
  readonly at: number;
}

/** Reads the first video track of a file. Throws when it does not open. */
export function readCodedPictures(path: string, framesPerSecond: number): readonly CodedPicture[] {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const video = context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  const packet = new Packet();
  packet.alloc();
  const pictures: CodedPicture[] = [];
  while (context.readFrameSync(packet) >= 0) {
    // At a constant rate pictures are taken out one after another, whatever the container says of the first.
    if (packet.streamIndex === video?.index)
      pictures.push({ bits: packet.size * 8, at: pictures.length / framesPerSecond });
    packet.unref();
  }
  packet.free();
  context.closeInputSync();
  return pictures;
}

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
