/** A video description → a video rendition (spec video.md 1–3, 14): size, rate, colour, codec, filters. */

import type { VideoCodecSettings, VideoDescription } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import type { ColorDescription } from './color.ts';
import type { FindingLog } from './finding-log.ts';
import { planFrameCapture } from './frame-capture.ts';
import { conversionStep, type FrameRateChoice, readFrameRate } from './frame-rate.ts';
import { cropStep, type Geometry, pixelAspectStep, planGeometry } from './geometry.ts';
import type { SegmentRule } from './gop.ts';
import { h264LargestFrame, planH264 } from './h264.ts';
import { h265LargestFrame, planH265 } from './h265.ts';
import type { FilterStep, VideoRendition } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame, SharedVideoSettings } from './video-codec-settings.ts';
import type { EncodedVideo, VideoPlace } from './video-encode.ts';
import { declareVideoExtras } from './video-extras.ts';
import { readCrop, readRectangle, type VideoSource } from './video-source.ts';

/** What surrounds a video description. */
export interface VideoSurroundings {
  readonly ordinal: number;
  readonly container: VideoPlace['container'];
  readonly segment: SegmentRule | null;
  /** Frame and pixel shape that another input has decided; absent: this input decides them. */
  readonly frame?: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly sampleAspectRatio: Rational;
  };
}

/** A rendition whose shared prefix, threads and id are still open. */
export interface VideoDraft {
  readonly rendition: VideoRendition;
  /** Rate conversion comes first in the branch; which filter it is depends on the rate of the shared prefix. */
  readonly rate: FrameRateChoice;
  readonly isFrameCapture: boolean;
  readonly nominalBitrateBps: number;
  readonly codingFramesHeld: number;
  /** Length of segments that the key frames allow; null without segments. */
  readonly segmentSeconds: Rational | null;
}

/** Plans one video description; null, with findings, when it cannot be. */
export function planVideoDescription(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  surroundings: VideoSurroundings,
  findings: FindingLog,
): VideoDraft | null {
  const codecSettings = settings.child('codecSettings');
  const codec = readCodec(codecSettings, findings);
  declareVideoExtras(settings, source, surroundings.container, findings);
  if (codec === null) return null;
  if (codec === 'FRAME_CAPTURE') return planCapture(settings, source, surroundings, findings);

  const block = (codec === 'H_264'
    ? codecSettings.child('h264Settings')
    : codecSettings.child('h265Settings')) as unknown as SettingsReader<SharedVideoSettings>;
  const rate = readFrameRate(block, source.followedRate, findings);
  const aspect = surroundings.frame?.sampleAspectRatio ?? readPixelAspect(block, source);
  const picture = readPicture(
    settings,
    source,
    aspect,
    surroundings,
    codec === 'H_264' ? h264LargestFrame : h265LargestFrame,
    findings,
  );
  const frame: EncodedFrame = {
    ...picture.geometry,
    // Without a rate the job ends; the rest of the block is read all the same, for its own mistakes.
    frameRate: rate?.frameRate ?? standInRate,
    ordinal: surroundings.ordinal,
  };
  const color = settings.read('colorMetadata') === 'IGNORE' ? null : source.color;
  const place = readPlace(settings, surroundings, color);
  const encoded =
    codec === 'H_264'
      ? planH264(codecSettings.child('h264Settings'), frame, place, surroundings.segment, findings)
      : planH265(codecSettings.child('h265Settings'), frame, place, surroundings.segment, findings);
  if (encoded === null || rate === null) return null;
  return draft(settings, source, surroundings, { picture, rate, aspect, encoded, color });
}

const standInRate = rational(25);

interface Picture {
  readonly geometry: Geometry;
  readonly filters: readonly FilterStep[];
}

