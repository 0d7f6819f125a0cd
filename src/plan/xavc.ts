/** XAVC settings → x264 (spec video.md 13): intra profiles are Sony's classes, the others long groups at a class rate. */
import type {
  H264QualityTuningLevel,
  Xavc4kProfileSettings,
  XavcHdProfileSettings,
  XavcProfile,
  XavcSettings,
} from '../contract/types.generated.ts';
import { rationalToNumber } from '../exact-time.ts';
import { findIntraPoint, intraBitrate, intraEncoder, refuseLowerField } from './avc-intra.ts';
import { plainEncoder } from './encoder-plan.ts';
import type { FindingLog } from './finding-log.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { fixedGop } from './gop.ts';
import { h264DecodedPictures, macroblocks } from './levels.table.ts';
import { joinParameters } from './parameters.ts';
import { readQuantization } from './picture-coding.ts';
import type { FrameMetric } from './picture-plan.ts';
import { x264References } from './quality.table.ts';
import { quantizerMatrices, readSoftness } from './quantizer-matrix.ts';
import { automaticBufferSeconds } from './rate-control.ts';
import { paceConstant } from './rate-pacing.ts';
import type { SettingsReader } from './settings-reader.ts';
import {
  type EncodedFrame,
  fieldOptions,
  fieldOrderParameters,
  type SharedVideoSettings,
} from './video-codec-settings.ts';
import { type CodecPlanner, type EncodedVideo, encodedVideo } from './video-encode.ts';
import { x264Effort } from './x264-effort.ts';
import { xavcLevels, xavcSizes } from './xavc.table.ts';

/** Plans an XAVC encode; 1040 where the profile has no operating point. */
export const planXavc: CodecPlanner<XavcSettings> = (settings, frame, place, _segment, findings) => {
  const profile = settings.require('profile');
  const metrics = readFrameMetrics(settings, false, findings);
  switch (profile) {
    case null:
      return null;
    case 'XAVC_HD_INTRA_CBG':
      return planIntra(
        settings,
        settings.child('xavcHdIntraCbgProfileSettings').require('xavcClass'),
        frame,
        metrics,
        findings,
      );
    case 'XAVC_4K_INTRA_CBG':
      return planIntra(
        settings,
        settings.child('xavc4kIntraCbgProfileSettings').require('xavcClass'),
        frame,
        metrics,
        findings,
      );
    case 'XAVC_4K_INTRA_VBR':
      return planVariableIntra(
        settings,
        settings.child('xavc4kIntraVbrProfileSettings').require('xavcClass'),
        frame,
        metrics,
        findings,
      );
    case 'XAVC_HD':
    case 'XAVC_4K':
      return planLong(settings, profile, { frame, clipSeconds: place.clipSeconds }, metrics, findings);
  }
};

function planIntra(
  settings: SettingsReader<XavcSettings>,
  xavcClass: string | null,
  frame: EncodedFrame,
  frameMetrics: readonly FrameMetric[],
  findings: FindingLog,
): EncodedVideo | null {
  declareFixed(settings, 'an intra class fixes it');
  if (xavcClass === null) return null;
  const number = xavcClass.replace('CLASS_', '');
  refuseLowerField(frame, settings.child('xavcHdIntraCbgProfileSettings').at('interlaceMode'), findings);
  const point = findIntraPoint(number, frame, settings.at('profile'), findings);
  return encodedVideo({
    pixelFormat: point.pixelFormat,
    nominalBitrateBps: intraBitrate(number, frame),
    frameMetrics,
    encoder: intraEncoder('XAVC', number, 'sony', frame),
  });
}

function declareFixed(settings: SettingsReader<XavcSettings>, reason: string): void {
  settings.withoutEffect('adaptiveQuantization', reason, ['AUTO']);
  settings.withoutEffect('spatialAdaptiveQuantization', reason, ['ENABLED']);
  settings.withoutEffect('temporalAdaptiveQuantization', reason, ['ENABLED']);
  settings.withoutEffect('entropyEncoding', reason, ['AUTO']);
  settings.withoutEffect('softness', reason, [0]);
}

/**
 * Intra pictures of equal quality, each at most as large as those of constant size in the class: the buffer holds
 * one of them. Sizes and rates are those of the classes (SMPTE RDD 32 has the same for both kinds).
 */
function planVariableIntra(
  settings: SettingsReader<XavcSettings>,
  xavcClass: string | null,
  frame: EncodedFrame,
  frameMetrics: readonly FrameMetric[],
  findings: FindingLog,
): EncodedVideo | null {
  declareFixed(settings, 'the profile fixes it');
  checkSize(settings, 'XAVC_4K', frame, findings);
  if (xavcClass === null) return null;
  const rate = rationalToNumber(frame.frameRate);
  const pictureBits = Math.round((Number(xavcClass.replace('CLASS_', '')) * 1_000_000) / intraClassRate);
  const peakBps = Math.round(pictureBits * rate);
  return encodedVideo({
    pixelFormat: 'yuv422p10le',
    nominalBitrateBps: peakBps,
    frameMetrics,
    encoder: plainEncoder('XAVC', 'libx264', {
      options: {
        preset: 'medium',
        profile: 'high422',
        crf: intraQuality,
        a53cc: '0',
        'x264-params': joinParameters({
          'nal-hrd': 'vbr',
          slices: '8',
          ...fieldOrderParameters(frame.scan),
        }),
        ...fieldOptions(frame.scan),
      },
      maxBitrateBps: peakBps,
      bufferSizeBits: pictureBits,
      gopSizeFrames: 1,
      maxBFrames: 0,
    }),
  });
}

