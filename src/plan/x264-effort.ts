/** What a tuning level asks of x264, whichever codec its stream is: H.264 and XAVC. */
import type { H264QualityTuningLevel } from '../contract/types.generated.ts';
import { bFramePlacement } from './picture-coding.ts';
import { x264Partitions, x264PresetLookahead, x264Presets, x264SlowLookahead } from './quality.table.ts';

/** A preset, and what is chosen beside it. */
export interface X264Effort {
  readonly preset: string;
  /** Frames the encoder holds before it decides. */
  readonly lookaheadFrames: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The effort of a tuning level; `placesBFrames` null leaves the placement of B-frames to the level. `standsForTwo`: one pass
 * where the level has two, which has all of its preset for it.
 */
export function x264Effort(
  level: H264QualityTuningLevel,
  placesBFrames: boolean | null = null,
  standsForTwo = false,
): X264Effort {
  const preset = x264Presets[level];
  const bFrames = { 'b-adapt': bFramePlacement(preset, placesBFrames) };
  if (standsForTwo) return { preset: preset.preset, lookaheadFrames: x264SlowLookahead, parameters: bFrames };
  const { lookaheadFrames } = preset;
  return {
    preset: preset.preset,
    lookaheadFrames: lookaheadFrames ?? x264PresetLookahead,
    parameters: {
      ...bFrames,
      partitions: x264Partitions,
      ...(lookaheadFrames === null ? {} : { 'rc-lookahead': `${lookaheadFrames}` }),
    },
  };
}