function draft(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  surroundings: VideoSurroundings,
  parts: {
    readonly picture: Picture;
    readonly rate: FrameRateChoice;
    readonly aspect: Rational;
    readonly encoded: EncodedVideo;
    readonly color: ColorDescription | null;
  },
): VideoDraft {
  const { picture, rate, aspect, encoded, color } = parts;
  return {
    rate,
    isFrameCapture: false,
    nominalBitrateBps: encoded.nominalBitrateBps,
    codingFramesHeld: encoded.codingFramesHeld,
    segmentSeconds: encoded.gop.segmentSeconds,
    rendition: {
      id: '',
      pointer: settings.pointer,
      ordinal: surroundings.ordinal,
      inputIndex: 0,
      filters: [...picture.filters, pixelAspectStep(aspect), formatStep(encoded.pixelFormat)],
      widthPx: picture.geometry.widthPx,
      heightPx: picture.geometry.heightPx,
      frameRate: rate.frameRate,
      sampleAspectRatio: aspect,
      pixelFormat: encoded.pixelFormat,
      encoder: { ...encoded.encoder, color },
      forcedKeyFrameSeconds: encoded.gop.forcedKeyFrameSeconds,
      dropCaptions: source.track.hasEmbeddedCaptions,
      frameLimit: null,
    },
  };
}

function planCapture(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  surroundings: VideoSurroundings,
  findings: FindingLog,
): VideoDraft {
  const square = rational(1);
  settings.withoutEffect('colorMetadata', 'pictures carry no video colour metadata', ['INSERT']);
  settings.withoutEffect('chromaPositionMode', 'pictures carry no chroma position', ['AUTO']);
  const picture = readPicture(settings, source, square, surroundings, null, findings);
  const capture = planFrameCapture(settings.child('codecSettings').child('frameCaptureSettings'));
  return {
    rate: { frameRate: capture.frameRate, interpolate: false },
    isFrameCapture: true,
    nominalBitrateBps: 0,
    codingFramesHeld: 2,
    segmentSeconds: null,
    rendition: {
      id: '',
      pointer: settings.pointer,
      ordinal: surroundings.ordinal,
      inputIndex: 0,
      filters: [capture.step, ...picture.filters, pixelAspectStep(square), formatStep('yuvj420p')],
      widthPx: picture.geometry.widthPx,
      heightPx: picture.geometry.heightPx,
      frameRate: capture.frameRate,
      sampleAspectRatio: square,
      pixelFormat: 'yuvj420p',
      encoder: capture.encoder,
      forcedKeyFrameSeconds: null,
      dropCaptions: source.track.hasEmbeddedCaptions,
      frameLimit: capture.frameLimit,
    },
  };
}

/** Puts the rate conversion in front of a branch whose shared prefix delivers `sharedRate`. */
export function withRateConversion(video: VideoDraft, sharedRate: Rational): VideoRendition {
  // Frame capture begins with its own selection of frames, which reads any rate.
  const step = video.isFrameCapture ? null : conversionStep(sharedRate, video.rate);
  return step === null
    ? video.rendition
    : { ...video.rendition, filters: [step, ...video.rendition.filters] };
}

function readCodec(
  codecSettings: SettingsReader<VideoCodecSettings>,
  findings: FindingLog,
): 'H_264' | 'H_265' | 'FRAME_CAPTURE' | null {
  const codec = codecSettings.require('codec');
  if (codec === null || codec === 'H_264' || codec === 'H_265' || codec === 'FRAME_CAPTURE') return codec;
  findings.notSupported(
    codecSettings.at('codec'),
    codec,
    'video is encoded as H_264, H_265 or FRAME_CAPTURE',
  );
  for (const key of [
    'av1Settings',
    'avcIntraSettings',
    'gifSettings',
    'mpeg2Settings',
    'passthroughSettings',
    'proresSettings',
    'uncompressedSettings',
    'vc3Settings',
    'vp8Settings',
    'vp9Settings',
    'xavcSettings',
  ] as const) {
    codecSettings.withoutEffect(key, 'its codec is refused');
  }
  return null;
}

/** INITIALIZE_FROM_SOURCE keeps the source's pixel shape (spec video.md 3). */
function readPixelAspect(block: SettingsReader<SharedVideoSettings>, source: VideoSource): Rational {
  if (block.read('parControl') !== 'SPECIFIED') {
    const reason =
      'the pixel aspect ratio follows the source: the numbers count with parControl SPECIFIED only';
    block.withoutEffect('parNumerator', reason);
    block.withoutEffect('parDenominator', reason);
    return source.sampleAspectRatio;
  }
  const num = block.require('parNumerator');
  const den = block.require('parDenominator');
  return num === null || den === null ? source.sampleAspectRatio : rational(num, den);
}

