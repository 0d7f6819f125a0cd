/** A video description → a video rendition (spec video.md 1–3, 14): size, rate, colour, codec, filters. */

import type { VideoCodecSettings, VideoDescription } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import { readActiveFormat } from './active-format.ts';
import type { ColorDescription } from './color.ts';
import { rangeSteps } from './color-conversion.ts';
import { type ColorCorrection, planColorCorrector } from './color-corrector.ts';
import type { ColorLut } from './color-luts.ts';
import { readDeinterlacer } from './deinterlacer.ts';
import { type ControlledDuration, readDurationControl } from './duration-control.ts';
import { keepFields } from './field-steps.ts';
import type { FindingLog } from './finding-log.ts';
import { conversionSteps, type FrameRateChoice, type RateConversion } from './frame-rate.ts';
import { pixelAspectStep } from './geometry.ts';
import type { Gop, SegmentRule } from './gop.ts';
import { refuseBesideNoiseReducer } from './noise-reducer.ts';
import { type OriginalVideo, planPassthrough } from './passthrough.ts';
import type { PicturePreparation, StreamData } from './picture-plan.ts';
import type { FilterStep, VideoRendition } from './plan.ts';
import type { RoomPlace } from './rate-room.ts';
import type { SettingsReader } from './settings-reader.ts';
import { checkStreamAspect, formatAspect } from './stream-aspect.ts';
import { type OutputTimecodes, readTimecodes, type StartTimecode } from './timecode-carriers.ts';
import { planCapture } from './video-capture.ts';
import { planPreparation } from './video-cleaning.ts';
import type { EncodedFrame, SharedVideoSettings } from './video-codec-settings.ts';
import { type StreamCodec, timingReader, videoCodecs } from './video-codecs.ts';
import type { EncodedVideo, VideoPlace } from './video-encode.ts';
import { declareVideoExtras } from './video-extras.ts';
import { blankSteps, formatStep, type Picture, readPicture, readPixelAspect } from './video-picture.ts';
import type { VideoSource } from './video-source.ts';
import { readTiming, type VideoTiming } from './video-timing.ts';

/** What surrounds a video description. */
export interface VideoSurroundings {
  readonly ordinal: number;
  readonly container: VideoPlace['container'];
  readonly segment: SegmentRule | null;
  /** Expected length of the output in microseconds; null: unknown. */
  readonly durationUs: number | null;
  readonly startTimecode: StartTimecode;
  /** Tables that take the place of colour conversions. */
  readonly luts: readonly ColorLut[];
  /** The input as it is, for pictures that pass through; absent: another input is planned. */
  readonly original?: OriginalVideo;
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
  /** Those of further inputs, by their index: fields, and film played as PAL, are decided input by input. */
  readonly otherRates?: ReadonlyMap<number, FrameRateChoice>;
  /** The rendition's own, again: what needs the pictures as they come keeps the shared prefix from converting. */
  readonly preparation: PicturePreparation | null;
  readonly isFrameCapture: boolean;
  readonly nominalBitrateBps: number;
  readonly codingFramesHeld: number;
  /** What needs room beside the encode; absent: nothing is encoded as a stream of pictures. */
  readonly room?: RoomPlace;
  /** Groups of pictures of an encode; null: copied packets and single pictures have none. */
  readonly gop: Gop | null;
  /** The colour corrector converts, each input from its own colours; absent: it does not, or there is one input. */
  readonly convertsColors?: boolean;
  /** The pictures of the source come with two fields and keep them; absent: they do not. */
  readonly keepsFields?: true;
  /** The same of further inputs, by their index. */
  readonly fieldInputs?: ReadonlySet<number>;
  /** Speed against the source (slow PAL, `durationControl`), which the sound of the output follows; null: the same. */
  readonly speed: Rational | null;
  /** From a graphic in full-range RGB to pictures of the encode; absent: packets are copied. */
  readonly blankSteps?: readonly FilterStep[];
  /** The output lasts whole seconds, and its sound with it; absent: as long as the source. */
  readonly control?: ControlledDuration;
}

