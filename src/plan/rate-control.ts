/** Rate control and buffer of H.264 and H.265 (spec video.md 4, 5): CBR, VBR, QVBR. */
import type { FindingLog } from './finding-log.ts';
import type { LevelLimits } from './levels.table.ts';
import type { DecoderBuffer } from './picture-plan.ts';
import { automaticQvbrLevel } from './quality.table.ts';
import { averageBufferSeconds } from './rate-pacing.table.ts';
import { averageTolerance, narrower, paceFilled, paceWindow, type RatedCodec } from './rate-pacing.ts';
import type { EncoderPacing } from './rate-plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame, SharedVideoSettings } from './video-codec-settings.ts';

/** Bits over time: average, peak, buffer. */
export interface RateControl {
  readonly mode: 'CBR' | 'VBR' | 'QVBR';
  /** Average in bit/s; 0 with QVBR. */
  readonly bitrateBps: number;
  readonly peakBps: number;
  readonly bufferBits: number;
  /** What the encoder is held to for both to be kept. */
  readonly pacing: EncoderPacing;
  /** x264's `ratetol`: how far the average may wander in one pass. */
  readonly averageTolerance: number;
  /** 1–10 with thirds, QVBR only. */
  readonly qualityLevel: number | null;
  /** Upper bound of the average, QVBR in two passes only. */
  readonly averageLimitBps: number | null;
  /** 0–1. */
  readonly initialFill: number;
  /** 0–1; null leaves the end of the buffer free. */
  readonly finalFill: number | null;
}

/** Automatic buffers hold this many seconds of the peak rate (spec video.md 4, recommended). */
export const automaticBufferSeconds = 2;

/** What decoders take: of the level that the job names, and of that one or the highest where rates are chosen. */
export interface RateBounds {
  readonly named: LevelLimits | null;
  readonly chosen: LevelLimits | null;
}

/** What a rate is spent on. */
export interface RatePlace {
  readonly codec: RatedCodec;
  /** null: unknown. */
  readonly clipSeconds: number | null;
}

/** Reads the rate control of a codec block; null, with findings, when it is incomplete. */
export function readRateControl(
  settings: SettingsReader<SharedVideoSettings>,
  frame: EncodedFrame,
  { codec, clipSeconds }: RatePlace,
  bounds: RateBounds,
  findings: FindingLog,
): RateControl | null {
  const mode = settings.read('rateControlMode') ?? 'VBR';
  const isQvbr = mode === 'QVBR';
  const bitrate = isQvbr ? settings.read('bitrate') : settings.require('bitrate');
  const maxBitrate = isQvbr ? settings.require('maxBitrate') : settings.read('maxBitrate');
  const asked = {
    averageBps: mode === 'VBR' ? (bitrate ?? 0) : 0,
    maxBitrateBps: maxBitrate ?? bitrate ?? 0,
  };
  const window = limitedWindow(settings, asked, frame, findings);
  const averageLimitBps = isQvbr ? readAverageLimit(settings, maxBitrate ?? 0, findings) : null;
  const qualityLevel = readQualityLevel(settings, isQvbr, frame);
  if (bitrate === null || maxBitrate === null) return null;

  const mostBps = bounds.chosen?.bitrateBps ?? Number.POSITIVE_INFINITY;
  const automaticPeak = Math.min(2 * (bitrate ?? 0), mostBps);
  const widePeakBps = mode === 'CBR' ? (bitrate ?? 0) : (maxBitrate ?? Math.max(automaticPeak, bitrate ?? 0));
  const isWindowed = window.bufferBits !== null && mode !== 'CBR';
  const peakBps = isWindowed ? Math.min(widePeakBps, window.peakBps) : widePeakBps;
  const wideBufferBits = readBuffer(settings, peakBps, frame, bounds, findings);
  const bufferBits = isWindowed ? Math.min(wideBufferBits, window.bufferBits ?? 0) : wideBufferBits;
  const finalFill = settings.read('hrdBufferFinalFillPercentage');
  const initialFill = askedFill(settings);
  const filled = { codec, rateBps: peakBps, bufferBits, initialFill, clipSeconds };
  const pacing = mode === 'CBR' ? paceFilled(filled) : paceOf(mode, filled, widePeakBps);
  // The decoder of a constant rate is filled at the rate itself.
  const filling = mode === 'CBR' ? { ...pacing, rateBps: peakBps } : pacing;

  return {
    mode,
    bitrateBps: isQvbr ? 0 : (bitrate ?? 0),
    peakBps,
    bufferBits,
    pacing,
    averageTolerance: averageTolerance(clipSeconds),
    qualityLevel,
    averageLimitBps,
    initialFill: readInitialFill(settings, filling, frame),
    finalFill: finalFill === undefined || finalFill === 0 ? null : finalFill / 100,
  };
}