/** Frames a second at which a class has its nominal rate: 300 Mbit/s are pictures of 10 Mbit (Sony XAVC overview). */
const intraClassRate = 30_000 / 1001;

/** Visually without loss at the format's rates (our choice): pictures that need more than the class has are bounded. */
const intraQuality = '12';

function planLong(
  settings: SettingsReader<XavcSettings>,
  profile: XavcProfile & ('XAVC_HD' | 'XAVC_4K'),
  { frame, clipSeconds }: { readonly frame: EncodedFrame; readonly clipSeconds: number | null },
  frameMetrics: readonly FrameMetric[],
  findings: FindingLog,
): EncodedVideo | null {
  const hd = settings.child('xavcHdProfileSettings');
  const uhd = settings.child('xavc4kProfileSettings');
  const isHd = profile === 'XAVC_HD';
  const block = (isHd ? hd : uhd) as unknown as SettingsReader<LongProfileSettings>;
  const bitrateClass = block.require('bitrateClass');
  const has422 = isHd || uhd.read('codecProfile') !== 'HIGH';
  const level = block.read('qualityTuningLevel') ?? 'SINGLE_PASS';
  const closed = block.read('gopClosedCadence') ?? 1;
  const slices = block.read('slices') ?? 8;
  const buffer = block.read('hrdBufferSize') ?? 0;
  const reducesFlicker = block.read('flickerAdaptiveQuantization') === 'ENABLED';
  const usesBReferences = block.read('gopBReference') === 'ENABLED';
  const quantization = readQuantization(settings as unknown as SettingsReader<SharedVideoSettings>);
  const softness = readSoftness(settings, 'high', findings);
  const isCabac = settings.read('entropyEncoding') !== 'CAVLC';
  checkSize(settings, profile, frame, findings);
  if (bitrateClass === null) return null;
  const bitrateBps = Number(bitrateClass.split('_').at(-1)) * 1_000_000;
  const pictureBits = Math.ceil(bitrateBps / rationalToNumber(frame.frameRate));
  if (buffer !== 0 && buffer < pictureBits)
    findings.incompatible(
      block.at('hrdBufferSize'),
      `the buffer holds less than one frame (${pictureBits} bits)`,
    );
  const bufferSizeBits = buffer === 0 ? automaticBufferSeconds * bitrateBps : buffer;
  const passes = level === 'MULTI_PASS_HQ' ? 2 : 1;
  const gop = { ...fixedGop(halfSecond(frame), frame, null), isOpen: closed !== 1 };
  const effort = x264Effort(level);
  const parameters = {
    'nal-hrd': 'cbr',
    'force-cfr': '1',
    'open-gop': gop.isOpen ? '1' : '0',
    scenecut: '0',
    cabac: isCabac ? '1' : '0',
    'b-pyramid': usesBReferences ? 'normal' : 'none',
    ...effort.parameters,
    ...references(profile, level, frame),
    slices: `${slices}`,
    'aq-mode': `${quantization.mode}`,
    'aq-strength': quantization.strength.toFixed(1),
    mbtree: quantization.isTemporal ? '1' : '0',
    ...fieldOrderParameters(frame.scan),
    ...(reducesFlicker ? { ipratio: '1.2', qcomp: '0.7' } : {}),
    ...quantizerMatrices(softness),
  };
  return encodedVideo({
    pixelFormat: has422 ? 'yuv422p10le' : 'yuv420p',
    gop,
    codingFramesHeld: 50,
    frameMetrics,
    encoder: plainEncoder('XAVC', 'libx264', {
      options: {
        preset: effort.preset,
        profile: has422 ? 'high422' : 'high',
        a53cc: '0',
        'x264-params': joinParameters(parameters),
        ...fieldOptions(frame.scan),
      },
      bitrateBps,
      maxBitrateBps: bitrateBps,
      bufferSizeBits,
      pacing: paceConstant(bitrateBps, bufferSizeBits, clipSeconds, passes),
      gopSizeFrames: gop.frames,
      maxBFrames: 2,
      passes,
    }),
  });
}

/** No more pictures than decoders of the format's level keep: the encoder would tell a higher one, and of fields 6.2. */
function references(
  profile: 'XAVC_HD' | 'XAVC_4K',
  level: H264QualityTuningLevel,
  { widthPx, heightPx, frameRate }: EncodedFrame,
): Readonly<Record<string, string>> {
  const isFast = rationalToNumber(frameRate) > 30;
  const { usual, fast } = xavcLevels[profile];
  const most = h264DecodedPictures(isFast ? fast : usual, macroblocks(widthPx, heightPx));
  return x264References[level] > most ? { ref: `${most}` } : {};
}

/** The members that both long-group blocks share. */
type LongProfileSettings = Pick<
  XavcHdProfileSettings,
  keyof XavcHdProfileSettings & keyof Omit<Xavc4kProfileSettings, 'bitrateClass'>
> & {
  readonly bitrateClass?: string | undefined;
};

/** Groups of half a second, as cameras of the format write them. */
function halfSecond(frame: EncodedFrame): number {
  return Math.max(1, Math.round(rationalToNumber(frame.frameRate) / 2));
}

function checkSize(
  settings: SettingsReader<XavcSettings>,
  profile: 'XAVC_HD' | 'XAVC_4K',
  frame: EncodedFrame,
  findings: FindingLog,
): void {
  const known = xavcSizes[profile];
  if (known.some(([width, height]) => width === frame.widthPx && height === frame.heightPx)) return;
  findings.incompatible(
    settings.at('profile'),
    `${profile} codes ${known.map((size) => size.join('x')).join(', ')}; the output is ${frame.widthPx}x${frame.heightPx}`,
  );
}