/** Plans one video description; null, with findings, when it cannot be. */
export function planVideoDescription(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  surroundings: VideoSurroundings,
  findings: FindingLog,
): VideoDraft | null {
  const codecSettings = settings.child('codecSettings');
  const codec = readCodec(codecSettings);
  declareVideoExtras(settings, findings);
  if (codec === null) return null;
  if (codec === 'PASSTHROUGH') return planPassthrough(settings, source, surroundings, findings);
  if (codec === 'FRAME_CAPTURE') return planCapture(settings, source, surroundings, findings);
  return planStream(settings, codec, source, surroundings, findings);
}

/** Everything that is decided of a description, in the order in which one thing follows from another. */
function planStream(
  settings: SettingsReader<VideoDescription>,
  codec: StreamCodec,
  source: VideoSource,
  surroundings: VideoSurroundings,
  findings: FindingLog,
): VideoDraft | null {
  const codecSettings = settings.child('codecSettings');
  const known = videoCodecs[codec];
  const block = codecSettings.child(known.block) as unknown as SettingsReader<SharedVideoSettings>;
  const preprocessors = settings.child('videoPreprocessors');
  const deinterlacer = readDeinterlacer(preprocessors, source);
  const timing = readTiming(timingReader(codec, codecSettings), source, deinterlacer !== null, findings);
  const aspect =
    surroundings.frame?.sampleAspectRatio ??
    readPixelAspect(block, source, formatAspect(codecSettings, settings.read('width')));
  const { keepsFields } = timing;
  const rule = {
    aspect,
    keepsFields,
    largest: known.largest,
    ordinal: surroundings.ordinal,
    frame: surroundings.frame,
  };
  const picture = readPicture(settings, source, rule, findings);
  const frame: EncodedFrame = {
    ...picture.geometry,
    frameRate: timing.frameRate,
    scan: timing.scan,
    ...(timing.pulldown === undefined ? {} : { pulldown: timing.pulldown }),
    ordinal: surroundings.ordinal,
  };
  if (surroundings.frame === undefined) checkStreamAspect(codec, block, aspect, frame, findings);
  const corrected = planColorCorrector(
    preprocessors.child('colorCorrector'),
    { ...source, heightPx: frame.heightPx, luts: surroundings.luts },
    findings,
  );
  const correction = known.isLimited ? inLimitedRange(corrected) : corrected;
  const timecodes = readTimecodes(
    settings,
    codec,
    surroundings.container,
    {
      frameRate: rational(frame.frameRate.num, frame.frameRate.den),
      followedRate: source.followedRate,
      widthPx: frame.widthPx,
    },
    surroundings.startTimecode,
    findings,
  );
  const isTold = settings.read('colorMetadata') !== 'IGNORE';
  const place = readPlace(settings, surroundings, source, correction, timecodes, isTold);
  const encoded = known.plan(block, frame, place, surroundings.segment, findings);
  if (encoded !== null) {
    checkFieldHeight(settings, frame, encoded.pixelFormat, findings);
    checkHdrDepth(settings, correction.color, encoded.pixelFormat, findings);
  }
  const activeFormat = readActiveFormat(settings, codec, findings);
  const isSlowed = timing.speed !== null;
  const rate = { frameRate: rational(frame.frameRate.num, frame.frameRate.den), isSlowed };
  const control = readDurationControl(settings, rate, surroundings, findings);
  refuseBesideNoiseReducer(preprocessors.child('noiseReducer'), codec, block, findings);
  const preparation = planPreparation(
    preprocessors,
    deinterlacer,
    source,
    { ...timing, frameRate: timing.choice.frameRate },
    encoded?.cleaning ?? [],
    findings,
  );
  if (encoded === null) return null;
  return draft(settings, codec, source, surroundings, {
    picture,
    timing,
    aspect,
    encoded,
    correction,
    color: isTold ? correction.color : null,
    preparation,
    timecodes,
    activeFormat,
    control,
  });
}

/** Decoders take samples for limited where the stream says nothing of their range. */
function inLimitedRange(correction: ColorCorrection): ColorCorrection {
  if (correction.color.range !== 'full') return correction;
  const color = { ...correction.color, range: 'limited' } as const;
  const squeeze = rangeSteps('full', 'limited');
  const { steps, graphicSteps } = correction;
  return { ...correction, color, steps: [...steps, ...squeeze], graphicSteps: [...graphicSteps, ...squeeze] };
}

