/**
 * What the last pass asks of an encoder, from what the passes before it made of the same pictures: libvpx keeps to no
 * average by itself, and to a buffer at a constant rate alone; a bounded quality has its bound.
 */
import { rationalToNumber } from '../exact-time.ts';
import type { EncoderPlan, JobPlan, VideoRendition } from '../plan/plan.ts';
import type { BoundedEncode } from '../plan/rate-plan.ts';
import { initialFill, lowestFill } from './rate-bounds.ts';

/** A pass that only looked: the rate it asked for, and the average that came out. */
export interface Look {
  readonly askedBps: number;
  readonly madeBps: number;
  /**
   * `broken`: at the average asked for, its pictures would exceed the buffer; `near`: others might. `constant`: it was
   * coded within the buffer.
   */
  readonly buffer?: 'kept' | 'near' | 'broken' | 'constant';
}

/** What a pass made of a rendition: its average, and its pictures where they were counted. */
export interface Made {
  readonly averageBps: number;
  readonly pictureBytes: readonly number[] | undefined;
}

/** Looks at each rendition, in order. */
export type Looks = ReadonlyMap<string, readonly Look[]>;

/** A rendition as the next pass encodes it. */
export function withAim(rendition: VideoRendition, looks: Looks): VideoRendition {
  const { encoder } = rendition;
  const taken = looks.get(rendition.id) ?? [];
  const last = taken.at(-1);
  if (
    encoder.bounded !== undefined &&
    last !== undefined &&
    (last.buffer === 'broken' || last.buffer === 'constant')
  )
    return {
      ...rendition,
      encoder: atConstantRate(rendition, encoder.bounded, constantRate(encoder, last), initialFill),
    };
  if (encoder.averageAim !== undefined)
    return {
      ...rendition,
      encoder: { ...encoder, bitrateBps: aimedRate(encoder, encoder.averageAim, taken) },
    };
  if (encoder.averageLimitBps === undefined || last === undefined) return rendition;
  // Bounded quality: the first pass was coded at constant quality; the second spends what that took, up to the bound
  // (spec video.md 5, QVBR with `maxAverageBitrate`).
  const { crf: _constantQuality, ...options } = encoder.options;
  const bitrateBps = Math.min(encoder.averageLimitBps, last.madeBps);
  return { ...rendition, encoder: { ...encoder, options, bitrateBps } };
}

/** Looks with those of a pass that has ended. */
export function addLooks(plan: JobPlan, looks: Looks, pass: ReadonlyMap<string, Made>): Looks {
  const added = new Map(looks);
  for (const rendition of plan.videoRenditions) {
    const made = pass.get(rendition.id);
    if (made === undefined) continue;
    const taken = looks.get(rendition.id) ?? [];
    const look = {
      askedBps: withAim(rendition, looks).encoder.bitrateBps,
      madeBps: made.averageBps,
      ...bufferOf(rendition, taken.at(-1), made),
    };
    added.set(rendition.id, [...taken, look]);
  }
  return added;
}

function bufferOf(
  rendition: VideoRendition,
  last: Look | undefined,
  { averageBps, pictureBytes }: Made,
): Pick<Look, 'buffer'> {
  if (pictureBytes === undefined) return {};
  if (last?.buffer === 'broken') return { buffer: 'constant' };
  const scale = rendition.encoder.bitrateBps / averageBps;
  const lowest = lowestFill(rendition, pictureBytes, scale);
  if (lowest < broken) return { buffer: 'broken' };
  const isNear = lowest < uncertain || Math.abs(Math.log(scale)) > tellsNothing;
  return { buffer: isNear ? 'near' : 'kept' };
}

/** Renditions whose pictures a pass that only looks has to count. */
export function countedRenditions({ videoRenditions }: JobPlan): readonly string[] {
  return videoRenditions.filter(({ encoder }) => looksAtBuffer(encoder)).map(({ id }) => id);
}

/** Most passes that only look, the first of two included. */
export function mostLooks({ videoRenditions }: JobPlan): number {
  return Math.max(
    1,
    ...videoRenditions.map(({ encoder }) =>
      looksAtBuffer(encoder) ? mostBoundedLooks : (encoder.averageAim?.looks ?? 1),
    ),
  );
}

