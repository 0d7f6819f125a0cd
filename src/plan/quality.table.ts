/** Encoder effort and quality by MediaConvert's names (spec video.md 5: recommended values). */
import type { H264QualityTuningLevel } from '../contract/types.generated.ts';

/** Encoder preset and lookahead of a tuning level; `lookaheadFrames` null keeps the preset's. */
export interface QualityPreset {
  readonly preset: string;
  readonly lookaheadFrames: number | null;
  /**
   * How the encoder places B-frames where the job says nothing: 0 always as many, 1 quickly, 2 by exhaustive search, for
   * which a preset pays a tenth of medium's time.
   */
  readonly bAdapt: 0 | 1 | 2;
}

/**
 * libx264 (spec video.md 5, table of tuning levels; B-frames placed as its presets do). The last ten of slow's 50 frames of
 * lookahead cost 2 % of its CPU time, and no similarity comes of them (bench/quality.ts).
 */
export const x264Presets: Readonly<Record<H264QualityTuningLevel, QualityPreset>> = {
  SINGLE_PASS: { preset: 'veryfast', lookaheadFrames: null, bAdapt: 1 },
  SINGLE_PASS_HQ: { preset: 'medium', lookaheadFrames: 40, bAdapt: 1 },
  MULTI_PASS_HQ: { preset: 'slow', lookaheadFrames: 40, bAdapt: 2 },
};

/** Frames of lookahead of the one preset whose own is kept (x264, veryfast). */
export const x264PresetLookahead = 10;

/**
 * Frames of lookahead of slow. One pass at a constant rate that is held against two of the command has it, and all blocks: ten
 * seconds of cuts came to SSIM +0.0005 with both and to −0.0016 without, in 0.85 and 0.90 of the CPU time.
 */
export const x264SlowLookahead = 50;

/**
 * Blocks that libx264 predicts on their own in H.264 and XAVC outputs. Its presets also split those of B-frames: 5 % of the
 * CPU time (slow, veryfast) to 10 % (medium at 360 lines), for 0.001 of structural similarity at most (bench/quality.ts), or
 * at one quality up to 3 % of the bits of a scroll.
 */
export const x264Partitions = 'p8x8,i8x8,i4x4';

/** Pictures that the presets of libx264 refer to. */
export const x264References: Readonly<Record<H264QualityTuningLevel, number>> = {
  SINGLE_PASS: 1,
  SINGLE_PASS_HQ: 3,
  MULTI_PASS_HQ: 5,
};

/**
 * libx265 (spec video.md 5). Its exhaustive search makes one pass miss its average too: a pan by 13 % instead of 3 %.
 * Its faster presets put B-frames wherever they may: where the job says nothing that is kept, against ADAPTIVE as the model's
 * default, for it saves 2 to 15 % of the time and pictures are no further from the source (bench/README.md). Lookaheads are
 * those of the presets, but of fast's, which is 15: a bounded quality had 0.0012 of SSIM less than the command at one rate with
 * it, and has 0.0005 more (4 seconds, bench/quality.ts).
 */
export const x265Presets = {
  SINGLE_PASS: { preset: 'superfast', lookaheadFrames: 10, bAdapt: 0 },
  SINGLE_PASS_HQ: { preset: 'fast', lookaheadFrames: 25, bAdapt: 0 },
  MULTI_PASS_HQ: { preset: 'slow', lookaheadFrames: 25, bAdapt: 2 },
} as const satisfies Readonly<Record<H264QualityTuningLevel, QualityPreset>>;

/** Constant rate factor of a QVBR level: intercept and slope (spec video.md 5). */
export const qvbrScale = {
  libx264: { atZero: 39.5, perLevel: 2.35 },
  libx265: { atZero: 42.5, perLevel: 2.35 },
  libsvtav1: { atZero: 58, perLevel: 4 },
} as const;

/**
 * With macroblock trees x264 and x265 code at the constant rate factor plus this, and take it back block by block
 * (both: (1 − qcomp) × 13.5 at qcomp 0.6): the quantizers they report lie so much higher.
 */
export const treeQuantizerOffset = 5.4;

/**
 * SVT-AV1 codes its layers finer than its constant rate factor: the quantizers it reports lie so much lower (three clips,
 * levels 5 and 8, 0 to 15 B-frames, all kinds of adaptive quantization: 3.4 to 6.2, of 42 values two thirds 3.6 to 4.6).
 */
export const av1QuantizerOffset = -4.2;

/** QVBR level where the job gives none, by the shorter side of the frame (spec video.md 5, automatic level). */
export function automaticQvbrLevel(shortSidePx: number): number {
  return shortSidePx >= 720 ? 8 : 7;
}

/** x264/x265 strength of adaptive quantization (spec video.md 4). */
export const quantizationStrengths = {
  AUTO: 1.0,
  LOW: 0.5,
  MEDIUM: 0.8,
  HIGH: 1.0,
  HIGHER: 1.3,
  MAX: 1.6,
} as const;

/** SVT-AV1 preset (spec video.md 7). */
export const av1Preset = '8';

/** SVT-AV1 quantization: deltas by complexity; variance boost where more is asked for (spec video.md 7). */
export const av1Quantization = {
  OFF: { mode: '0', boost: null },
  LOW: { mode: '2', boost: null },
  MEDIUM: { mode: '2', boost: '1' },
  HIGH: { mode: '2', boost: '2' },
  HIGHER: { mode: '2', boost: '3' },
  MAX: { mode: '2', boost: '4' },
} as const;

/**
 * libvpx `cpu-used` under deadline good (spec video.md 8). Of VP8, one steered pass at 3 took about as long as two
 * plain ones at 4, with better pictures (six seconds of cuts at their rate: SSIM 0.80 and 0.68).
 */
export const vpxEffort = {
  VP8: { MULTI_PASS: '3', MULTI_PASS_HQ: '1' },
  VP9: { MULTI_PASS: '4', MULTI_PASS_HQ: '1' },
} as const;

/**
 * What the bits are spent for. Tuned for the structure, busy blocks, where errors show less, leave bits to smooth ones: three
 * filmed clips of VP8 in a steered pass against a command in two came to SSIM −0.0034, −0.0028, −0.0017, without it to −0.0038,
 * −0.0047, −0.0020.
 */
export const vp8Tuning = { tune: 'ssim' } as const;

/**
 * The same of VP9 where its pictures get their quantizers: on one clip SSIM was 0.0054 more, on two others no less.
 * Probabilities adapt from frame to frame where decoders are not to begin one before the last is done (`frame-parallel`).
 * Quantizers by the variance of blocks (`aq-mode` 1) cost 0.0003 and 0.0005 on two clips of MULTI_PASS, and gained nothing on others.
 */
export const vp9LookedTuning = { tune: 'ssim', 'frame-parallel': '0' } as const;