/** Decoding begins when a picture's time of the rate has come at least, as the encoders have it too (1: the buffer is full). */
export function readInitialFill(
  settings: SettingsReader<Pick<SharedVideoSettings, 'hrdBufferInitialFillPercentage'>>,
  { rateBps, bufferBits }: EncoderPacing,
  { frameRate }: Pick<EncodedFrame, 'frameRate'>,
): number {
  const asked = askedFill(settings);
  const pictureBits = (rateBps * frameRate.den) / frameRate.num;
  return bufferBits === 0 ? asked : Math.min(1, Math.max(asked, pictureBits / bufferBits));
}

function askedFill(
  settings: SettingsReader<Pick<SharedVideoSettings, 'hrdBufferInitialFillPercentage'>>,
): number {
  return (settings.read('hrdBufferInitialFillPercentage') ?? 90) / 100;
}

/**
 * A bounded quality keeps its peak over as long as the buffer lasts at it: a bucket alone would let a window take up
 * to twice the peak. A variable rate has its average for that.
 */
function paceOf(
  mode: 'VBR' | 'QVBR',
  { rateBps, bufferBits }: EncoderPacing,
  widePeakBps: number,
): EncoderPacing {
  const asked = { rateBps, bufferBits };
  return mode === 'VBR' ? asked : narrower(asked, paceWindow(widePeakBps, bufferBits / widePeakBps));
}

const defaultWindowMs = 1000;

/** Settings of the sliding window, which several codecs share. */
interface WindowSettings {
  readonly slidingWindowPeakBitrate?: number | undefined;
  readonly slidingWindowMs?: number | undefined;
}

/** The buffer takes a part of the window, and must hold a picture. */
const leastWindowFrames = 4;

/**
 * A peak over every window of time: bits in a window are at most rate × window + buffer, so the buffer takes what
 * the peak leaves above the rate. A peak below `maxBitrate` counts as that (spec video.md 4).
 */
export function limitedWindow(
  settings: SettingsReader<WindowSettings>,
  { averageBps, maxBitrateBps }: { readonly averageBps: number; readonly maxBitrateBps: number },
  { frameRate }: Pick<EncodedFrame, 'frameRate'>,
  findings: FindingLog,
): { readonly peakBps: number; readonly bufferBits: number | null } {
  const peak = settings.read('slidingWindowPeakBitrate');
  if (peak === undefined) {
    settings.withoutEffect('slidingWindowMs', 'it acts with slidingWindowPeakBitrate only', [
      defaultWindowMs,
    ]);
    return { peakBps: maxBitrateBps, bufferBits: null };
  }
  const seconds = (settings.read('slidingWindowMs') ?? defaultWindowMs) / 1000;
  const shortest = (leastWindowFrames * frameRate.den) / frameRate.num;
  if (seconds < shortest) {
    findings.incompatible(
      settings.at('slidingWindowMs'),
      `a window holds at least ${leastWindowFrames} frames (${Math.ceil(shortest * 1000)} ms)`,
    );
  }
  const allowed = Math.max(peak, maxBitrateBps);
  const { rateBps } = paceWindow(allowed, seconds, averageBps);
  const peakBps = Math.min(maxBitrateBps, rateBps);
  const bufferBits = Math.floor((allowed - peakBps) * seconds);
  const pictureBits = (averageBps * frameRate.den) / frameRate.num;
  if (seconds >= shortest && bufferBits < pictureBits) {
    findings.incompatible(
      settings.at('slidingWindowPeakBitrate'),
      `an average of ${averageBps} bit/s leaves ${bufferBits} bits of the window to a buffer, which must hold a frame (${Math.ceil(pictureBits)} bits): raise the peak or the window`,
    );
  }
  return { peakBps, bufferBits };
}

function readAverageLimit(
  settings: SettingsReader<SharedVideoSettings>,
  maxBitrateBps: number,
  findings: FindingLog,
): number | null {
  const qvbr = settings.child('qvbrSettings');
  const limit = qvbr.read('maxAverageBitrate');
  if (limit === undefined) return null;
  if (limit > maxBitrateBps) {
    findings.incompatible(qvbr.at('maxAverageBitrate'), 'an average above maxBitrate is no limit');
  }
  return limit;
}

