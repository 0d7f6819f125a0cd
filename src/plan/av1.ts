/** AV1 settings → SVT-AV1 (spec video.md 5, 7). */
import type { Av1Settings } from '../contract/types.generated.ts';
import { plainEncoder } from './encoder-plan.ts';
import type { FindingLog } from './finding-log.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { readWholeGop } from './gop.ts';
import { joinParameters } from './parameters.ts';
import {
  automaticQvbrLevel,
  av1Preset,
  av1Quantization,
  av1QuantizerOffset,
  qvbrScale,
} from './quality.table.ts';
import { limitedWindow } from './rate-control.ts';
import { av1Share } from './rate-pacing.table.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';
import { type CodecPlanner, type EncodedVideo, encodedVideo, type VideoPlace } from './video-encode.ts';

/** Frames between key frames where the job leaves it open, and B-frames (spec video.md 7). */
const defaults = { gopSize: 80, bFrames: 7 };

/** The buffer of a constant rate; within one second the encoder does not keep it from running dry (bench/rate-control.ts). */
const constantBufferSeconds = 2;

/** The scale of the quantizers that the encoder reports. */
const reportedScale = {
  atZero: qvbrScale.libsvtav1.atZero + av1QuantizerOffset,
  perLevel: qvbrScale.libsvtav1.perLevel,
};

/** Plans an AV1 encode. */
export const planAv1: CodecPlanner<Av1Settings> = (settings, frame, place, segment, findings) => {
  checkRate(settings, frame, findings);
  const isConstant = settings.read('rateControlMode') === 'CBR';
  const rate = readRate(settings, isConstant, frame, findings);
  const bFrames = settings.read('numberBFramesBetweenReferenceFrames') ?? defaults.bFrames;
  const gop = readWholeGop(settings, defaults.gopSize, frame, segment, findings);
  const isLowDelay = isConstant || bFrames === 0;
  const parameters = {
    ...(isLowDelay ? { 'pred-struct': '1' } : { 'hierarchical-levels': hierarchy(bFrames) }),
    ...readQuantization(settings, isConstant, findings),
    ...readTiles(settings),
    // By default the encoder takes half as much again as the maximum.
    ...(isConstant ? { rc: '2' } : { 'mbr-overshoot-pct': '0' }),
    ...(settings.read('filmGrainSynthesis') === 'ENABLED'
      ? { 'film-grain': '8', 'film-grain-denoise': '1' }
      : {}),
    // It places no key frames at cuts (spec video.md 7): they are forced.
    scd: '0',
    ...hdrParameters(place),
  };
  const frameMetrics = readFrameMetrics(settings, !isConstant, findings);
  if (!isConstant && settings.has('maxBitrate')) {
    findings.notice(
      'substituted',
      settings.at('maxBitrate'),
      'the encoder has no buffer: it is held to two thirds of the maximum over stretches of pictures, so that windows of two seconds keep it; a shorter one with a cut can exceed it',
    );
  }
  if (rate === null) return null;
  return encodedVideo({
    pixelFormat: settings.read('bitDepth') === 'BIT_10' ? 'yuv420p10le' : 'yuv420p',
    gop,
    ...readSceneChanges(settings),
    nominalBitrateBps: rate.bitrateBps || rate.maxBitrateBps,
    codingFramesHeld: pictureCount(isLowDelay ? 'lowDelay' : hierarchy(bFrames), settings),
    frameMetrics,
    qualityScale: isConstant ? null : reportedScale,
    encoder: plainEncoder('AV1', 'libsvtav1', {
      options: {
        preset: av1Preset,
        ...(rate.factor === null ? {} : { crf: `${rate.factor}` }),
        'svtav1-params': joinParameters(parameters),
      },
      bitrateBps: rate.bitrateBps,
      maxBitrateBps: rate.maxBitrateBps,
      bufferSizeBits: rate.bufferBits,
      ...(isConstant
        ? {}
        : {
            pacing: { rateBps: Math.floor(rate.maxBitrateBps * av1Share), bufferBits: rate.bufferBits },
          }),
      gopSizeFrames: gop.frames,
    }),
  });
};

/** Off unless it is asked for, other than with the older codecs; no two key frames in a row. */
function readSceneChanges(settings: SettingsReader<Av1Settings>): Pick<EncodedVideo, 'sceneChanges'> {
  const detection = settings.read('sceneChangeDetect') ?? 'DISABLED';
  return detection === 'DISABLED' ? {} : { sceneChanges: { leastFrames: 2 } };
}

/** The encoder ends here (SVT-AV1, `frame-rate`). */
const mostFramesPerSecond = 240;

function checkRate(
  settings: SettingsReader<Av1Settings>,
  { frameRate }: EncodedFrame,
  findings: FindingLog,
): void {
  if (frameRate.num <= mostFramesPerSecond * frameRate.den) return;
  findings.incompatible(
    settings.at('framerateNumerator'),
    `the encoder of AV1 takes up to ${mostFramesPerSecond} frames a second, and ${frameRate.num}/${frameRate.den} are more`,
  );
}

interface Av1Rate {
  readonly bitrateBps: number;
  readonly maxBitrateBps: number;
  readonly bufferBits: number;
  /** 1–63. */
  readonly factor: number | null;
}

