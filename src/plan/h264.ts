/** H.264 settings → libx264 (spec video.md 4, 5). */

import type { H264CodecProfile, H264Settings } from '../contract/types.generated.ts';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import { type Gop, readGop, type SegmentRule } from './gop.ts';
import { h264LevelLimits, type LevelLimits, macroblocks } from './levels.table.ts';
import { type PictureCoding, readPictureCoding } from './picture-coding.ts';
import type { EncoderPlan } from './plan.ts';
import { qvbrScale, x264Presets } from './quality.table.ts';
import { type RateControl, readRateControl } from './rate-control.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';
import { type EncodedVideo, isFragmented, type VideoPlace } from './video-encode.ts';

interface ProfileChoice {
  readonly name: string;
  readonly pixelFormat: string;
}

const profiles: Readonly<Record<H264CodecProfile, ProfileChoice>> = {
  BASELINE: { name: 'baseline', pixelFormat: 'yuv420p' },
  MAIN: { name: 'main', pixelFormat: 'yuv420p' },
  HIGH: { name: 'high', pixelFormat: 'yuv420p' },
  HIGH_10BIT: { name: 'high10', pixelFormat: 'yuv420p10le' },
  HIGH_422: { name: 'high422', pixelFormat: 'yuv422p' },
  HIGH_422_10BIT: { name: 'high422', pixelFormat: 'yuv422p10le' },
};

/** Largest frame, either way round (spec video.md 1). */
export const h264LargestFrame = { longPx: 4096, shortPx: 2160 };

/** Plans an H.264 encode; null, with findings, when the rate control is incomplete. */
export function planH264(
  settings: SettingsReader<H264Settings>,
  frame: EncodedFrame,
  place: VideoPlace,
  segment: SegmentRule | null,
  findings: FindingLog,
): EncodedVideo | null {
  const profile = settings.read('codecProfile') ?? 'MAIN';
  const limits = readLevel(settings, profile, frame, findings);
  const rate = readRateControl(settings, frame, limits, findings);
  const gop = readGop(settings, frame, segment, findings);
  const coding = readPictureCoding(
    settings,
    frame,
    { qualityTuningLevel: 'SINGLE_PASS_HQ', blockPx: 16 },
    findings,
  );
  const isCabac = settings.read('entropyEncoding') !== 'CAVLC';
  const quantizerMatrix = readSoftness(settings, findings);
  const weighted = readWeightedPrediction(settings);
  refuseRest(settings, place);
  if (rate === null) return null;

  const isBaseline = profile === 'BASELINE';
  const effective = isBaseline ? { ...coding, bFrames: 0 } : coding;
  const parameters = {
    ...rateParameters(rate),
    ...gopParameters(gop, effective),
    ...pictureParameters(effective, isBaseline ? false : isCabac),
    ...(limits === null ? {} : { level: limits.name }),
    ...(quantizerMatrix === null ? {} : { cqm: quantizerMatrix }),
    ...(weighted === null || isBaseline
      ? {}
      : { weightp: weighted ? '2' : '0', weightb: weighted ? '1' : '0' }),
    ...(place.chromaLocation === null ? {} : { chromaloc: place.chromaLocation === 'center' ? '1' : '2' }),
  };
  const choice = profiles[profile];
  return {
    pixelFormat: choice.pixelFormat,
    gop,
    nominalBitrateBps: rate.mode === 'QVBR' ? rate.peakBps : rate.bitrateBps,
    codingFramesHeld: lookaheadFrames(effective) + effective.bFrames + (effective.references ?? 4),
    encoder: encoderPlan(choice, rate, gop, effective, parameters),
  };
}

/** `Scene cuts` move key frames only where `minIInterval` allows it (spec video.md 4). */
function gopParameters(gop: Gop, coding: PictureCoding): Readonly<Record<string, string>> {
  const isStrict = gop.minKeyInterval === 0;
  const minimum = isStrict ? gop.frames : gop.minKeyInterval;
  return {
    'open-gop': gop.isOpen ? '1' : '0',
    scenecut: isStrict || !coding.detectsSceneChanges ? '0' : '40',
    ...(minimum === null ? {} : { 'min-keyint': `${minimum}` }),
  };
}

function rateParameters(rate: RateControl): Readonly<Record<string, string>> {
  return {
    ...(rate.mode === 'CBR' ? { 'nal-hrd': 'cbr', 'force-cfr': '1' } : {}),
    'vbv-init': rate.initialFill.toFixed(2),
  };
}

function pictureParameters(coding: PictureCoding, isCabac: boolean): Readonly<Record<string, string>> {
  const { quantization } = coding;
  const preset = x264Presets[coding.qualityTuningLevel];
  return {
    cabac: isCabac ? '1' : '0',
    'b-pyramid': coding.usesBReferences ? 'normal' : 'none',
    'b-adapt': coding.placesBFrames ? (preset.searchesBFrames ? '2' : '1') : '0',
    ...(coding.references === null ? {} : { ref: `${coding.references}` }),
    ...(coding.slices === null ? {} : { slices: `${coding.slices}` }),
    ...(preset.lookaheadFrames === null ? {} : { 'rc-lookahead': `${preset.lookaheadFrames}` }),
    'aq-mode': `${quantization.mode}`,
    'aq-strength': quantization.strength.toFixed(1),
    mbtree: quantization.isTemporal ? '1' : '0',
    ...(quantization.reducesFlicker ? { ipratio: '1.2', qcomp: '0.7' } : {}),
  };
}