interface DraftParts {
  readonly picture: Picture;
  readonly timing: VideoTiming;
  readonly aspect: Rational;
  readonly encoded: EncodedVideo;
  readonly correction: ColorCorrection;
  readonly color: ColorDescription | null;
  readonly preparation: PicturePreparation | null;
  readonly timecodes: OutputTimecodes;
  readonly activeFormat: StreamData['activeFormat'];
  readonly control: ControlledDuration | null;
}

function draft(
  settings: SettingsReader<VideoDescription>,
  codec: StreamCodec,
  source: VideoSource,
  surroundings: VideoSurroundings,
  parts: DraftParts,
): VideoDraft {
  const { picture, timing, aspect, encoded, correction, color, preparation, timecodes, control } = parts;
  const speed = timing.speed ?? control?.speed ?? null;
  const filters = [
    ...picture.filters,
    ...correction.steps,
    ...timing.finalSteps,
    pixelAspectStep(aspect),
    ...encoded.finishing,
    formatStep(encoded.pixelFormat),
    ...correction.finalSteps,
    ...(control?.steps ?? []),
  ];
  return {
    rate: timing.choice,
    preparation,
    isFrameCapture: false,
    nominalBitrateBps: encoded.nominalBitrateBps,
    codingFramesHeld: encoded.codingFramesHeld,
    room: { containers: new Set([surroundings.container]), uncounted: encoded.uncounted },
    ...(timing.keepsFields ? { keepsFields: true } : {}),
    gop: encoded.gop,
    speed,
    ...(control === null ? {} : { control }),
    blankSteps: blankSteps(correction, encoded.pixelFormat),
    rendition: {
      id: '',
      pointer: settings.pointer,
      ordinal: surroundings.ordinal,
      inputIndex: 0,
      preparation,
      filters: keepFields(filters, { hasFields: timing.keepsFields, track: source.track }),
      widthPx: picture.geometry.widthPx,
      heightPx: encoded.codedHeightPx ?? picture.geometry.heightPx,
      frameRate: timing.frameRate,
      ...(speed === null ? {} : { speed }),
      ...(timing.choice.conversion === 'relabel' && timing.speed === null ? { keepsFrameCount: true } : {}),
      sampleAspectRatio: aspect,
      pixelFormat: encoded.pixelFormat,
      scan: timing.scan,
      encoder: { ...encoded.encoder, color },
      burnIn: timecodes.burnIn,
      streamData: readStreamData(codec, parts),
      hdr: color === null ? null : correction.hdr,
      frameMetrics: encoded.frameMetrics,
      qualityScale: encoded.qualityScale,
      forcedKeyFrameSeconds: encoded.gop.forcedKeyFrameSeconds,
      ...(encoded.sceneChanges === undefined ? {} : { sceneChanges: encoded.sceneChanges }),
      dropCaptions: source.track.hasEmbeddedCaptions,
      frameLimit: control?.frames ?? null,
    },
  };
}

/** Timecodes inside of H.264 and H.265; other codecs keep them in their own header or in the container. */
function readStreamData(
  codec: StreamCodec,
  { timecodes, encoded, activeFormat }: DraftParts,
): StreamData | null {
  const inSei = codec === 'H_264' || codec === 'H_265';
  const data: StreamData = {
    timecode: inSei ? timecodes.inserted : null,
    unregisteredTimecode: encoded.hasUnregisteredTimecode ? timecodes.start() : null,
    activeFormat,
    repeatsPictureParameters: encoded.repeatsPictureParameters,
    ...encoded.marks,
  };
  const isEmpty =
    encoded.marks === undefined &&
    data.timecode === null &&
    data.unregisteredTimecode === null &&
    data.activeFormat === null &&
    !data.repeatsPictureParameters;
  return isEmpty ? null : data;
}

