/**
 * The video of an input as outputs see it: which track, its size after rotation and cropping, the rate and colour
 * that can be followed, and the filters all renditions share (spec inputs.md 10, 11, 20, 21).
 */

import type {
  Input,
  InputRotate,
  Rectangle as RectangleSettings,
  VideoSelector,
} from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import { type ColorDescription, readSourceColor } from './color.ts';
import { readHdrMetadata } from './color-corrector.ts';
import type { HdrFacts, InputFacts, VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import { followableFrameRate } from './frame-rate.ts';
import { cropStep, type Rectangle, type Size } from './geometry.ts';
import type { HdrMetadata } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The video of an input; the size is that after rotation and crop. */
export interface VideoSource extends Size {
  readonly track: VideoTrackFacts;
  readonly sampleAspectRatio: Rational;
  /** Rate outputs follow; null when the input tells none. */
  readonly followedRate: Rational | null;
  readonly color: ColorDescription;
  /** Mastering metadata of HDR10 pictures, from the job or the medium; null: none. */
  readonly hdr: HdrMetadata | null;
  /** Of the mastering display, as the job gives it, in 0.0001 cd/m²; null: not given. */
  readonly givenLuminance: number | null;
  /** Relabelling, rotation and input crop, in this order. */
  readonly filters: readonly FilterStep[];
  /** Input crop takes precedence over an output's. */
  readonly isCropped: boolean;
  /** Input position takes precedence over an output's and over its scaling behaviour. */
  readonly position: Rectangle | null;
  /** Where the job gives it. */
  readonly positionPointer: string;
  /** Pictures are made by the job itself; outputs never follow them. */
  readonly isGenerated?: true;
  /** The video of one rendition of an HLS package. */
  readonly isOfPackage?: true;
  /** Black before and behind the video where sound is longer. */
  readonly padsBlack?: true;
}

/** Reads the video settings of an input. Null when the input has no video; the reason is a finding if one was asked for. */
export function readVideoSource(
  input: SettingsReader<Input>,
  facts: InputFacts,
  inputNumber: number,
  findings: FindingLog,
): VideoSource | null {
  const selector = input.child('videoSelector');
  const coded = selectVideoTrack(input, selector, facts, findings);
  // PSF: coded as fields, and yet pictures of one instant (spec inputs.md 11).
  const isSegmented = input.read('inputScanType') === 'PSF';
  const track: VideoTrackFacts | null =
    coded !== null && isSegmented ? { ...coded, scan: 'progressive' } : coded;
  refuseSelectorFeatures(selector, facts.container === 'hls');
  if (track === null) {
    declareVideoSettingsUnused(input, selector);
    return null;
  }
  const { color, steps } = readSourceColor(selector, track, findings);
  const rotation = readRotation(selector, track, facts);
  if (rotation !== 0) checkRotatable(selector, track, findings);
  const rotated = rotateSize(track, rotation);
  const crop = readCrop(input.child('crop'), rotated, inputNumber, findings);
  const filters = [
    ...steps,
    ...alphaSteps(selector, track, findings),
    ...rotationSteps(rotation),
    ...(crop === null ? [] : [cropStep(crop)]),
  ];
  const size = crop ?? rotated;
  return {
    track,
    widthPx: size.widthPx,
    heightPx: size.heightPx,
    sampleAspectRatio:
      rotation === 90 || rotation === 270
        ? invert(track.sampleAspectRatio)
        : validAspect(track.sampleAspectRatio),
    followedRate: followableFrameRate(track) ?? (track.refusal === undefined ? null : unknownRate),
    color,
    hdr: readSourceHdr(selector, color, track),
    givenLuminance: selector.read('maxLuminance') ?? null,
    filters,
    isCropped: crop !== null,
    position: readRectangle(input.child('position')),
    positionPointer: input.at('position'),
    ...(facts.container === 'hls' ? { isOfPackage: true } : {}),
    ...(selector.read('padVideo') === 'BLACK' ? { padsBlack: true } : {}),
  };
}

/** The job's own description of the mastering display goes before the medium's (spec inputs.md 10). */
function readSourceHdr(
  selector: SettingsReader<VideoSelector>,
  color: ColorDescription,
  { hdr }: VideoTrackFacts,
): HdrMetadata | null {
  const given = selector.child('hdr10Metadata');
  const isHdr10 = color.transfer === 'smpte2084';
  if (!given.isPresent) return isHdr10 && hdr !== undefined ? metadataOf(hdr) : null;
  if (isHdr10) return readHdrMetadata(given);
  selector.withoutEffect('hdr10Metadata', 'the input is not HDR10');
  return null;
}

/** Light levels without a mastering display say nothing that HDR10 could carry alone. */
function metadataOf({ masteringDisplay, contentLight }: HdrFacts): HdrMetadata | null {
  if (masteringDisplay === null) return null;
  const { red, green, blue, whitePoint, minLuminance, maxLuminance } = masteringDisplay;
  const point = ([x, y]: readonly [number, number]) =>
    [Math.round(x * 50_000), Math.round(y * 50_000)] as const;
  return {
    primaries: [point(red), point(green), point(blue), point(whitePoint)],
    minLuminance: Math.round(minLuminance * 10_000),
    maxLuminance: Math.round(maxLuminance * 10_000),
    maxContentLight: contentLight?.maxContent ?? 0,
    maxFrameAverageLight: contentLight?.maxFrameAverage ?? 0,
  };
}

/** Reads a rectangle; null when absent. Members that are not given count as 0. */
export function readRectangle(rectangle: SettingsReader<RectangleSettings>): Rectangle | null {
  if (!rectangle.isPresent) return null;
  return {
    widthPx: rectangle.read('width') ?? 0,
    heightPx: rectangle.read('height') ?? 0,
    x: rectangle.read('x') ?? 0,
    y: rectangle.read('y') ?? 0,
  };
}

/**
 * Reads a crop of `picture`; null when there is none, or, with a finding, when it is odd (4:2:0 chroma cannot be cut in
 * half) or reaches outside.
 */
export function readCrop(
  rectangle: SettingsReader<RectangleSettings>,
  picture: Size,
  inputNumber: number,
  findings: FindingLog,
): Rectangle | null {
  const crop = readRectangle(rectangle);
  if (crop === null) return null;
  const { widthPx: width, heightPx: height, x, y } = crop;
  if ([width, height, x, y].some((value) => value % 2 !== 0)) {
    findings.incompatible(rectangle.pointer, 'x, y, width and height must be even');
    return null;
  }
  if (width >= 2 && height >= 2 && x + width <= picture.widthPx && y + height <= picture.heightPx)
    return crop;
  findings.jobError(
    1040,
    'crop-outside',
    { width, height, x, y, inputWidth: picture.widthPx, inputHeight: picture.heightPx, input: inputNumber },
    rectangle.pointer,
  );
  return null;
}

const noPrograms = 'the input has no programs';

/** Program, then PID, then the first track that is no cover picture (spec inputs.md 1, 10; README: 1020). */
function selectVideoTrack(
  input: SettingsReader<Input>,
  selector: SettingsReader<VideoSelector>,
  facts: InputFacts,
  findings: FindingLog,
): VideoTrackFacts | null {
  const tracks = facts.videoTracks.filter((track) => !track.isAttachedPicture);
  const pid = selector.read('pid');
  const selectorProgram = selector.read('programNumber');
  const inputProgram = input.read('programNumber');
  if (facts.programs.length === 0) {
    selector.withoutEffect('programNumber', noPrograms, [1]);
    input.withoutEffect('programNumber', noPrograms, [1]);
    return bySelectedPid(tracks, pid, selector, findings);
  }
  if (
    selectorProgram !== undefined &&
    !facts.programs.some((program) => program.programNumber === selectorProgram)
  ) {
    findings.jobError(1020, 'invalid-program', { program: selectorProgram }, selector.at('programNumber'));
    return null;
  }
  const wanted = selectorProgram ?? inputProgram;
  const program = facts.programs.find(({ programNumber }) => programNumber === wanted) ?? facts.programs[0];
  const inProgram = tracks.filter((track) => program?.streamIndexes.includes(track.streamIndex));
  if (inProgram.length === 0 && selectorProgram !== undefined) {
    findings.jobError(
      1020,
      'program-without-video',
      { program: selectorProgram },
      selector.at('programNumber'),
    );
    return null;
  }
  return bySelectedPid(pid === undefined ? inProgram : tracks, pid, selector, findings);
}

function bySelectedPid(
  tracks: readonly VideoTrackFacts[],
  pid: number | undefined,
  selector: SettingsReader<VideoSelector>,
  findings: FindingLog,
): VideoTrackFacts | null {
  if (pid === undefined) return tracks[0] ?? null;
  const found = tracks.find((track) => track.trackId === pid);
  if (found !== undefined) return found;
  findings.jobError(1020, 'pid-without-video', { index: 0, pid }, selector.at('pid'));
  return null;
}

function refuseSelectorFeatures(selector: SettingsReader<VideoSelector>, isPackage: boolean): void {
  if (!isPackage) {
    selector.withoutEffect('selectorType', 'the input is no HLS package', ['AUTO']);
    selector.withoutEffect('streams', 'the input is no HLS package');
  } else if (selector.read('selectorType') === 'STREAM') {
    if (selector.require('streams') !== null) selector.read('streams');
  } else selector.withoutEffect('streams', 'selectorType is AUTO');
}

/** An input without video: its video settings have nothing to act on. */
function declareVideoSettingsUnused(
  input: SettingsReader<Input>,
  selector: SettingsReader<VideoSelector>,
): void {
  const reason = 'the input has no video';
  for (const key of [
    'colorSpace',
    'colorSpaceUsage',
    'sampleRange',
    'rotate',
    'alphaBehavior',
    'hdr10Metadata',
    'padVideo',
  ] as const) {
    selector.withoutEffect(key, reason, []);
  }
  input.withoutEffect('crop', reason);
  input.withoutEffect('position', reason);
}

/** Without a setting there is no rotation, whatever the metadata say (spec inputs.md 11). */
function readRotation(
  selector: SettingsReader<VideoSelector>,
  track: VideoTrackFacts,
  facts: InputFacts,
): 0 | 90 | 180 | 270 {
  const rotate: InputRotate = selector.read('rotate') ?? 'DEGREE_0';
  switch (rotate) {
    case 'DEGREE_0':
      return 0;
    case 'DEGREES_90':
      return 90;
    case 'DEGREES_180':
      return 180;
    case 'DEGREES_270':
      return 270;
    case 'AUTO':
      return facts.container === 'mp4' || facts.container === 'quicktime' ? track.rotationDegrees : 0;
  }
}

/** Rotation needs progressive 4:2:0 or 4:2:2 pictures (spec inputs.md 11). */
function checkRotatable(
  selector: SettingsReader<VideoSelector>,
  track: VideoTrackFacts,
  findings: FindingLog,
): void {
  const isSubsampled = track.chroma === '4:2:0' || track.chroma === '4:2:2';
  if (track.scan === 'progressive' && isSubsampled) return;
  findings.incompatible(
    selector.at('rotate'),
    `only progressive 4:2:0 or 4:2:2 video is rotated; this is ${track.scan} ${track.chroma}`,
  );
}

/** Of tracks without one picture: the job is refused for that, and may have other mistakes. */
const unknownRate = rational(25);
const unknownSize: Size = { widthPx: 1920, heightPx: 1080 };

function rotateSize(track: VideoTrackFacts, rotation: 0 | 90 | 180 | 270): Size {
  const isSized = track.widthPx > 0 && track.heightPx > 0;
  const { widthPx, heightPx } = isSized ? track : unknownSize;
  return rotation === 90 || rotation === 270
    ? { widthPx: heightPx, heightPx: widthPx }
    : { widthPx, heightPx };
}

function rotationSteps(rotation: 0 | 90 | 180 | 270): readonly FilterStep[] {
  switch (rotation) {
    case 0:
      return [];
    case 90:
      return [{ name: 'transpose', options: { dir: 'clock' } }];
    case 180:
      return [
        { name: 'hflip', options: {} },
        { name: 'vflip', options: {} },
      ];
    case 270:
      return [{ name: 'transpose', options: { dir: 'cclock' } }];
  }
}

/** REMAP_TO_LUMA shows the alpha channel as the picture (spec inputs.md 10). */
function alphaSteps(
  selector: SettingsReader<VideoSelector>,
  track: VideoTrackFacts,
  findings: FindingLog,
): readonly FilterStep[] {
  if (selector.read('alphaBehavior') !== 'REMAP_TO_LUMA') return [];
  if (!track.hasAlpha) {
    findings.incompatible(selector.at('alphaBehavior'), 'the input video has no alpha channel');
    return [];
  }
  return [{ name: 'alphaextract', options: {} }];
}

function validAspect(aspect: Rational): Rational {
  return aspect.num > 0 && aspect.den > 0 ? rational(aspect.num, aspect.den) : rational(1);
}

function invert(aspect: Rational): Rational {
  const valid = validAspect(aspect);
  return rational(valid.den, valid.num);
}
