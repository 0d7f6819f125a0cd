/** H.264 settings → libx264 (spec video.md 4, 5). */

import type { H264CodecProfile, H264Settings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { type Gop, readGop, type SegmentRule } from './gop.ts';
import { fieldLimits, keepWithinLevel, levelOfPeak, readH264Level, tellFieldRate } from './h264-level.ts';
import { joinParameters, masteringDisplayText } from './parameters.ts';
import { type PictureCoding, readPictureCoding } from './picture-coding.ts';
import type { HdrMetadata, QualityScale } from './picture-plan.ts';
import type { EncoderPlan } from './plan.ts';
import { qvbrScale, treeQuantizerOffset } from './quality.table.ts';
import { quantizerMatrices, readSoftness } from './quantizer-matrix.ts';
import { fillText, type RateControl, readRateControl, tellShortBuffer, toldBuffer } from './rate-control.ts';
import type { SettingsReader } from './settings-reader.ts';
import {
  type EncodedFrame,
  fieldOptions,
  fieldOrderParameters,
  pulldownMarks,
} from './video-codec-settings.ts';
import { type EncodedVideo, encodedVideo, isFragmented, type VideoPlace } from './video-encode.ts';
import { type X264Effort, x264Effort } from './x264-effort.ts';

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
  const limits = readH264Level(settings, profile, frame, findings);
  const ofFields = limits === null ? fieldLimits(profile, frame) : null;
  const bounds = { named: limits, chosen: limits ?? ofFields };
  const rate = readRateControl(
    settings,
    frame,
    { codec: 'H.264', clipSeconds: place.clipSeconds },
    bounds,
    findings,
  );
  if (rate !== null && ofFields !== null) tellFieldRate(settings, rate, ofFields, findings);
  tellShortBuffer(settings, 'H.264', rate, findings);
  const gop = readGop(settings, frame, segment, findings);
  const coding = readPictureCoding(
    settings,
    frame,
    { qualityTuningLevel: 'SINGLE_PASS_HQ', blockPx: 16, areKindsIndependent: false },
    findings,
  );
  const isCabac = settings.read('entropyEncoding') !== 'CAVLC';
  const softness = readSoftness(settings, profiles[profile].name, findings);
  const weighted = readWeightedPrediction(settings);
  const frameMetrics = readFrameMetrics(settings, rate?.qualityLevel !== null, findings);
  const codecTag = readPackaging(settings, place);
  readFieldEncoding(settings, frame, findings);
  declareRest(settings);
  const isBaseline = profile === 'BASELINE';
  const effective = keepWithinLevel(
    settings,
    isBaseline ? { ...coding, bFrames: 0 } : coding,
    frame,
    findings,
  );
  if (rate === null) return null;
  const level = limits?.name ?? (rate.mode === 'QVBR' ? levelOfPeak(profile, frame, effective, rate) : null);
  const standsForTwo = coding.qualityTuningLevel === 'MULTI_PASS_HQ' && rate.mode === 'CBR';
  const effort = x264Effort(effective.qualityTuningLevel, effective.placesBFrames, standsForTwo);
  const parameters = {
    ...rateParameters(rate, passesOf(coding, rate)),
    ...gopParameters(gop, effective),
    ...pictureParameters(effective, effort, isBaseline ? false : isCabac),
    ...fieldOrderParameters(frame.scan),
    ...(level === null ? {} : { level }),
    ...quantizerMatrices(softness),
    ...(place.timecode === null && frame.pulldown === undefined ? {} : { 'pic-struct': '1' }),
    ...(place.hdr === null ? {} : hdrParameters(place.hdr)),
    ...(isBaseline ? {} : weightParameters(weighted, frame)),
    ...(place.chromaLocation === null ? {} : { chromaloc: place.chromaLocation === 'center' ? '1' : '2' }),
  };
  const choice = profiles[profile];
  return encodedVideo({
    pixelFormat: choice.pixelFormat,
    gop,
    nominalBitrateBps: rate.mode === 'QVBR' ? rate.peakBps : rate.bitrateBps,
    codingFramesHeld: effort.lookaheadFrames + effective.bFrames + (effective.references ?? 4),
    cleaning: coding.cleaning,
    frameMetrics,
    ...streamMarks(rate, frame),
    qualityScale: rate.qualityLevel === null ? null : reportedScale(qvbrScale.libx264, coding),
    repeatsPictureParameters: settings.read('repeatPps') === 'ENABLED',
    hasUnregisteredTimecode: coding.hasUnregisteredTimecode,
    encoder: {
      ...encoderPlan(
        choice,
        rate,
        gop,
        effective,
        { preset: effort.preset, parameters },
        fieldOptions(frame.scan),
      ),
      codecTag,
      ...(rate.averageLimitBps === null ? {} : { averageLimitBps: rate.averageLimitBps }),
    },
  });
}

/** What is written behind the encoder: pictures that repeat fields, and the buffer of a constant rate. */
function streamMarks(rate: RateControl, frame: EncodedFrame): Pick<EncodedVideo, 'marks'> {
  if (rate.mode !== 'CBR') return pulldownMarks(frame);
  const { peakBps, pacing, initialFill } = rate;
  const decoderBuffer = toldBuffer({ ...pacing, rateBps: peakBps, initialFill, isConstant: true });
  return { marks: { ...pulldownMarks(frame).marks, decoderBuffer } };
}

