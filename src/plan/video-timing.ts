/**
 * Time and fields of the output (spec video.md 3): frame rate, slow PAL, telecine, interlacing. Says which rate the
 * pictures are converted to, and which filters make fields of them at the end.
 */
import type {
  H264InterlaceMode,
  H264ScanTypeConversionMode,
  H264SlowPal,
  H264Telecine,
} from '../contract/types.generated.ts';
import { equalRational, type Rational, rational } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import {
  type FrameRateChoice,
  type FrameRateSettings,
  followableFrameRate,
  readFrameRate,
} from './frame-rate.ts';
import type { PictureScan, StreamData } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoSource } from './video-source.ts';

/** The members that shape time and fields; blocks without some of them read them as absent. */
export interface TimingSettings extends FrameRateSettings {
  readonly slowPal?: H264SlowPal | undefined;
  readonly telecine?: H264Telecine | undefined;
  readonly interlaceMode?: H264InterlaceMode | 'INTERLACED' | undefined;
  readonly scanTypeConversionMode?: H264ScanTypeConversionMode | undefined;
}

/** Time and fields of one output. */
export interface VideoTiming {
  /** Rate of the coded pictures. */
  readonly frameRate: Rational;
  /** What the branch converts to, before telecine and interlacing. */
  readonly choice: FrameRateChoice;
  readonly scan: PictureScan;
  /** Soft telecine: pictures of 23.976 are coded, and marked so that decoders make fields of 29.97 of them. */
  readonly pulldown?: StreamData['pulldown'];
  /** Interlaced sources come apart into their fields first, because the fields of the output lie at other instants. */
  readonly separatesFields: boolean;
  /** Makes fields of finished pictures. */
  readonly finalSteps: readonly FilterStep[];
  /** Speed of the output against the source (slow PAL); null: the same. Sound follows it. */
  readonly speed: Rational | null;
  /** Scaling has to keep the lines of the two fields apart. */
  readonly keepsFields: boolean;
}

const filmRate = rational(24000, 1001);
const palRate = rational(25);
const standInRate = rational(25);
const telecinedRate = rational(30000, 1001);

/** Reads the block. Without a rate, which is told, the rest is read for its own mistakes. */
export function readTiming(
  settings: SettingsReader<TimingSettings>,
  source: VideoSource,
  isDeinterlaced: boolean,
  findings: FindingLog,
): VideoTiming {
  const rate = readFrameRate(settings, source.followedRate, source, findings);
  const scan = readScan(settings, source);
  const telecine = settings.read('telecine') ?? 'NONE';
  const isOptimized = settings.read('scanTypeConversionMode') === 'INTERLACED_OPTIMIZE';
  const isSlow = settings.read('slowPal') === 'ENABLED';
  const choice = rate ?? relabelled(standInRate);
  const base: VideoTiming = {
    frameRate: choice.frameRate,
    choice,
    scan,
    separatesFields: false,
    finalSteps: [],
    speed: null,
    keepsFields: false,
  };
  // What follows judges rates.
  if (rate === null) return base;
  if (isSlow) return slowPal(settings, source, base, findings);
  if (telecine !== 'NONE') return telecined(settings, base, telecine, findings);
  if (scan === 'progressive') return base;
  return interlaced(base, source, { isDeinterlaced, isOptimized }, settings, findings);
}

/** FOLLOW keeps the order of an interlaced source and names the one for progressive sources. */
function readScan(settings: SettingsReader<TimingSettings>, source: VideoSource): PictureScan {
  const mode = settings.read('interlaceMode') ?? 'PROGRESSIVE';
  const { scan } = source.track;
  switch (mode) {
    case 'PROGRESSIVE':
      return 'progressive';
    case 'TOP_FIELD':
      return 'top-field-first';
    case 'BOTTOM_FIELD':
      return 'bottom-field-first';
    case 'FOLLOW_TOP_FIELD':
    case 'INTERLACED':
      return scan === 'progressive' ? 'top-field-first' : scan;
    case 'FOLLOW_BOTTOM_FIELD':
      return scan === 'progressive' ? 'bottom-field-first' : scan;
  }
}