function readRate(
  settings: SettingsReader<Av1Settings>,
  isConstant: boolean,
  frame: EncodedFrame,
  findings: FindingLog,
): Av1Rate | null {
  const bitrate = isConstant ? settings.require('bitrate') : (settings.read('bitrate') ?? 0);
  const maxBitrate = isConstant ? bitrate : settings.require('maxBitrate');
  const window = limitedWindow(settings, { averageBps: 0, maxBitrateBps: maxBitrate ?? 0 }, frame, findings);
  const quality = settings.child('qvbrSettings');
  if (isConstant) {
    settings.withoutEffect('qvbrSettings', 'the rate control mode is CBR');
    settings.withoutEffect('maxBitrate', 'the rate control mode is CBR');
    return bitrate === null
      ? null
      : { bitrateBps: bitrate, maxBitrateBps: 0, bufferBits: constantBufferSeconds * bitrate, factor: null };
  }
  const level =
    quality.read('qvbrQualityLevel') ?? automaticQvbrLevel(Math.min(frame.widthPx, frame.heightPx));
  const fine = Math.round((quality.read('qvbrQualityLevelFineTune') ?? 0) * 3) / 3;
  if (maxBitrate === null) return null;
  const { atZero, perLevel } = qvbrScale.libsvtav1;
  const factor = Math.min(63, Math.max(1, Math.round(atZero - perLevel * Math.min(10, level + fine))));
  return { bitrateBps: 0, maxBitrateBps: window.peakBps, bufferBits: boundedBuffer(window), factor };
}

/** Of the encoder, in seconds; a window that asks for more is kept by less. */
const buffers = { least: 0.02, most: 10 };

function boundedBuffer({ peakBps, bufferBits }: ReturnType<typeof limitedWindow>): number {
  if (bufferBits === null) return 0;
  const rateBps = peakBps * av1Share;
  return Math.round(Math.min(buffers.most * rateBps, Math.max(buffers.least * rateBps, bufferBits)));
}

/**
 * Pictures' worth of memory that the encoder takes by what it looks ahead: without B-frames, and by the layers of its pyramid. Highest
 * resident MiB of an engine over 125 frames of 1280×720, of which 140 are not the encoder's and a picture takes 1.3: CBR 211, QVBR
 * with 0, 3, 7 and 15 B-frames 218, 298, 336, 401, with grain 391. A fifth more than that is counted, 70 MiB of it at any size.
 */
const heldPictures = { lowDelay: 35, '2': 107, '3': 140, '4': 202 } as const;
const grainPictures = 50;

function pictureCount(kind: keyof typeof heldPictures, settings: SettingsReader<Av1Settings>): number {
  return heldPictures[kind] + (settings.read('filmGrainSynthesis') === 'ENABLED' ? grainPictures : 0);
}

/** Layers of the pyramid that has about so many B-frames (spec video.md 7). */
function hierarchy(bFrames: number): '2' | '3' | '4' {
  return bFrames <= 3 ? '2' : bFrames <= 7 ? '3' : '4';
}

/** The encoder holds a constant rate by deltas of the quantizer alone, so that they cannot be turned off then. */
function readQuantization(
  settings: SettingsReader<Av1Settings>,
  isConstant: boolean,
  findings: FindingLog,
): Readonly<Record<string, string>> {
  const kind = settings.read('adaptiveQuantization') ?? 'HIGH';
  const isSpatial = settings.read('spatialAdaptiveQuantization') !== 'DISABLED';
  const reason = 'the encoder cannot hold a constant rate without adaptive quantization';
  if (isConstant && kind === 'OFF') findings.notSupported(settings.at('adaptiveQuantization'), kind, reason);
  if (isConstant && !isSpatial)
    findings.notSupported(settings.at('spatialAdaptiveQuantization'), 'DISABLED', reason);
  const { mode, boost } = av1Quantization[kind];
  return {
    'aq-mode': isSpatial ? mode : '0',
    ...(boost === null || !isSpatial
      ? {}
      : { 'enable-variance-boost': '1', 'variance-boost-strength': boost }),
  };
}

/** Slices of other codecs are tiles here: columns first, each count a power of two. */
function readTiles(settings: SettingsReader<Av1Settings>): Readonly<Record<string, string>> {
  const bits = Math.log2(settings.read('slices') ?? 1);
  if (bits === 0) return {};
  return { 'tile-columns': `${Math.ceil(bits / 2)}`, 'tile-rows': `${Math.floor(bits / 2)}` };
}

function hdrParameters({ hdr }: VideoPlace): Readonly<Record<string, string>> {
  if (hdr === null) return {};
  const [red = [0, 0], green = [0, 0], blue = [0, 0], white = [0, 0]] = hdr.primaries.map((point) =>
    point.map((value) => (value / 50_000).toFixed(5)),
  );
  const luminance = `L(${hdr.maxLuminance / 10_000},${hdr.minLuminance / 10_000})`;
  return {
    'mastering-display': `G(${green})B(${blue})R(${red})WP(${white})${luminance}`,
    'content-light': `${hdr.maxContentLight},${hdr.maxFrameAverageLight}`,
  };
}