function hdrParameters(hdr: HdrMetadata): Readonly<Record<string, string>> {
  return {
    'mastering-display': masteringDisplayText(hdr),
    cll: `${hdr.maxContentLight},${hdr.maxFrameAverageLight}`,
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

function rateParameters(rate: RateControl, passes: 1 | 2): Readonly<Record<string, string>> {
  return {
    // The stream tells of a buffer that never pauses, and is filled, when all of it is written.
    ...(rate.mode === 'CBR' ? { 'nal-hrd': 'vbr', 'force-cfr': '1' } : {}),
    ...(rate.mode === 'VBR' && passes === 1 ? { ratetol: rate.averageTolerance.toFixed(2) } : {}),
    'vbv-init': fillText(rate.initialFill),
  };
}

function pictureParameters(
  coding: PictureCoding,
  effort: X264Effort,
  isCabac: boolean,
): Readonly<Record<string, string>> {
  const { quantization } = coding;
  return {
    cabac: isCabac ? '1' : '0',
    'b-pyramid': coding.usesBReferences ? 'normal' : 'none',
    ...effort.parameters,
    ...(coding.references === null ? {} : { ref: `${coding.references}` }),
    ...(coding.slices === null ? {} : { slices: `${coding.slices}` }),
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
  { preset, parameters }: Pick<X264Effort, 'preset' | 'parameters'>,
  fields: Readonly<Record<string, string>>,
): EncoderPlan {
  const { atZero, perLevel } = qvbrScale.libx264;
  const factor = rate.qualityLevel === null ? null : (atZero - perLevel * rate.qualityLevel).toFixed(2);
  return {
    codec: 'H_264',
    encoder: 'libx264',
    options: {
      preset,
      profile: profile.name,
      ...(factor === null ? {} : { crf: factor }),
      a53cc: '0',
      'x264-params': joinParameters(parameters),
      ...fields,
    },
    bitrateBps: rate.bitrateBps,
    ...(rate.mode === 'CBR' ? { askedBps: rate.pacing.rateBps } : {}),
    maxBitrateBps: rate.peakBps,
    bufferSizeBits: rate.bufferBits,
    pacing: rate.pacing,
    gopSizeFrames: gop.frames,
    maxBFrames: coding.bFrames,
    threads: 1,
    codecTag: null,
    passes: passesOf(coding, rate),
    color: null,
    endOfStreamMarkers: coding.endOfStreamMarkers,
  };
}

/** The scale of the quantizers that an encoder reports. */
export function reportedScale(
  { atZero, perLevel }: QualityScale,
  { quantization }: PictureCoding,
): QualityScale {
  return { atZero: atZero + (quantization.isTemporal ? treeQuantizerOffset : 0), perLevel };
}

/**
 * The second pass spends a bit budget. QVBR without a bound of its average has none, its quality is constant in one pass, and
 * a constant rate has its buffer, which one pass that looks ahead spends as well or better (`bench/README.md`).
 */
export function passesOf(coding: PictureCoding, rate: RateControl): 1 | 2 {
  const hasBudget = rate.mode === 'VBR' || rate.averageLimitBps !== null;
  return coding.qualityTuningLevel === 'MULTI_PASS_HQ' && hasBudget ? 2 : 1;
}

function readWeightedPrediction(settings: SettingsReader<H264Settings>): boolean | null {
  const weighted = settings.read('explicitWeightedPrediction');
  return weighted === undefined ? null : weighted === 'ENABLED';
}

/** Weights of P pictures do not go with fields. */
function weightParameters(weighted: boolean | null, frame: EncodedFrame): Readonly<Record<string, string>> {
  const hasFields = frame.scan !== 'progressive';
  return {
    ...(hasFields ? { weightp: '0' } : weighted === null ? {} : { weightp: weighted ? '2' : '0' }),
    ...(weighted === null ? {} : { weightb: weighted ? '1' : '0' }),
  };
}

/** The encoder codes fields inside of frames (MBAFF): what may be so is done so with a notice (specification README). */
function readFieldEncoding(
  settings: SettingsReader<H264Settings>,
  frame: EncodedFrame,
  findings: FindingLog,
): void {
  if (frame.scan === 'progressive') {
    settings.withoutEffect('fieldEncoding', 'the output is progressive: it has no fields', ['PAFF', 'MBAFF']);
    return;
  }
  const wanted = settings.read('fieldEncoding') ?? 'PAFF';
  if (wanted === 'FORCE_FIELD') {
    findings.notSupported(settings.at('fieldEncoding'), wanted, 'the encoder codes fields as MBAFF only');
  } else if (wanted === 'PAFF') {
    findings.notice('substituted', settings.at('fieldEncoding'), 'fields are coded as MBAFF');
  } else {
    settings.withoutEffect('fieldEncoding', 'fields are coded as MBAFF', ['MBAFF']);
  }
}

/** AVC3 keeps the parameter sets in the samples; the default keeps them in the sample entry alone. */
function readPackaging(settings: SettingsReader<H264Settings>, place: VideoPlace): string | null {
  if (place.container === 'MP4') return settings.read('writeMp4PackagingType') === 'AVC3' ? 'avc3' : null;
  if (!isFragmented(place.container)) {
    settings.withoutEffect('writeMp4PackagingType', 'the output is not an MP4 file', ['AVC1']);
  }
  return null;
}

function declareRest(settings: SettingsReader<H264Settings>): void {
  settings.leftOut('hrdBufferFinalFillPercentage', 'the encoder cannot aim at a final fill', [0]);
  settings.leftOut('saliencyAwareEncoding', 'a hint: the encoder has no saliency model', ['DISABLED']);
  settings.accept('syntax', ['DEFAULT'], 'RP 2027 streams are not written');
}
