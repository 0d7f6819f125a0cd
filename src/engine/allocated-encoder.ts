/**
 * Gives pictures their quantizers in front of FFmpeg's MPEG-2 encoder: the bounds of its rate control, which it reads again
 * for every picture, are that quantizer (libavcodec `ratecontrol.c`, `get_qminmax`). Masks within a picture stay its own.
 */
import type { CodecContext, Packet } from 'node-av/lib';
import { rationalToNumber } from '../exact-time.ts';
import type { EncoderPlan, VideoRendition } from '../plan/plan.ts';
import type { CodedKind, EncoderPacing, PictureAllocation } from '../plan/rate-plan.ts';
import { setLibraryOptions } from './library-options.ts';
import type { Pass } from './pass.ts';
import { createLookedCoding, lookingQuantizer, spendingQuantizers } from './picture-allocation.ts';
import type { PictureQuantizer } from './picture-quantizer.ts';
import { lambdaPerQuantizer, toldQuantizer } from './quality-figures.ts';

type PassOfLooks = Pick<Pass, 'passNumber' | 'counters'>;

/**
 * The encoder of a pass. One that looks keeps no buffer. The last is asked for the peak: of the bounds that it is given it then
 * chooses the finest by itself, and coarser ones where it expects a picture not to fit its buffer, or finds so.
 */
export function allocatedEncoder(
  { passNumber }: PassOfLooks,
  encoder: EncoderPlan,
  { lookOptions }: PictureAllocation,
): EncoderPlan {
  if (passNumber !== 1) return { ...encoder, askedBps: heldTo(encoder).rateBps || averageOf(encoder) };
  const options = { ...encoder.options, ...lookOptions, rc_init_occupancy: '0' };
  return { ...encoder, pacing: { rateBps: 0, bufferBits: 0 }, options };
}

/** Follows an encode of a pass. The encoder codes a picture in each call that sends or receives, at most. */
export function createAllocatedQuantizer(
  { passNumber, counters: { lookedCodings } }: PassOfLooks,
  { id, encoder, frameRate }: VideoRendition,
  allocation: PictureAllocation,
): PictureQuantizer {
  const averageBits = averageOf(encoder) / rationalToNumber(frameRate);
  const looked = lookedCodings.get(id) ?? createLookedCoding();
  lookedCodings.set(id, looked);
  if (passNumber === 1) {
    const looking = lookingQuantizer(averageBits);
    return {
      ...noFrames,
      prepare: (open) => bound(open, looking.quantizer(), looking.quantizer()),
      add(packet) {
        const kind = codedKind(packet);
        looked.complexities.push(looking.add(8 * packet.size, kind));
        looked.kinds.push(kind);
        looked.shownAt.push(Number(packet.pts));
      },
    };
  }
  const spending = spendingQuantizers(looked, allocation, averageBits, bucketOf(encoder, frameRate));
  return {
    ...noFrames,
    prepare(open) {
      const { quantizer, coarsest } = spending.next();
      bound(open, quantizer, coarsest);
    },
    add: (packet) => spending.add(8 * packet.size, toldQuantizer(packet) ?? spending.next().quantizer),
  };
}

const noFrames = { mark: () => {}, free: () => {} };

function bucketOf(
  encoder: EncoderPlan,
  frameRate: VideoRendition['frameRate'],
): Parameters<typeof spendingQuantizers>[3] {
  const { rateBps, bufferBits } = heldTo(encoder);
  if (bufferBits === 0) return null;
  return {
    inflowBits: rateBps / rationalToNumber(frameRate),
    sizeBits: bufferBits,
    initialBits: Number(encoder.options['rc_init_occupancy'] ?? bufferBits),
  };
}

/** Where others write into the stream too, the encoder has less. */
function heldTo({ pacing, maxBitrateBps, bufferSizeBits }: EncoderPlan): EncoderPacing {
  return pacing ?? { rateBps: maxBitrateBps, bufferBits: bufferSizeBits };
}

function averageOf({ askedBps, bitrateBps }: EncoderPlan): number {
  return askedBps ?? bitrateBps;
}

/** Between these the encoder chooses, and codes a picture again that does not fit its buffer. */
function bound(open: CodecContext, finest: number, coarsest: number): void {
  const [lmin, lmax] = [finest, coarsest].map((quantizer) => `${Math.round(quantizer * lambdaPerQuantizer)}`);
  setLibraryOptions(open, { lmin: lmin ?? '', lmax: lmax ?? '' });
}

const pictureStart = Buffer.from([0, 0, 1, 0]);
/** `picture_coding_type` (H.262 table 6-12). */
const kinds: Readonly<Record<number, CodedKind>> = { 1: 'intra', 2: 'predicted', 3: 'bidirectional' };

function codedKind({ data }: Packet): CodedKind {
  const at = data?.indexOf(pictureStart) ?? -1;
  return kinds[((data?.[at + 5] ?? 0) >> 3) & 7] ?? 'predicted';
}