/** What is steered looks at it while it runs. */
function looksAtBuffer({ bounded, passes }: EncoderPlan): boolean {
  return bounded !== undefined && passes === 2;
}

/** Two at a variable rate and one at a constant one. */
const mostBoundedLooks = 3;

/**
 * True when an encoder takes another look: a constant rate takes the place of the one looked at, or the first was so far
 * off that the usual response may miss the average.
 */
export function wantsAnotherLook({ id, encoder }: VideoRendition, looks: Looks): boolean {
  const taken = looks.get(id) ?? [];
  const [first] = taken;
  if (taken.at(-1)?.buffer === 'broken') return true;
  if (first === undefined || taken.length > 1) return false;
  if (encoder.averageAim?.looks !== 2 && first.buffer !== 'near') return false;
  return Math.abs(Math.log(first.madeBps / encoder.bitrateBps)) > nearEnough;
}

/** Lowest fills of a look: the next pass makes other pictures, the more so the further the look was from the average. */
const broken = 0.1;
const uncertain = 0.5;
/** A look that came to twice the average, or half of it, tells nothing of a buffer (logarithm). */
const tellsNothing = 0.69;

/** Responses differ by a third from clip to clip: a look that missed by this leaves the next one within a fortieth. */
const nearEnough = 0.08;
/** Pictures can be too easy, or too hard, for any rate. */
const largestCorrection = 4;
/** What two looks may tell of a response; nearer ones tell nothing. */
const responses = { least: 0.4, most: 1.3, leastDistance: 0.02 };

/** A key frame takes this share of a buffer at most; less than a picture is none. */
const keyFrameShare = 0.5;
const leastKeyFramePercent = 100;

/** What a constant rate is asked for: the average, or what by the last look brings it. */
function constantRate({ bitrateBps }: EncoderPlan, last: Look): number {
  return last.buffer === 'constant' ? Math.round((last.askedBps * bitrateBps) / last.madeBps) : bitrateBps;
}

/**
 * An encoder at that rate, within its bound: a buffer that fills at a lower rate than the peak, and holds less, is within
 * the one that was asked for. `fill`: the share of the buffer that is there when it begins.
 */
export function atConstantRate(
  { encoder, frameRate }: VideoRendition,
  { pacing, options }: BoundedEncode,
  wantedBps: number,
  fill: number,
): EncoderPlan {
  const rateBps = Math.min(pacing.rateBps, wantedBps);
  const heldPictures = pacing.bufferBits / (rateBps / rationalToNumber(frameRate));
  const keyFramePercent = Math.min(
    Number(options['max-intra-rate'] ?? Number.POSITIVE_INFINITY),
    Math.max(leastKeyFramePercent, Math.floor(100 * keyFrameShare * heldPictures)),
  );
  return {
    ...encoder,
    bitrateBps: rateBps,
    maxBitrateBps: rateBps,
    bufferSizeBits: pacing.bufferBits,
    options: {
      ...encoder.options,
      ...options,
      minrate: `${rateBps}`,
      'max-intra-rate': `${keyFramePercent}`,
      rc_init_occupancy: `${Math.round(pacing.bufferBits * fill)}`,
    },
  };
}

function aimedRate(
  { bitrateBps }: EncoderPlan,
  aim: NonNullable<EncoderPlan['averageAim']>,
  looks: readonly Look[],
): number {
  const last = looks.at(-1);
  if (last === undefined) return bitrateBps;
  const response = responseOf(looks) ?? aim.response;
  const wanted = last.askedBps * (bitrateBps / last.madeBps) ** (1 / response);
  return Math.round(
    Math.min(bitrateBps * largestCorrection, Math.max(bitrateBps / largestCorrection, wanted)),
  );
}

/**
 * The power of the rate asked for by which the averages of two looks follow it; null when they cannot tell. Nearer to the
 * average they follow more closely (a pan: 0.60 between its looks, 0.98 behind them): halfway to 1.
 */
function responseOf([first, second]: readonly Look[]): number | null {
  if (first === undefined || second === undefined) return null;
  const distance = Math.log(second.askedBps / first.askedBps);
  if (Math.abs(distance) < responses.leastDistance) return null;
  const response = Math.log(second.madeBps / first.madeBps) / distance;
  return (1 + Math.min(responses.most, Math.max(responses.least, response))) / 2;
}