/** The two fields of a 4:2:0 picture need whole chroma lines each (spec video.md 1); 486 lines of 4:2:2 are twice 243. */
function checkFieldHeight(
  settings: SettingsReader<VideoDescription>,
  frame: EncodedFrame,
  pixelFormat: string,
  findings: FindingLog,
): void {
  if (frame.scan === 'progressive' || frame.heightPx % 4 === 0 || !pixelFormat.includes('420')) return;
  findings.incompatible(
    settings.pointer,
    `an interlaced picture of ${frame.heightPx} lines cannot be halved into fields: with 4:2:0 its height must be a multiple of 4`,
  );
}

/** High dynamic range takes ten bits (spec video.md 6, V-24): a job that asks for it says so, an input may merely have it. */
function checkHdrDepth(
  settings: SettingsReader<VideoDescription>,
  { transfer }: ColorDescription,
  pixelFormat: string,
  findings: FindingLog,
): void {
  const isHdr = transfer === 'smpte2084' || transfer === 'arib-std-b67';
  if (!isHdr || /1[0-9]le$/.test(pixelFormat)) return;
  const corrector = settings.child('videoPreprocessors').child('colorCorrector');
  const conversion = corrector.read('colorSpaceConversion') ?? 'NONE';
  if (conversion !== 'NONE')
    findings.incompatible(
      corrector.at('colorSpaceConversion'),
      `${conversion} needs a codec profile of ten bits, and the pictures have eight`,
    );
  else
    findings.notice(
      'substituted',
      settings.child('codecSettings').pointer,
      'the high dynamic range of the input is written in eight bits, where it shows bands: choose a profile of ten, or FORCE_709',
    );
}

const madeBetween: readonly RateConversion[] = ['blend', 'motion'];

/** Puts the rate conversion in front of a branch whose shared prefix delivers `sharedRate`. */
export function withRateConversion(video: VideoDraft, sharedRate: Rational): VideoRendition {
  // Frame capture begins with its own selection of frames, which reads any rate; copies have no branch.
  if (video.isFrameCapture || video.rendition.encoder.encoder === 'copy') return video.rendition;
  const from = video.preparation?.frameRate ?? sharedRate;
  const steps = conversionSteps(from, video.rate);
  // Blending tells a wrong end, behind which nothing is filled: its pictures are counted anew.
  const counted =
    video.control !== undefined && video.rate.conversion === 'blend'
      ? conversionSteps(from, { ...video.rate, conversion: 'relabel' })
      : [];
  return steps.length === 0
    ? video.rendition
    : {
        ...video.rendition,
        filters: [...steps, ...counted, ...video.rendition.filters],
        // The search for motion is given pictures behind the last, and both ways of making pictures between others give
        // one for every instant at which the last is shown, however short: repeated ones are as many as its length makes.
        // Where the job brings the output to whole seconds, it has its number of pictures from there.
        ...(madeBetween.includes(video.rate.conversion) && video.control === undefined
          ? { endsWithSource: true }
          : {}),
      };
}

function readCodec(
  codecSettings: SettingsReader<VideoCodecSettings>,
): StreamCodec | 'FRAME_CAPTURE' | 'PASSTHROUGH' | null {
  const codec = codecSettings.require('codec');
  if (codec !== 'PASSTHROUGH') codecSettings.withoutEffect('passthroughSettings', `the codec is ${codec}`);
  return codec;
}

function readPlace(
  settings: SettingsReader<VideoDescription>,
  surroundings: VideoSurroundings,
  source: VideoSource,
  correction: ColorCorrection,
  timecodes: OutputTimecodes,
  isTold: boolean,
): VideoPlace {
  const position = settings.read('chromaPositionMode') ?? 'AUTO';
  const chromaLocation = position === 'AUTO' ? null : position === 'FORCE_CENTER' ? 'center' : 'top-left';
  return {
    container: surroundings.container,
    chromaLocation,
    transfer: isTold ? correction.color.transfer : null,
    hdr: isTold ? correction.hdr : null,
    sourceChroma: source.track.chroma,
    clipSeconds: surroundings.durationUs === null ? null : surroundings.durationUs / 1_000_000,
    timecode: timecodes.inserted?.timecode ?? null,
  };
}