function encoderPlan(
  profile: ProfileChoice,
  rate: RateControl,
  gop: Gop,
  coding: PictureCoding,
  parameters: Readonly<Record<string, string>>,
): EncoderPlan {
  const { atZero, perLevel } = qvbrScale.libx264;
  const factor = rate.qualityLevel === null ? null : (atZero - perLevel * rate.qualityLevel).toFixed(2);
  return {
    codec: 'H_264',
    encoder: 'libx264',
    options: {
      preset: x264Presets[coding.qualityTuningLevel].preset,
      profile: profile.name,
      ...(factor === null ? {} : { crf: factor }),
      ...(gop.forcedKeyFrameSeconds === null ? {} : { 'forced-idr': '1' }),
      a53cc: '0',
      'x264-params': joinParameters(parameters),
    },
    bitrateBps: rate.bitrateBps,
    maxBitrateBps: rate.peakBps,
    bufferSizeBits: rate.bufferBits,
    gopSizeFrames: gop.frames,
    maxBFrames: coding.bFrames,
    threads: 1,
    codecTag: null,
    // The second pass spends a bit budget; QVBR has none, its quality is constant in one pass.
    passes: coding.qualityTuningLevel === 'MULTI_PASS_HQ' && rate.mode !== 'QVBR' ? 2 : 1,
    color: null,
    endOfStreamMarkers: coding.endOfStreamMarkers,
  };
}

/** `key=value:key=value`, as both encoder libraries take their own options. */
export function joinParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${value}`)
    .join(':');
}

/** Frames the encoder holds before it decides (x264 presets: veryfast 10, slow 50). */
function lookaheadFrames(coding: PictureCoding): number {
  const preset = x264Presets[coding.qualityTuningLevel];
  return preset.lookaheadFrames ?? (preset.preset === 'slow' ? 50 : 10);
}

/** Checks an explicit level against size and rate (rule V-13); null with AUTO. */
function readLevel(
  settings: SettingsReader<H264Settings>,
  profile: H264CodecProfile,
  frame: EncodedFrame,
  findings: FindingLog,
): LevelLimits | null {
  const level = settings.read('codecLevel') ?? 'AUTO';
  if (level === 'AUTO') return null;
  const limits = h264LevelLimits(level, profile);
  const blocks = macroblocks(frame.widthPx, frame.heightPx);
  const rate: Rational = frame.frameRate;
  if (blocks > limits.pictureUnits || Math.max(frame.widthPx, frame.heightPx) > limits.longestSidePx) {
    findings.jobError(1040, 'level-resolution', { video: frame.ordinal }, settings.at('codecLevel'), {
      mediaFact: `${frame.widthPx} x ${frame.heightPx} is ${blocks} macroblocks`,
      expected: `at most ${limits.pictureUnits} macroblocks at level ${limits.name}`,
    });
  } else if (blocks * rationalToNumber(rate) > limits.unitsPerSecond) {
    findings.jobError(1040, 'level-framerate', { video: frame.ordinal }, settings.at('codecLevel'), {
      expected: `at most ${limits.unitsPerSecond} macroblocks a second at level ${limits.name}`,
    });
  }
  return limits;
}

/** 0 is flat, 1 and 16 are the standard's own matrices; planar interpolation is not built (spec video.md 4). */
function readSoftness(settings: SettingsReader<H264Settings>, findings: FindingLog): 'jvt' | null {
  const softness = settings.read('softness') ?? 0;
  if (softness === 0) return null;
  if (softness === 1 || softness === 16) return 'jvt';
  findings.notSupported(
    settings.at('softness'),
    softness,
    'quantization matrices are flat (0) or the standard ones (1, 16)',
  );
  return null;
}

function readWeightedPrediction(settings: SettingsReader<H264Settings>): boolean | null {
  const weighted = settings.read('explicitWeightedPrediction');
  return weighted === undefined ? null : weighted === 'ENABLED';
}

function refuseRest(settings: SettingsReader<H264Settings>, place: VideoPlace): void {
  settings.postponed('fieldEncoding', 'the output is progressive: it has no fields', ['PAFF']);
  settings.withoutEffect(
    'hrdBufferFinalFillPercentage',
    'the encoder cannot aim at a final fill: best effort',
    [0],
  );
  settings.withoutEffect('saliencyAwareEncoding', 'a hint: the encoder has no saliency model', ['DISABLED']);
  settings.accept('syntax', ['DEFAULT'], 'RP 2027 streams are not written');
  settings.accept('repeatPps', ['DISABLED'], 'picture parameter sets come with key frames only');
  if (place.container === 'MP4') {
    settings.accept('writeMp4PackagingType', ['AVC1'], 'parameter sets are written into the sample entry');
  } else if (!isFragmented(place.container)) {
    settings.withoutEffect('writeMp4PackagingType', 'the output is not an MP4 file', ['AVC1']);
  }
}
