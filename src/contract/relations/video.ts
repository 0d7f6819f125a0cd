/** Rules inside video codec blocks and a video description (spec video.md 1, 3, 16, 17). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { ColorCorrector, DurationControl, VideoDescription } from '../types.generated.ts';
import { refuse, refuseDependency, refuseMissing, refuseValue, type StructureRules } from './rule.ts';
import { hdrTargets, tenBitH264Profiles, tenBitH265Profiles } from './video.table.ts';
import { optimizedFields, slowPalRate, telecineRate, xavcTelecine } from './video-time.ts';

const interlaceable = [specifiedFrameRate, slowPalRate, telecineRate, optimizedFields];
const groupsOfPictures = [...interlaceable, specifiedPixelAspect, wholeGop];

/** Video rules other than rate control and levels. */
export const videoRules: StructureRules = {
  Av1Settings: [specifiedFrameRate],
  AvcIntraSettings: interlaceable,
  GifSettings: [specifiedFrameRate],
  H264Settings: groupsOfPictures,
  H265Settings: groupsOfPictures,
  Mpeg2Settings: groupsOfPictures,
  ProresSettings: [...interlaceable, specifiedPixelAspect],
  UncompressedSettings: interlaceable,
  Vc3Settings: interlaceable,
  Vp8Settings: [specifiedFrameRate, specifiedPixelAspect],
  Vp9Settings: [specifiedFrameRate, specifiedPixelAspect],
  XavcSettings: [specifiedFrameRate, slowPalRate, xavcTelecine],
  VideoDescription: [afd, exclusiveNoiseReduction, tenBitForHdr],
  ColorCorrector: [clipLimits, hdr10LightLevels],
  DurationControl: [compressionRatio],
};

/** The model says that both are required. */
function compressionRatio(settings: DurationControl, pointer: string): ErrorFinding[] {
  return (
    ['integerDurationMaximumCompressionNumerator', 'integerDurationMaximumCompressionDenominator'] as const
  ).flatMap((name) =>
    settings[name] === undefined
      ? [
          refuseMissing(
            pointer,
            name,
            'Give the largest share by which the output may be compressed; 0 of 1 for none.',
          ),
        ]
      : [],
  );
}

interface FrameRateSettings {
  readonly framerateControl?: string | undefined;
  readonly framerateNumerator?: number | undefined;
  readonly framerateDenominator?: number | undefined;
}

function specifiedFrameRate(settings: FrameRateSettings, pointer: string): ErrorFinding[] {
  if (settings.framerateControl !== 'SPECIFIED') return [];
  return (['framerateNumerator', 'framerateDenominator'] as const)
    .filter((name) => settings[name] === undefined)
    .map((name) =>
      refuseMissing(pointer, name, `Add ${name}, or set framerateControl to INITIALIZE_FROM_SOURCE.`),
    );
}

interface PixelAspectSettings {
  readonly parControl?: string | undefined;
  readonly parNumerator?: number | undefined;
  readonly parDenominator?: number | undefined;
}

function specifiedPixelAspect(settings: PixelAspectSettings, pointer: string): ErrorFinding[] {
  if (settings.parControl !== 'SPECIFIED') return [];
  return (['parNumerator', 'parDenominator'] as const)
    .filter((name) => settings[name] === undefined)
    .map((name) => refuseMissing(pointer, name, `Add ${name}, or set parControl to INITIALIZE_FROM_SOURCE.`));
}

interface GopSettings {
  readonly gopSize?: number | undefined;
  readonly gopSizeUnits?: string | undefined;
}

/** V-15. Zero counts as not given: documents exported from the console write it beside AUTO. */
function wholeGop({ gopSize, gopSizeUnits }: GopSettings, pointer: string): ErrorFinding[] {
  if (gopSizeUnits !== 'FRAMES' || gopSize === undefined || gopSize === 0 || Number.isInteger(gopSize))
    return [];
  const remedy = 'Give a whole number of frames, or set gopSizeUnits to SECONDS.';
  return [refuse(`${pointer}/gopSize`, 'Should be a multiple of 1', remedy, 'a whole number of frames')];
}

