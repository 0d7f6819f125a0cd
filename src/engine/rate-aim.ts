/**
 * What the last pass asks of an encoder, from what the passes before it made of the same pictures: libvpx keeps to no
 * average by itself, and a bounded quality has its bound.
 */
import type { EncoderPlan, JobPlan, VideoRendition } from '../plan/plan.ts';

/** A pass that only looked: the rate it asked for, and the average that came out. */
export interface Look {
  readonly askedBps: number;
  readonly madeBps: number;
}

/** Looks at each rendition, in order. */
export type Looks = ReadonlyMap<string, readonly Look[]>;

/** A rendition as the next pass encodes it. */
export function withAim(rendition: VideoRendition, looks: Looks): VideoRendition {
  const { encoder } = rendition;
  const taken = looks.get(rendition.id) ?? [];
  const last = taken.at(-1);
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

/** Looks with those of a pass that has ended; `madeBps` are its averages. */
export function addLooks(plan: JobPlan, looks: Looks, madeBps: ReadonlyMap<string, number>): Looks {
  const added = new Map(looks);
  for (const rendition of plan.videoRenditions) {
    const made = madeBps.get(rendition.id);
    if (made === undefined) continue;
    const askedBps = withAim(rendition, looks).encoder.bitrateBps;
    added.set(rendition.id, [...(looks.get(rendition.id) ?? []), { askedBps, madeBps: made }]);
  }
  return added;
}

/** True when an encoder takes another look: its first was so far off that the usual response may miss the average. */
export function wantsAnotherLook({ id, encoder }: VideoRendition, looks: Looks): boolean {
  const taken = looks.get(id) ?? [];
  const [first] = taken;
  if (encoder.averageAim?.looks !== 2 || first === undefined || taken.length > 1) return false;
  return Math.abs(Math.log(first.madeBps / encoder.bitrateBps)) > nearEnough;
}

/** Responses differ by a third from clip to clip: a look that missed by this leaves the next one within a fortieth. */
const nearEnough = 0.08;
/** Pictures can be too easy, or too hard, for any rate. */
const largestCorrection = 4;
/** What two looks may tell of a response; nearer ones tell nothing. */
const responses = { least: 0.4, most: 1.3, leastDistance: 0.02 };

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