/** Fine tuning comes in thirds (spec video.md 4): 0.25 is 0.33. */
function readQualityLevel(
  settings: SettingsReader<SharedVideoSettings>,
  isQvbr: boolean,
  frame: EncodedFrame,
): number | null {
  const qvbr = settings.child('qvbrSettings');
  if (!isQvbr) {
    settings.withoutEffect('qvbrSettings', 'the rate control mode is not QVBR');
    return null;
  }
  const level = qvbr.read('qvbrQualityLevel');
  const fineTune = qvbr.read('qvbrQualityLevelFineTune');
  if (level === undefined) return automaticQvbrLevel(Math.min(frame.widthPx, frame.heightPx));
  return Math.min(10, level + Math.round((fineTune ?? 0) * 3) / 3);
}

/** 0 means automatic, like an absent size. */
function readBuffer(
  settings: SettingsReader<SharedVideoSettings>,
  peakBps: number,
  frame: EncodedFrame,
  { named: limits, chosen }: RateBounds,
  findings: FindingLog,
): number {
  const given = settings.read('hrdBufferSize') ?? 0;
  if (given === 0)
    return Math.min(automaticBufferSeconds * peakBps, chosen?.bufferBits ?? Number.POSITIVE_INFINITY);
  if (limits !== null && given > limits.bufferBits) {
    findings.jobError(1040, 'level-buffer', { video: frame.ordinal }, settings.at('hrdBufferSize'), {
      expected: `at most ${limits.bufferBits} bits at level ${limits.name}`,
    });
  }
  checkBuffer(settings.at('hrdBufferSize'), given, peakBps, frame, findings);
  return given;
}

/** Tells of a variable rate whose average a small buffer keeps from the encoder, at the setting that makes it small. */
export function tellShortBuffer(
  settings: SettingsReader<SharedVideoSettings>,
  codec: keyof typeof averageBufferSeconds,
  rate: RateControl | null,
  findings: FindingLog,
): void {
  if (rate?.mode !== 'VBR' || rate.bitrateBps === 0) return;
  const least = averageBufferSeconds[codec];
  const seconds = rate.bufferBits / rate.bitrateBps;
  if (seconds >= least) return;
  const given = settings.read('hrdBufferSize') ?? 0;
  const isGiven = given > 0 && given <= rate.bufferBits;
  const [key, cause, remedy] = isGiven
    ? ([
        'hrdBufferSize',
        'it lasts',
        `Raise hrdBufferSize to ${Math.ceil(Math.round(least * rate.bitrateBps) / 1000) * 1000}.`,
      ] as const)
    : ([
        'slidingWindowPeakBitrate',
        'it leaves a buffer of',
        'Raise slidingWindowPeakBitrate or slidingWindowMs, or lower bitrate.',
      ] as const);
  findings.notice(
    'rate-short',
    settings.at(key),
    `${cause} ${seconds.toFixed(2)} s of the average rate: below ${least} s the encoder of ${codec} may stay far under the average where pictures move`,
    { remedy },
  );
}

/** A buffer takes a frame at the rate at least. */
export function checkBuffer(
  pointer: string,
  bufferBits: number,
  rateBps: number,
  { frameRate }: EncodedFrame,
  findings: FindingLog,
): void {
  const frameBits = Math.ceil((rateBps * frameRate.den) / frameRate.num);
  if (bufferBits < frameBits)
    findings.incompatible(pointer, `the buffer holds less than one frame (${frameBits} bits)`);
}

/** A buffer in the units that streams count rates and sizes in (H.264 E.2.2, H.265 E.3.3, scales of 0). */
export function toldBuffer({ rateBps, bufferBits, ...buffer }: DecoderBuffer): DecoderBuffer {
  return {
    rateBps: wholeUnits(rateBps, rateUnitBps),
    bufferBits: wholeUnits(bufferBits, sizeUnitBits),
    ...buffer,
  };
}

const rateUnitBps = 64;
const sizeUnitBits = 16;

/** A share of a buffer as encoders read it, never more than it is. */
export function fillText(share: number): string {
  return `${Math.floor(share * 10_000) / 10_000}`;
}

function wholeUnits(value: number, unit: number): number {
  return Math.max(unit, Math.floor(value / unit) * unit);
}
