/** H.265 settings → libx265 (spec video.md 5, 6). */

import type { H265CodecProfile, H265Settings } from '../contract/types.generated.ts';
import { rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { type Gop, readGop, type SegmentRule } from './gop.ts';
import { passesOf, reportedScale } from './h264.ts';
import { readBlocks, refuseNarrow } from './h265-blocks.ts';
import { type X265Rate, x265Rate } from './h265-rate.ts';
import { h265LevelLimits, type LevelLimits } from './levels.table.ts';
import { joinParameters, masteringDisplayText } from './parameters.ts';
import { bFramePlacement, type PictureCoding, readPictureCoding } from './picture-coding.ts';
import type { StreamData } from './picture-plan.ts';
import type { EncoderPlan } from './plan.ts';
import { qvbrScale, x265Presets } from './quality.table.ts';
import { type RateControl, readRateControl, tellShortBuffer } from './rate-control.ts';
import type { UncountedBytes } from './rate-room.ts';
import type { SettingsReader } from './settings-reader.ts';
import {
  type EncodedFrame,
  fieldOptions,
  pulldownMarks,
  type SharedVideoSettings,
} from './video-codec-settings.ts';
import { type EncodedVideo, encodedVideo, isFragmented, type VideoPlace } from './video-encode.ts';
import { keyFrameMessageBytes, sliceStartBytes, x265UncountedBytes } from './written-bytes.table.ts';

interface ProfileChoice {
  readonly name: NonNullable<StreamData['profile']>;
  readonly pixelFormat: string;
}

function profileChoice(profile: H265CodecProfile): ProfileChoice {
  if (profile.startsWith('MAIN10')) return { name: 'main10', pixelFormat: 'yuv420p10le' };
  if (profile.startsWith('MAIN_422_10BIT')) return { name: 'main422-10', pixelFormat: 'yuv422p10le' };
  // 8-bit 4:2:2 has no profile of its own: it is coded under the 10-bit constraints (spec video.md 6).
  if (profile.startsWith('MAIN_422_8BIT')) return { name: 'main422-10', pixelFormat: 'yuv422p' };
  return { name: 'main', pixelFormat: 'yuv420p' };
}

/** Largest frame, either way round (spec video.md 1). */
export const h265LargestFrame = { longPx: 8192, shortPx: 4320 };

/** Plans an H.265 encode; null, with findings, when the rate control is incomplete. */
export function planH265(
  settings: SettingsReader<H265Settings>,
  frame: EncodedFrame,
  place: VideoPlace,
  segment: SegmentRule | null,
  findings: FindingLog,
): EncodedVideo | null {
  // Both codecs name these members alike and give them the same values; only their generated type names differ.
  const shared = settings as unknown as SettingsReader<SharedVideoSettings>;
  const profile = settings.read('codecProfile') ?? 'MAIN_MAIN';
  const limits = readLevel(settings, profile, frame, findings);
  const rate = readRateControl(
    shared,
    frame,
    { codec: 'H.265', clipSeconds: place.clipSeconds },
    { named: limits, chosen: limits },
    findings,
  );
  const gop = readGop(shared, frame, segment, findings);
  const defaults = { qualityTuningLevel: 'SINGLE_PASS', blockPx: 64, areKindsIndependent: true } as const;
  const asked = readPictureCoding(shared, frame, defaults, findings);
  const coding = { ...asked, ...levelWithinBuffer(settings, rate, findings) };
  // Two passes come to the average of what is ahead.
  if (rate !== null && passesOf(coding, rate) === 1) tellShortBuffer(shared, 'H.265', rate, findings);
  const blocks = readBlocks(settings, coding, frame, findings);
  refuseNarrow(settings, profile, frame, findings);
  const layers = settings.read('temporalIds') === 'ENABLED' ? temporalLayers(coding) : null;
  const codecTag = readPackaging(settings, place);
  const transferSei = readTransferSei(settings, place, findings);
  const frameMetrics = readFrameMetrics(settings, rate?.qualityLevel !== null, findings);
  noteFields(settings, frame, findings);
  refuseTiles(settings);
  if (rate === null) return null;

  // A bound of the average takes its second pass at any effort.
  const passes = passesOf(rate.mode === 'QVBR' ? asked : coding, rate);
  const encoderRate = x265Rate(rate, {
    passes,
    lookaheadFrames: x265Presets[coding.qualityTuningLevel].lookaheadFrames,
    bFrames: coding.bFrames,
    frameRate: rational(frame.frameRate.num, frame.frameRate.den),
    clipSeconds: place.clipSeconds,
    hasPulldown: frame.pulldown !== undefined,
  });
  // The encoder counts rates and buffers in thousands of bits, and a constant rate needs one of each.
  const isNone = rate.bitrateBps < leastConstantBps || encoderRate.pacing.bufferBits < 1000;
  if (rate.mode === 'CBR' && isNone) {
    findings.incompatible(
      settings.at('bitrate'),
      `the encoder of H.265 counts in thousands of bits, and of a constant rate of ${rate.bitrateBps} bit/s none is left`,
    );
  }
  const parameters = {
    'log-level': 'error',
    ...encoderRate.parameters,
    ...gopParameters(gop, coding),
    ...pictureParameters(coding),
    ...blocks,
    ...fieldParameters(frame),
    'high-tier': profile.endsWith('_HIGH') ? '1' : '0',
    ...(limits === null ? {} : { 'level-idc': limits.name }),
    ...(layers === null ? {} : { 'temporal-layers': layers }),
    ...(codecTag === 'hvc1' ? {} : { 'repeat-headers': '1' }),
    ...(transferSei === null ? {} : { 'atc-sei': transferSei }),
    ...(place.hdr === null
      ? {}
      : {
          'master-display': masteringDisplayText(place.hdr),
          'max-cll': `${place.hdr.maxContentLight},${place.hdr.maxFrameAverageLight}`,
          'hdr10-opt': '1',
        }),
    ...(place.chromaLocation === null ? {} : { chromaloc: place.chromaLocation === 'center' ? '1' : '2' }),
  };
  const choice = profileChoice(profile);
  return encodedVideo({
    pixelFormat: choice.pixelFormat,
    gop,
    nominalBitrateBps: rate.mode === 'QVBR' ? rate.peakBps : rate.bitrateBps,
    codingFramesHeld: encoderRate.lookaheadFrames + coding.bFrames + (coding.references ?? 4),
    cleaning: coding.cleaning,
    ...streamMarks(encoderRate, frame, profile, gop),
    frameMetrics,
    qualityScale: rate.qualityLevel === null ? null : reportedScale(qvbrScale.libx265, coding),
    hasUnregisteredTimecode: coding.hasUnregisteredTimecode,
    uncounted: uncountedBytes(coding, place, transferSei === '18'),
    encoder: {
      ...encoderPlan(choice, rate, gop, coding, parameters, codecTag, frame),
      passes,
      pacing: encoderRate.pacing,
      ...(rate.mode === 'CBR' ? { askedBps: encoderRate.pacing.rateBps } : {}),
      ...(rate.averageLimitBps === null ? {} : { averageLimitBps: rate.averageLimitBps }),
    },
  });
}

/** Of a thousand bits a half may be taken for what is written beside the pictures. */
const leastConstantBps = 2000;

/** What x265 leaves out of its account: it counts slices, without start codes and messages. */
function uncountedBytes(
  { slices }: PictureCoding,
  { hdr }: VideoPlace,
  hasTransferSei: boolean,
): UncountedBytes {
  return {
    picture: x265UncountedBytes + sliceStartBytes * ((slices ?? 1) - 1),
    keyFrame:
      (hdr === null ? 0 : keyFrameMessageBytes.hdr) + (hasTransferSei ? keyFrameMessageBytes.transfer : 0),
  };
}

/**
 * What is written behind the encoder: that pictures hold two fields or repeat some, the decoder's buffer, the tier,
 * which the encoder tells by the rate alone, and the profile where groups hold one picture, which it tells as intra.
 */
function streamMarks(
  { decoderBuffer }: X265Rate,
  frame: EncodedFrame,
  profile: H265CodecProfile,
  gop: Gop,
): Pick<EncodedVideo, 'marks'> {
  const ofFields = frame.scan === 'progressive' ? pulldownMarks(frame).marks : { marksFields: true as const };
  const isHighTier = profile.endsWith('_HIGH');
  const named = gop.frames === 1 ? { profile: profileChoice(profile).name } : {};
  return { marks: { ...ofFields, ...named, ...(isHighTier ? { isHighTier } : {}), decoderBuffer } };
}

function gopParameters(gop: Gop, coding: PictureCoding): Readonly<Record<string, string>> {
  const isStrict = gop.minKeyInterval === 0;
  const minimum = isStrict ? gop.frames : gop.minKeyInterval;
  return {
    'open-gop': gop.isOpen ? '1' : '0',
    scenecut: isStrict || !coding.detectsSceneChanges ? '0' : '40',
    ...(minimum === null ? {} : { 'min-keyint': `${minimum}` }),
  };
}

function pictureParameters(coding: PictureCoding): Readonly<Record<string, string>> {
  const { quantization } = coding;
  const preset = x265Presets[coding.qualityTuningLevel];
  return {
    'b-pyramid': coding.usesBReferences ? '1' : '0',
    'b-adapt': bFramePlacement(preset, coding.placesBFrames),
    ...(coding.references === null ? {} : { ref: `${coding.references}` }),
    ...(coding.slices === null ? {} : { slices: `${coding.slices}` }),
    'aq-mode': `${quantization.mode}`,
    'aq-strength': quantization.strength.toFixed(1),
    cutree: quantization.isTemporal ? '1' : '0',
    ...(quantization.reducesFlicker ? { ipratio: '1.2', qcomp: '0.7' } : {}),
  };
}

function encoderPlan(
  profile: ProfileChoice,
  rate: RateControl,
  gop: Gop,
  coding: PictureCoding,
  parameters: Readonly<Record<string, string>>,
  codecTag: string | null,
  { scan }: EncodedFrame,
): Omit<EncoderPlan, 'passes'> {
  const { atZero, perLevel } = qvbrScale.libx265;
  const factor = rate.qualityLevel === null ? null : (atZero - perLevel * rate.qualityLevel).toFixed(2);
  return {
    codec: 'H_265',
    encoder: 'libx265',
    options: {
      preset: x265Presets[coding.qualityTuningLevel].preset,
      profile: profile.name,
      ...(factor === null ? {} : { crf: factor }),
      a53cc: '0',
      ...(scan === 'progressive' ? {} : { field_order: fieldOptions(scan)['field_order'] ?? 'tt' }),
      'x265-params': joinParameters(parameters),
    },
    bitrateBps: rate.bitrateBps,
    maxBitrateBps: rate.peakBps,
    bufferSizeBits: rate.bufferBits,
    gopSizeFrames: gop.frames,
    maxBFrames: coding.bFrames,
    threads: 1,
    codecTag,
    color: null,
    endOfStreamMarkers: coding.endOfStreamMarkers,
  };
}

/**
 * Where a quality is bounded, the slower presets of the encoder run over a small buffer: cuts took 134 % of the peak over
 * 0.2 s, 98 % over 0.3 s; with the fastest 95 and 72 %, at the same SSIM. Two passes at a variable rate do the same: in
 * windows of 300 ms with a peak of 1.75 times the average cuts took 178 % of it, a pan 131 %; one pass 70 and 61 %.
 */
const leastBoundedSeconds = 0.3;

/** The tuning level that keeps the buffer, where that is not the one which the job asks for. */
function levelWithinBuffer(
  settings: SettingsReader<H265Settings>,
  rate: RateControl | null,
  findings: FindingLog,
): Partial<Pick<PictureCoding, 'qualityTuningLevel'>> {
  const level = settings.read('qualityTuningLevel') ?? 'SINGLE_PASS';
  if (rate === null || rate.bufferBits >= leastBoundedSeconds * rate.peakBps) return {};
  const kept = keptEffort(rate.mode, level);
  if (kept === level) return {};
  findings.notice(
    'substituted',
    settings.at('qualityTuningLevel'),
    `a buffer of less than ${leastBoundedSeconds} s is kept by the effort of ${kept} ${kept === 'SINGLE_PASS' ? 'alone' : 'at most'}, which is taken`,
  );
  return { qualityTuningLevel: kept };
}

/** The most effort that keeps a small buffer. */
function keptEffort(
  mode: RateControl['mode'],
  level: PictureCoding['qualityTuningLevel'],
): PictureCoding['qualityTuningLevel'] {
  if (mode === 'QVBR') return 'SINGLE_PASS';
  return mode === 'VBR' && level === 'MULTI_PASS_HQ' ? 'SINGLE_PASS_HQ' : level;
}

function readLevel(
  settings: SettingsReader<H265Settings>,
  profile: H265CodecProfile,
  frame: EncodedFrame,
  findings: FindingLog,
): LevelLimits | null {
  const level = settings.read('codecLevel') ?? 'AUTO';
  if (level === 'AUTO') return null;
  const limits = h265LevelLimits(level, profile);
  const samples = frame.widthPx * frame.heightPx;
  if (samples > limits.pictureUnits || Math.max(frame.widthPx, frame.heightPx) > limits.longestSidePx) {
    findings.jobError(1040, 'level-resolution', { video: frame.ordinal }, settings.at('codecLevel'), {
      expected: `at most ${limits.pictureUnits} samples at level ${limits.name}`,
    });
  } else if (samples * rationalToNumber(frame.frameRate) > limits.unitsPerSecond) {
    findings.jobError(1040, 'level-framerate', { video: frame.ordinal }, settings.at('codecLevel'), {
      expected: `at most ${limits.unitsPerSecond} samples a second at level ${limits.name}`,
    });
  }
  for (const key of ['bitrate', 'maxBitrate'] as const) {
    if ((settings.read(key) ?? 0) > limits.bitrateBps) {
      findings.incompatible(
        settings.at(key),
        `level ${limits.name} of this profile allows ${limits.bitrateBps} bit/s`,
      );
    }
  }
  return limits;
}

/** The sample entry of MP4 outputs: hev1 by default, with parameter sets in the stream (spec video.md 6). */
function readPackaging(settings: SettingsReader<H265Settings>, place: VideoPlace): string | null {
  // The muxer writes hev1 by itself: one encode then serves MP4 files and transport streams.
  if (place.container === 'MP4') return settings.read('writeMp4PackagingType') === 'HVC1' ? 'hvc1' : null;
  if (!isFragmented(place.container))
    settings.withoutEffect('writeMp4PackagingType', 'the output is not an MP4 file');
  // QuickTime players know hvc1 alone.
  return place.container === 'MOV' ? 'hvc1' : null;
}

/**
 * The alternative transfer SEI belongs to HLG (spec video.md 6); elsewhere it has nothing to say. Of HLG the library's
 * wrapper writes it unless it is told not to.
 */
function readTransferSei(
  settings: SettingsReader<H265Settings>,
  place: VideoPlace,
  findings: FindingLog,
): '18' | '-1' | null {
  const isWanted = settings.read('alternateTransferFunctionSei') === 'ENABLED';
  if (place.transfer === 'arib-std-b67') return isWanted ? '18' : '-1';
  if (isWanted)
    findings.notice('no-effect', settings.at('alternateTransferFunctionSei'), 'the output is not HLG');
  return null;
}

/** Both fields of an instant lie in one picture; its timing message says which comes first (H.265 table D.2). */
function fieldParameters({ scan }: EncodedFrame): Readonly<Record<string, string>> {
  if (scan === 'progressive') return {};
  return { 'pic-struct': scan === 'top-field-first' ? '3' : '4' };
}

function noteFields(
  settings: SettingsReader<H265Settings>,
  { scan }: EncodedFrame,
  findings: FindingLog,
): void {
  if (scan === 'progressive') return;
  findings.notice(
    'substituted',
    settings.at('interlaceMode'),
    'the two fields of a frame are coded as one picture that is marked as interlaced: the encoder does not code fields apart',
  );
}

/** Three layers of the encoder are pyramids of three B pictures, however many are asked for; two leave their number. */
function temporalLayers({ usesBReferences, bFrames }: PictureCoding): string {
  return usesBReferences && bFrames >= 3 ? '3' : '2';
}

function refuseTiles(settings: SettingsReader<H265Settings>): void {
  settings.accept('tiles', ['DISABLED'], 'the encoder has no tiles');
  for (const key of ['tileWidth', 'tileHeight', 'tilePadding', 'mvOverPictureBoundaries'] as const) {
    settings.postponed(key, 'it shapes tiles, which are off');
  }
}