function readPlace(
  settings: SettingsReader<VideoDescription>,
  surroundings: VideoSurroundings,
  color: ColorDescription | null,
): VideoPlace {
  const position = settings.read('chromaPositionMode') ?? 'AUTO';
  const chromaLocation = position === 'AUTO' ? null : position === 'FORCE_CENTER' ? 'center' : 'top-left';
  return { container: surroundings.container, chromaLocation, transfer: color?.transfer ?? null };
}

/** Crop, scaling and position of the output (spec video.md 1, 2); input crop and position win. */
function readPicture(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  aspect: Rational,
  { ordinal, frame }: VideoSurroundings,
  largest: { readonly longPx: number; readonly shortPx: number } | null,
  findings: FindingLog,
): Picture {
  if (source.isCropped) settings.withoutEffect('crop', 'the crop of the input takes its place');
  const crop = source.isCropped ? null : readCrop(settings.child('crop'), source, 1, findings);
  const behavior = readScalingBehavior(settings, source, findings);
  const position = readPosition(settings, source, behavior);
  const geometry = planGeometry({
    source: crop ?? source,
    sourceSampleAspect: source.sampleAspectRatio,
    outputSampleAspect: aspect,
    widthPx: frame?.widthPx ?? settings.read('width'),
    heightPx: frame?.heightPx ?? settings.read('height'),
    // A frame that is decided is not shrunk to the picture: bars fill it.
    behavior: frame !== undefined && behavior.startsWith('FIT') ? 'DEFAULT' : behavior,
    position,
    sharpness: settings.read('sharpness') ?? 50,
  });
  const { widthPx, heightPx } = geometry;
  if (widthPx % 2 !== 0 || heightPx % 2 !== 0) {
    findings.jobError(
      1040,
      'odd-resolution',
      { width: widthPx, height: heightPx, video: ordinal },
      settings.pointer,
      {
        mediaFact: `The picture of the input is ${source.widthPx} x ${source.heightPx}.`,
        expected: 'an even width and height',
      },
    );
  }
  if (
    largest !== null &&
    (Math.max(widthPx, heightPx) > largest.longPx || Math.min(widthPx, heightPx) > largest.shortPx)
  ) {
    findings.incompatible(
      settings.pointer,
      `${widthPx} x ${heightPx} is larger than ${largest.longPx} x ${largest.shortPx}, the most this codec codes`,
    );
  }
  if (
    position !== null &&
    (position.x + position.widthPx > widthPx || position.y + position.heightPx > heightPx)
  ) {
    const place = { width: position.widthPx, height: position.heightPx, x: position.x, y: position.y };
    findings.jobError(
      1040,
      'position-outside',
      { ...place, outputWidth: widthPx, outputHeight: heightPx, video: ordinal },
      settings.at('position'),
    );
  }
  const filters = crop === null ? geometry.filters : [cropStep(crop), ...geometry.filters];
  return { geometry, filters };
}

function readScalingBehavior(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  findings: FindingLog,
): 'DEFAULT' | 'FILL' | 'FIT' | 'FIT_NO_UPSCALE' | 'STRETCH_TO_OUTPUT' {
  const behavior = settings.read('scalingBehavior') ?? 'DEFAULT';
  if (behavior === 'SMART_CROP') {
    findings.notSupported(
      settings.at('scalingBehavior'),
      behavior,
      'content-aware cropping needs an inference service',
    );
    return 'DEFAULT';
  }
  return source.position === null ? behavior : 'DEFAULT';
}

/** The input's position wins over everything; other scaling behaviours win over the output's (spec video.md 1). */
function readPosition(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  behavior: string,
): VideoSource['position'] {
  if (source.position !== null) {
    settings.withoutEffect('position', 'the position of the input takes its place');
    return source.position;
  }
  if (behavior === 'DEFAULT') return readRectangle(settings.child('position'));
  settings.withoutEffect('position', 'scalingBehavior takes its place');
  return null;
}

function formatStep(pixelFormat: string): FilterStep {
  return { name: 'format', options: { pix_fmts: pixelFormat } };
}
