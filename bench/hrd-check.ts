/**
 * Runs a stream through the hypothetical decoder that it describes itself (Rec. ITU-T H.264 and H.265 annex C): when
 * the bits of each picture arrive, when they are taken out, and whether its first delays tell the truth of that.
 */
import type { HrdParameters, HrdPicture, HrdStream } from './hrd-syntax.ts';

/** What the stream's own schedule comes to. */
export interface HrdReport {
  /** Pictures that have not arrived when they are due (C.3, C.4.1 of H.264). */
  readonly late: number;
  /** Pictures before whose removal the buffer held more than it can. */
  readonly full: number;
  /**
   * Seconds by which a period's first delay claims more than the arrivals leave, the worst of all; at a constant rate
   * what it claims less counts too (H.264 equations C-15 to C-18).
   */
  readonly delayError: number;
}

/** Bits are sent in whole bytes and delays counted in 1/90000 s: so much of the buffer is rounding. */
const slackShare = 1 / 1000;

/** Follows the stream from its first picture. */
export function checkHrd({ parameters, pictures }: HrdStream): HrdReport {
  const { rateBps, sizeBits } = parameters;
  const slack = sizeBits * slackShare;
  const times = schedule(parameters, pictures);
  let [late, full, delayError] = [0, 0, 0];
  for (const [index, { removal, arrived, claim }] of times.entries()) {
    if (arrived > removal + slack / rateBps) late += 1;
    const held = times
      .slice(index)
      .reduce((sum, one) => sum + Math.max(0, Math.min(one.bits, (removal - one.begins) * rateBps)), 0);
    if (held > sizeBits + slack) full += 1;
    if (claim !== null) delayError = Math.max(delayError, parameters.isConstant ? Math.abs(claim) : claim);
  }
  return { late, full, delayError };
}

interface Times {
  readonly bits: number;
  /** Arrival of the first and the last bit, seconds. */
  readonly begins: number;
  readonly arrived: number;
  readonly removal: number;
  /** Seconds that the first delay of a period is above what is left between arrivals and removal. */
  readonly claim: number | null;
}

function schedule(
  { rateBps, isConstant, tick }: HrdParameters,
  pictures: readonly HrdPicture[],
): readonly Times[] {
  const times: Times[] = [];
  let periodStart = 0;
  let period = { delay: 0, offset: 0 };
  let arrived = 0;
  for (const { bits, period: opened, removalDelay } of pictures) {
    const removal = times.length === 0 ? (opened?.delay ?? 0) / clock : periodStart + removalDelay * tick;
    const claim = opened === null || times.length === 0 ? null : opened.delay / clock - (removal - arrived);
    if (opened !== null) [period, periodStart] = [opened, removal];
    const waits = opened === null ? period.delay + period.offset : period.delay;
    const begins = isConstant ? arrived : Math.max(arrived, removal - waits / clock);
    arrived = begins + bits / rateBps;
    times.push({ bits, begins, arrived, removal, claim });
  }
  return times;
}

const clock = 90_000;
