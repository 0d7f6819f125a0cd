/**
 * Quality of QVBR encodes (spec events.md 5, video.md 5): the quantizers the encoder used, on the scale of the levels.
 * Frame types are coded at fixed distances from each other; figures are of whole seconds, so that they do not show that.
 */

import { AV_PKT_DATA_QUALITY_STATS } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { QualityScale } from '../plan/picture-plan.ts';
import type { QualityFigures } from './protocol.ts';

/** Collects the packets of one rendition. */
export interface QualityWatch {
  look(packet: Packet): void;
  /**
   * Tick and score of each picture, in display order. An encoder of several threads says nothing of the last pictures
   * it had under way: each has the score of the picture shown before it.
   */
  pictures(): readonly (readonly [number, number])[];
  /** null when the encoder told nothing. */
  figures(): QualityFigures | null;
}

/** The library scales quantizers by this (libavutil, FF_QP2LAMBDA). */
export const lambdaPerQuantizer = 118;
const bestLevel = 10;
const worstLevel = 1;
const windowSeconds = 1;

/** What an encoder tells of a packet's quantizer; null: nothing. */
export function toldQuantizer(packet: Packet): number | null {
  const stats = packet.getSideData(AV_PKT_DATA_QUALITY_STATS);
  return stats === null || stats.length < 4 ? null : stats.readInt32LE(0) / lambdaPerQuantizer;
}

/** Starts with nothing seen; packets carry ticks of 1/frameRate. */
export function watchQuality(scale: QualityScale, frameRate: Rational): QualityWatch {
  const scores = new Map<number, number>();
  const untold: number[] = [];
  return {
    look(packet) {
      const quantizer = toldQuantizer(packet);
      if (quantizer === null) return;
      if (quantizer < 0) untold.push(Number(packet.pts));
      else scores.set(Number(packet.pts), (scale.atZero - quantizer) / scale.perLevel);
    },
    pictures() {
      const told = inOrder(scores);
      const filled = new Map(scores);
      for (const tick of untold) {
        const before = told.findLast(([one]) => one < tick) ?? told[0];
        if (before !== undefined) filled.set(tick, before[1]);
      }
      return inOrder(filled).map(([tick, score]) => [tick, clampLevel(score)] as const);
    },
    figures() {
      const windows = windowsOf(inOrder(scores), frameRate);
      const first = windows[0];
      if (first === undefined) return null;
      const lowest = windows.reduce((low, one) => (one.score < low.score ? one : low), first);
      const highest = windows.reduce((high, one) => (one.score > high.score ? one : high), first);
      const total = windows.reduce((sum, { score, count }) => sum + score * count, 0);
      const count = windows.reduce((sum, one) => sum + one.count, 0);
      return {
        average: total / count,
        lowest: lowest.score,
        highest: highest.score,
        lowestAtMs: lowest.atMs,
        highestAtMs: highest.atMs,
      };
    },
  };
}

interface QualityWindow {
  readonly atMs: number;
  readonly score: number;
  readonly count: number;
}

function windowsOf(scores: readonly (readonly [number, number])[], frameRate: Rational): QualityWindow[] {
  const length = Math.max(1, Math.round(windowSeconds * rationalToNumber(frameRate)));
  const windows: QualityWindow[] = [];
  for (let start = 0; start < scores.length; start += length) {
    const part = scores.slice(start, start + length);
    const mean = part.reduce((sum, [, score]) => sum + score, 0) / part.length;
    const atMs = Math.round(((part[0]?.[0] ?? 0) * 1000) / rationalToNumber(frameRate));
    windows.push({ atMs, score: clampLevel(mean), count: part.length });
  }
  return windows;
}

function inOrder(scores: ReadonlyMap<number, number>): (readonly [number, number])[] {
  return [...scores].sort(([a], [b]) => a - b);
}

function clampLevel(score: number): number {
  return Math.min(bestLevel, Math.max(worstLevel, score));
}