function afd(video: VideoDescription, pointer: string): ErrorFinding[] {
  if (video.afdSignaling === 'FIXED' && video.fixedAfd === undefined) {
    return [refuseMissing(pointer, 'fixedAfd', 'Add the four-bit AFD value, or set afdSignaling to AUTO.')];
  }
  if (video.respondToAfd === 'PASSTHROUGH' && (video.afdSignaling ?? 'NONE') === 'NONE') {
    return [
      refuseValue(
        `${pointer}/afdSignaling`,
        ['AUTO', 'FIXED'],
        'respondToAfd PASSTHROUGH needs afdSignaling AUTO or FIXED.',
      ),
    ];
  }
  return [];
}

/** V-09, V-22: settings that clean the picture twice. */
function exclusiveNoiseReduction(video: VideoDescription, pointer: string): ErrorFinding[] {
  const { codecSettings, videoPreprocessors } = video;
  if (videoPreprocessors?.noiseReducer === undefined) return [];
  const findings: ErrorFinding[] = [];
  for (const block of ['h264Settings', 'h265Settings'] as const) {
    if (codecSettings?.[block]?.bandwidthReductionFilter !== undefined) {
      findings.push(
        excludesNoiseReducer(`${pointer}/codecSettings/${block}/bandwidthReductionFilter`, pointer),
      );
    }
  }
  if (codecSettings?.av1Settings?.filmGrainSynthesis === 'ENABLED') {
    findings.push(excludesNoiseReducer(`${pointer}/codecSettings/av1Settings/filmGrainSynthesis`, pointer));
  }
  return findings;
}

function excludesNoiseReducer(settingPointer: string, videoPointer: string): ErrorFinding {
  const name = settingPointer.split('/').at(-1) ?? '';
  const clause = `${videoPointer}/videoPreprocessors/noiseReducer: Should not be specified together with ${name}`;
  return refuseDependency(settingPointer, [clause], `Remove noiseReducer or ${name}.`);
}

/** V-24, second part: high dynamic range needs ten bits. */
function tenBitForHdr(video: VideoDescription, pointer: string): ErrorFinding[] {
  const target = video.videoPreprocessors?.colorCorrector?.colorSpaceConversion;
  const { codec, h264Settings, h265Settings, av1Settings } = video.codecSettings ?? {};
  if (target === undefined || !hdrTargets.includes(target)) return [];
  const remedy = `${target} needs a 10-bit encode.`;
  const at = `${pointer}/codecSettings`;
  if (codec === 'H_264' && !tenBitH264Profiles.includes(h264Settings?.codecProfile ?? '')) {
    return [refuseValue(`${at}/h264Settings/codecProfile`, tenBitH264Profiles, remedy)];
  }
  if (codec === 'H_265' && !tenBitH265Profiles.includes(h265Settings?.codecProfile ?? '')) {
    return [refuseValue(`${at}/h265Settings/codecProfile`, tenBitH265Profiles, remedy)];
  }
  if (codec === 'AV1' && av1Settings?.bitDepth !== 'BIT_10')
    return [refuseValue(`${at}/av1Settings/bitDepth`, ['BIT_10'], remedy)];
  return [];
}

function clipLimits(corrector: ColorCorrector, pointer: string): ErrorFinding[] {
  if (corrector.clipLimits === undefined || corrector.sampleRangeConversion === 'LIMITED_RANGE_CLIP')
    return [];
  const clause = `${pointer}/sampleRangeConversion: Must be LIMITED_RANGE_CLIP`;
  return [
    refuseDependency(
      `${pointer}/clipLimits`,
      [clause],
      'Set sampleRangeConversion to LIMITED_RANGE_CLIP, or remove clipLimits.',
    ),
  ];
}

/** The two light levels inside are required by the model; here the object that holds them. */
function hdr10LightLevels(corrector: ColorCorrector, pointer: string): ErrorFinding[] {
  if (corrector.colorSpaceConversion !== 'FORCE_HDR10' || corrector.hdr10Metadata !== undefined) return [];
  const remedy = 'FORCE_HDR10 needs hdr10Metadata with maxContentLightLevel and maxFrameAverageLightLevel.';
  return [refuseMissing(pointer, 'hdr10Metadata', remedy)];
}
