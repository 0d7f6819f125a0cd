/** Buckets that encoders are held to, so that their streams keep the rates that the job asks for (spec video.md 5). */

import {
  assumedClipSeconds,
  constantRateTolerance,
  filledRate,
  shortestConstantBufferSeconds,
  shortWindow,
  steadyOverAverage,
  steadyShare,
  toleranceBySquareRootSecond,
  toleratedClip,
  x265AveragePace,
  x265BufferShare,
} from './rate-pacing.table.ts';
import type { EncoderPacing } from './rate-plan.ts';

/** Codecs whose rate control reads one block of settings. */
export type RatedCodec = keyof typeof filledRate.overMinute;

/**
 * A peak over every window of `seconds`: the buffer takes what the peak leaves above the steady rate, which stays above
 * the average that is asked for (0: none is). An average near the peak leaves it nothing.
 */
export function paceWindow(peakBps: number, seconds: number, averageBps = 0): EncoderPacing {
  const steadyBps = Math.max(peakBps * steadyShareOf(seconds), averageBps * steadyOverAverage);
  const rateBps = Math.floor(Math.min(steadyBps, peakBps));
  return { rateBps, bufferBits: Math.floor((peakBps - rateBps) * seconds) };
}

function steadyShareOf(windowSeconds: number): number {
  const { seconds: shortest, steadyShare: least, longSeconds } = shortWindow;
  const length = Math.min(1, Math.max(0, (windowSeconds - shortest) / (longSeconds - shortest)));
  return least + (steadyShare - least) * length;
}

/**
 * A constant rate of an encoder that fills up by itself, over a clip of that length (null: unknown). What a buffer lends at
 * the start and has not got back at the end is on top of the rate: one larger than the tolerance of the whole clip is not
 * used in full.
 */
export function paceConstant(
  rateBps: number,
  bufferBits: number,
  clipSeconds: number | null,
  passes: 1 | 2 = 1,
): EncoderPacing {
  const tolerated = constantRateTolerance * (clipSeconds ?? assumedClipSeconds);
  const seconds = Math.max(shortestConstantBufferSeconds[passes], tolerated);
  return { rateBps, bufferBits: Math.min(bufferBits, Math.floor(rateBps * seconds)) };
}

/** A constant rate that is filled up behind its encoder. */
export interface FilledRate {
  readonly codec: RatedCodec;
  readonly rateBps: number;
  readonly bufferBits: number;
  /** 0–1, as the job asks. */
  readonly initialFill: number;
  /** null: unknown. */
  readonly clipSeconds: number | null;
}

/**
 * It has more of the buffer that decoders have, and is asked for less than the rate by what it usually owes at the end. Brief
 * clips owe more than a hundredth whatever is done and have all of the buffer; of long ones it is less than that.
 */
export function paceFilled(filled: FilledRate): EncoderPacing {
  const { codec, rateBps, initialFill, clipSeconds } = filled;
  const { bufferSeconds, minuteSeconds, leastFill, usualFill, paidIn, overMinute } = filledRate;
  const length = clipSeconds ?? assumedClipSeconds;
  const minute = initialFill < leastFill ? paidIn : overMinute[codec];
  const brevity = shareOfWay(length, minuteSeconds, filledRate.briefSeconds);
  const lentSeconds = minute.bufferSeconds + brevity * (bufferSeconds - minute.bufferSeconds);
  const bufferBits = Math.min(toldBufferBits(filled), Math.floor(rateBps * longest(lentSeconds, length)));
  const lent = Math.min(1, bufferBits / (rateBps * minute.bufferSeconds)) * (initialFill / usualFill);
  const owing = Math.min(1 - brevity, shareOfWay(length, filledRate.longSeconds, minuteSeconds));
  const owedShare = (minute.owedSeconds * lent * owing) / Math.max(1, length);
  return { rateBps: Math.floor(rateBps * (1 - owedShare)), bufferBits };
}

/** What its stream tells of the buffer: one far larger than what is used would be paid into before anything is filled up. */
export function toldBufferBits({
  rateBps,
  bufferBits,
  clipSeconds,
}: Pick<FilledRate, 'rateBps' | 'bufferBits' | 'clipSeconds'>): number {
  const seconds = longest(filledRate.bufferSeconds, clipSeconds ?? assumedClipSeconds);
  return Math.min(bufferBits, Math.floor(rateBps * seconds));
}

/** Never less than the tolerance of the whole clip. */
function longest(seconds: number, clipSeconds: number): number {
  return Math.max(seconds, constantRateTolerance * clipSeconds);
}

/** 0–1. */
export function shareOfWay(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Both at once. */
export function narrower(one: EncoderPacing, other: EncoderPacing): EncoderPacing {
  return {
    rateBps: Math.min(one.rateBps, other.rateBps),
    bufferBits: Math.min(one.bufferBits, other.bufferBits),
  };
}

/** How far the average of one pass may wander on its way through a clip of that length: x264's `ratetol`. */
export function averageTolerance(clipSeconds: number | null): number {
  const length = clipSeconds ?? assumedClipSeconds;
  const { seconds, tolerance, most } = toleratedClip;
  const wanted =
    length < seconds
      ? (tolerance * seconds) / Math.max(1, length)
      : Math.max(tolerance, toleranceBySquareRootSecond * Math.sqrt(length));
  return Math.min(most, wanted);
}

/** A bucket that keeps the average of one x265 pass over a clip of that length. */
export function paceAverage(rateBps: number, clipSeconds: number | null): EncoderPacing {
  const { excess, bufferSeconds, clipSeconds: shortest } = x265AveragePace;
  const times = Math.max(1, (clipSeconds ?? assumedClipSeconds) / shortest);
  return {
    rateBps: Math.floor(rateBps * (1 + excess * (times - 1))),
    bufferBits: Math.floor(rateBps * bufferSeconds * times),
  };
}

/** A bucket that x265 keeps where it is held to it. */
export function x265Pacing({ rateBps, bufferBits }: EncoderPacing): EncoderPacing {
  return { rateBps, bufferBits: Math.floor(bufferBits * x265BufferShare) };
}
