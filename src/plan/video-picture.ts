/** Size, shape and place of the picture in the output frame (spec video.md 1–3), read from a video description. */
import type { VideoDescription } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import { respondToFormat } from './active-format.ts';
import { type ColorCorrection, graphicColor } from './color-corrector.ts';
import type { FindingLog } from './finding-log.ts';
import { cropStep, type Geometry, planGeometry } from './geometry.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { SharedVideoSettings } from './video-codec-settings.ts';
import type { VideoCodec } from './video-codecs.ts';
import { readCrop, readRectangle, type VideoSource } from './video-source.ts';

/** The output frame, and what leads to it. */
export interface Picture {
  readonly geometry: Geometry;
  readonly filters: readonly FilterStep[];
}

/** What the codec block decides about pictures. */
interface PictureRule {
  readonly aspect: Rational;
  readonly keepsFields: boolean;
  readonly largest: VideoCodec['largest'];
  /** Of the video description, for messages. */
  readonly ordinal: number;
  /** What another input has decided; undefined: this input decides. */
  readonly frame: { readonly widthPx: number; readonly heightPx: number } | undefined;
}

/** Crop, scaling and position of the output (spec video.md 1, 2); input crop and position win. */
export function readPicture(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  { aspect, keepsFields, largest, ordinal, frame }: PictureRule,
  findings: FindingLog,
): Picture {
  if (source.isCropped) settings.withoutEffect('crop', 'the crop of the input takes its place');
  const given = source.isCropped ? null : readCrop(settings.child('crop'), source, 1, findings);
  const crop = respondToFormat(settings, source, aspect, given, findings);
  // A picture that is cut to its active part still fills the frame that the output follows.
  const isCutToFormat = given === null && crop !== null;
  const followed = isCutToFormat && !settings.has('width') && !settings.has('height') ? source : undefined;
  const behavior = readScalingBehavior(settings, source, findings);
  const position = readPosition(settings, source, behavior);
  const geometry = planGeometry({
    source: crop ?? source,
    sourceSampleAspect: source.sampleAspectRatio,
    outputSampleAspect: aspect,
    widthPx: frame?.widthPx ?? followed?.widthPx ?? settings.read('width'),
    heightPx: frame?.heightPx ?? followed?.heightPx ?? settings.read('height'),
    // A frame that is decided is not shrunk to the picture: bars fill it.
    behavior: frame !== undefined && behavior.startsWith('FIT') ? 'DEFAULT' : behavior,
    position,
    sharpness: settings.read('sharpness') ?? 50,
    keepsFields,
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
      source.position === null ? settings.at('position') : source.positionPointer,
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

/** INITIALIZE_FROM_SOURCE keeps the source's pixel shape (spec video.md 3), unless the format has one of its own. */
export function readPixelAspect(
  block: SettingsReader<SharedVideoSettings>,
  source: VideoSource,
  fixed: Rational | null,
): Rational {
  if (fixed !== null) return fixed;
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

/** Brings the picture to a pixel format. */
export function formatStep(pixelFormat: string): FilterStep {
  return { name: 'format', options: { pix_fmts: pixelFormat } };
}

/** A graphic in full-range RGB, drawn in the place of a picture (spec overlays.md 10): the picture's colours, then its form. */
export function blankSteps(
  { graphicSteps, finalSteps }: Pick<ColorCorrection, 'graphicSteps' | 'finalSteps'>,
  pixelFormat: string,
): readonly FilterStep[] {
  const { matrix, range } = graphicColor;
  return [
    formatStep('gbrp'),
    { name: 'zscale', options: { min: 'gbr', rin: 'full', m: matrix, r: range } },
    formatStep('yuv444p16le'),
    ...graphicSteps,
    formatStep(pixelFormat),
    ...finalSteps,
  ];
}
