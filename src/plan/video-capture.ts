/** Frame capture: a video description → numbered pictures (spec video.md 14). */
import type { VideoDescription } from '../contract/types.generated.ts';
import { rational, rationalToNumber } from '../exact-time.ts';
import { readActiveFormat } from './active-format.ts';
import { planColorCorrector } from './color-corrector.ts';
import { type DeinterlacerChoice, defaultDeinterlacer, readDeinterlacer } from './deinterlacer.ts';
import { plainPictures } from './encoder-plan.ts';
import type { FindingLog } from './finding-log.ts';
import { planFrameCapture } from './frame-capture.ts';
import { pixelAspectStep, type Size } from './geometry.ts';
import type { SettingsReader } from './settings-reader.ts';
import { readTimecodes } from './timecode-carriers.ts';
import { planPreparation } from './video-cleaning.ts';
import { blankSteps, formatStep, readPicture } from './video-picture.ts';
import type { VideoDraft, VideoSurroundings } from './video-rendition.ts';
import type { VideoSource } from './video-source.ts';

/** Rate of sources that tell none. */
const standInRate = rational(25);

/** Plans the pictures of one description. */
export function planCapture(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  surroundings: VideoSurroundings,
  findings: FindingLog,
): VideoDraft {
  const square = rational(1);
  settings.withoutEffect('colorMetadata', 'pictures carry no video colour metadata', ['INSERT']);
  settings.withoutEffect('chromaPositionMode', 'pictures carry no chroma position', ['AUTO']);
  const frameRate = source.followedRate ?? standInRate;
  const capture = planFrameCapture(settings.child('codecSettings').child('frameCaptureSettings'), frameRate);
  const preprocessors = settings.child('videoPreprocessors');
  const deinterlacer =
    readDeinterlacer(preprocessors, source) ?? chooseDeinterlacer(settings, source, findings);
  const rule = {
    aspect: square,
    keepsFields: false,
    largest: null,
    ordinal: surroundings.ordinal,
    frame: surroundings.frame ?? shownFrame(settings, source),
  };
  const picture = readPicture(settings, source, rule, findings);
  const correction = planColorCorrector(
    preprocessors.child('colorCorrector'),
    {
      color: source.color,
      hdr: null,
      givenLuminance: source.givenLuminance,
      heightPx: picture.geometry.heightPx,
      luts: surroundings.luts,
    },
    findings,
  );
  const { widthPx } = picture.geometry;
  const timed = { frameRate: capture.frameRate, followedRate: source.followedRate, widthPx };
  const timecodes = readTimecodes(
    settings,
    'FRAME_CAPTURE',
    surroundings.container,
    timed,
    surroundings.startTimecode,
    findings,
  );
  readActiveFormat(settings, 'FRAME_CAPTURE', findings);
  const cleaning = { frameRate, separatesFields: false, keepsFields: false };
  const preparation = planPreparation(preprocessors, deinterlacer, source, cleaning, [], findings);
  return {
    rate: { frameRate: capture.frameRate, conversion: 'repeat' },
    preparation,
    isFrameCapture: true,
    nominalBitrateBps: 0,
    codingFramesHeld: 2,
    gop: null,
    speed: null,
    blankSteps: blankSteps(correction, 'yuvj420p'),
    rendition: {
      ...plainPictures,
      id: '',
      pointer: settings.pointer,
      ordinal: surroundings.ordinal,
      inputIndex: 0,
      preparation,
      filters: [
        ...capture.steps,
        ...picture.filters,
        ...correction.steps,
        pixelAspectStep(square),
        formatStep('yuvj420p'),
      ],
      widthPx: picture.geometry.widthPx,
      heightPx: picture.geometry.heightPx,
      frameRate: capture.frameRate,
      sampleAspectRatio: square,
      pixelFormat: 'yuvj420p',
      encoder: capture.encoder,
      burnIn: timecodes.burnIn,
      forcedKeyFrameSeconds: null,
      dropCaptions: source.track.hasEmbeddedCaptions,
      frameLimit: capture.frameLimit,
    },
  };
}

/** As wide as the picture is shown, where the job names no size: captured pictures have square samples. */
function shownFrame(
  settings: SettingsReader<VideoDescription>,
  { widthPx, heightPx, sampleAspectRatio }: VideoSource,
): Size | undefined {
  const isShaped = (['width', 'height', 'crop'] as const).some((member) => settings.has(member));
  const shape = rationalToNumber(sampleAspectRatio);
  if (isShaped || shape === 1) return undefined;
  return { widthPx: 2 * Math.round((widthPx * shape) / 2), heightPx };
}

/** Combs are for screens that show fields (no word of the service's guide on captures of interlaced inputs; our choice). */
function chooseDeinterlacer(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  findings: FindingLog,
): DeinterlacerChoice | null {
  const choice = defaultDeinterlacer(source);
  if (choice !== null)
    findings.notice(
      'substituted',
      settings.at('videoPreprocessors'),
      'the pictures of an interlaced input are deinterlaced, as a captured picture shows one instant: deinterlacer says how',
    );
  return choice;
}
