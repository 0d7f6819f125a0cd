/** Settings of picture coding that H.264 and H.265 share (spec video.md 4, 6): B-frames, references, quantization. */
import type { FindingLog } from './finding-log.ts';
import { planBandwidthReduction } from './noise-reducer.ts';
import type { FilterStep } from './plan.ts';
import { type QualityPreset, quantizationStrengths } from './quality.table.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame, SharedVideoSettings } from './video-codec-settings.ts';

/** How pictures are coded, in no encoder's own terms. */
export interface PictureCoding {
  readonly qualityTuningLevel: 'SINGLE_PASS' | 'SINGLE_PASS_HQ' | 'MULTI_PASS_HQ';
  readonly bFrames: number;
  readonly usesBReferences: boolean;
  /** The encoder places B-frames itself, up to `bFrames`; null: as the tuning level has it. */
  readonly placesBFrames: boolean | null;
  /** null: the preset's. */
  readonly references: number | null;
  readonly detectsSceneChanges: boolean;
  /** null: the encoder's choice. */
  readonly slices: number | null;
  readonly quantization: Quantization;
  readonly endOfStreamMarkers: boolean;
  readonly cleaning: readonly FilterStep[];
  readonly hasUnregisteredTimecode: boolean;
}

/** Distribution of bits inside a picture and over time. */
export interface Quantization {
  /** 0 off, 1 by variance, 2 by variance with automatic strength. */
  readonly mode: 0 | 1 | 2;
  readonly strength: number;
  readonly isTemporal: boolean;
  readonly reducesFlicker: boolean;
}

/** B-frames where the job leaves the number open (spec video.md 4, `numberBFramesBetweenReferenceFrames`). */
const automaticBFrames = 3;

/** Reads everything of a codec block that is neither rate nor group of pictures nor frame rate. */
export function readPictureCoding(
  settings: SettingsReader<SharedVideoSettings>,
  frame: EncodedFrame,
  defaults: {
    readonly qualityTuningLevel: PictureCoding['qualityTuningLevel'];
    readonly blockPx: 16 | 64;
    /** The kinds of adaptive quantization count with AUTO as well (H.265, spec video.md 6). */
    readonly areKindsIndependent: boolean;
  },
  findings: FindingLog,
): PictureCoding {
  const slices = settings.read('slices') ?? null;
  // A slice of a coded frame with fields takes rows in pairs (rule V-12).
  const pairs = frame.scan === 'progressive' ? 1 : 2;
  const rows = Math.ceil(frame.heightPx / defaults.blockPx / pairs);
  if (slices !== null && slices > rows) {
    findings.incompatible(
      settings.at('slices'),
      `a picture of ${frame.heightPx} lines has ${rows} rows of blocks`,
    );
  }
  const bFrames = settings.read('numberBFramesBetweenReferenceFrames') ?? automaticBFrames;
  const gopBReference = settings.read('gopBReference') ?? 'ENABLED';
  const dynamicSubGop = settings.read('dynamicSubGop') ?? null;
  return {
    qualityTuningLevel: settings.read('qualityTuningLevel') ?? defaults.qualityTuningLevel,
    bFrames,
    usesBReferences: gopBReference === 'ENABLED',
    placesBFrames: dynamicSubGop === null ? null : dynamicSubGop === 'ADAPTIVE',
    references: settings.read('numberReferenceFrames') ?? null,
    // TRANSITION_DETECTION is scene change detection that helps QVBR only (spec video.md 4): treated as ENABLED.
    detectsSceneChanges: settings.read('sceneChangeDetect') !== 'DISABLED',
    slices,
    quantization: readQuantization(settings, defaults.areKindsIndependent),
    endOfStreamMarkers: settings.read('endOfStreamMarkers') !== 'SUPPRESS',
    cleaning: planBandwidthReduction(settings.child('bandwidthReductionFilter')),
    hasUnregisteredTimecode: settings.read('unregisteredSeiTimecode') === 'ENABLED',
  };
}

/**
 * The `b-adapt` of x264 and x265: the tuning level's, unless the job has `dynamicSubGop` (spec video.md 4, where absent is
 * ADAPTIVE: x265Presets says why it differs).
 */
export function bFramePlacement({ bAdapt }: QualityPreset, placesBFrames: boolean | null): string {
  if (placesBFrames === null) return `${bAdapt}`;
  return placesBFrames ? `${Math.max(1, bAdapt)}` : '0';
}

/** Reads the kinds of adaptive quantization; with AUTO they are the transcoder's choice, except where they are independent of it. */
export function readQuantization(
  settings: SettingsReader<SharedVideoSettings>,
  areKindsIndependent = false,
): Quantization {
  const kind = settings.read('adaptiveQuantization') ?? 'AUTO';
  if (kind === 'AUTO' && !areKindsIndependent) {
    const reason = 'adaptiveQuantization is AUTO: the kinds are chosen by the transcoder';
    settings.withoutEffect('spatialAdaptiveQuantization', reason, ['ENABLED']);
    settings.withoutEffect('temporalAdaptiveQuantization', reason, ['ENABLED']);
    settings.withoutEffect('flickerAdaptiveQuantization', reason, ['DISABLED']);
    return { mode: 2, strength: quantizationStrengths.AUTO, isTemporal: true, reducesFlicker: false };
  }
  const isSpatial = settings.read('spatialAdaptiveQuantization') !== 'DISABLED';
  return {
    mode: kind === 'OFF' || !isSpatial ? 0 : kind === 'AUTO' ? 2 : 1,
    strength: kind === 'OFF' ? 1 : quantizationStrengths[kind],
    isTemporal: settings.read('temporalAdaptiveQuantization') !== 'DISABLED',
    reducesFlicker: settings.read('flickerAdaptiveQuantization') === 'ENABLED',
  };
}