/** 23.976 and 24 play as 25, frame by frame (rule V-16); any other of joined inputs is converted as asked. */
function slowPal(
  settings: SettingsReader<TimingSettings>,
  source: VideoSource,
  base: VideoTiming,
  findings: FindingLog,
): VideoTiming {
  if (!equalRational(base.frameRate, palRate)) {
    findings.incompatible(settings.at('slowPal'), 'slow PAL makes 25 frames a second: specify 25/1');
    return base;
  }
  const from = followableFrameRate(source.track) ?? source.followedRate;
  if (from === null || !(equalRational(from, filmRate) || equalRational(from, rational(24)))) {
    findings.notice('no-effect', settings.at('slowPal'), 'the input is not 23.976 or 24 frames a second');
    return base;
  }
  if (base.scan !== 'progressive') {
    const finalSteps = [fieldStep(base.scan)];
    return { ...base, choice: relabelled(palRate), speed: rational(25 * from.den, from.num), finalSteps };
  }
  return { ...base, choice: relabelled(palRate), speed: rational(25 * from.den, from.num) };
}

function relabelled(frameRate: Rational): FrameRateChoice {
  return { frameRate, conversion: 'relabel' };
}

/** 2:3 pulldown of 23.976 into 29.97: fields are coded, or with SOFT told of in the stream (rule V-17). */
function telecined(
  settings: SettingsReader<TimingSettings>,
  base: VideoTiming,
  telecine: 'HARD' | 'SOFT',
  findings: FindingLog,
): VideoTiming {
  if (!equalRational(base.frameRate, telecinedRate)) {
    findings.incompatible(
      settings.at('telecine'),
      'telecine makes 29.97 frames a second: specify 30000/1001',
    );
    return base;
  }
  if (base.scan === 'progressive') {
    findings.incompatible(
      settings.at('telecine'),
      'telecine makes fields: interlaceMode must not be PROGRESSIVE',
    );
    return base;
  }
  const choice: FrameRateChoice = { frameRate: filmRate, conversion: base.choice.conversion };
  if (telecine === 'SOFT')
    return { ...base, frameRate: filmRate, choice, scan: 'progressive', pulldown: base.scan };
  const first_field = base.scan === 'top-field-first' ? 'top' : 'bottom';
  return {
    ...base,
    choice,
    finalSteps: [{ name: 'telecine', options: { first_field, pattern: '23' } }, fieldStep(base.scan)],
  };
}

interface InterlacingRequest {
  readonly isDeinterlaced: boolean;
  readonly isOptimized: boolean;
}

/**
 * Fields of an interlaced source stay what they are when nothing moves them in time; else pictures are made at the
 * rate of the fields and each gives one (spec video.md 3, `scanTypeConversionMode`).
 */
function interlaced(
  base: VideoTiming,
  source: VideoSource,
  { isDeinterlaced, isOptimized }: InterlacingRequest,
  settings: SettingsReader<TimingSettings>,
  findings: FindingLog,
): VideoTiming {
  const followed = source.followedRate;
  const hasFields = source.track.scan !== 'progressive' && !isDeinterlaced;
  const isSameRate = followed !== null && equalRational(followed, base.frameRate);
  if (hasFields && isSameRate) {
    const reorder: readonly FilterStep[] =
      source.track.scan === base.scan
        ? []
        : [{ name: 'fieldorder', options: { order: orderName(base.scan) } }];
    return { ...base, keepsFields: true, finalSteps: [...reorder, fieldStep(base.scan)] };
  }
  const fieldRate = rational(base.frameRate.num * 2, base.frameRate.den);
  const isHalf = followed !== null && equalRational(followed, fieldRate);
  if (hasFields || (isOptimized && isHalf)) {
    const weave: FilterStep = {
      name: 'interlace',
      options: { scan: orderName(base.scan), lowpass: 'complex' },
    };
    return {
      ...base,
      choice: { ...base.choice, frameRate: fieldRate },
      separatesFields: hasFields,
      finalSteps: [weave, fieldStep(base.scan)],
    };
  }
  if (isOptimized) {
    findings.notice(
      'no-effect',
      settings.at('scanTypeConversionMode'),
      'INTERLACED_OPTIMIZE acts when the output rate is half of the input rate',
    );
  }
  return { ...base, finalSteps: [fieldStep(base.scan)] };
}

function orderName(scan: PictureScan): string {
  return scan === 'bottom-field-first' ? 'bff' : 'tff';
}

/** Says that the pictures hold two fields. */
function fieldStep(scan: PictureScan): FilterStep {
  return { name: 'setfield', options: { mode: orderName(scan) } };
}
