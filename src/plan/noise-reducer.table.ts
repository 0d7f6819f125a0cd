/** Strengths and speeds of the noise filters in the library's terms (spec video.md 16; amounts are our choice). */
import type { FilterStep } from './plan.ts';

/** Where the job says nothing. */
export const noiseDefaults = { kernelStrength: 1, strength: 4, blurringStrength: 8 };

/** hqdn3d takes 0 for "the default": what is to stay off gets the smallest number that is not 0. */
const off = '0.001';

function hqdn3d(luma: number, chroma: number, temporal: number): FilterStep {
  const number = (value: number): string => (value === 0 ? off : value.toFixed(2));
  return {
    name: 'hqdn3d',
    options: {
      luma_spatial: number(luma),
      chroma_spatial: number(chroma),
      luma_tmp: number(temporal),
      chroma_tmp: number(temporal),
    },
  };
}

/**
 * The spatial filters are measured on noise of a standard deviation of 5.5 (of 255), which strengths 1, 4, 8 and 16 bring to
 * about 5.2, 4.5, 3.4 and 1.7 at every speed: the filters have thresholds of their own, below which they do nothing.
 */
const spatialLuma = (strength: number): number => 2.5 + 0.75 * strength;

/** `speed` of the spatial filter, −2 (best) to 3 (fastest), 0 nominal: strength 0–16 → filter. Faster ones clean less chroma. */
export const spatialSpeeds = {
  [-2]: (strength: number): FilterStep => ({
    name: 'fftdnoiz',
    options: { sigma: (0.3 * strength).toFixed(2), overlap: '0.8' },
  }),
  [-1]: (strength: number): FilterStep => ({
    name: 'vaguedenoiser',
    options: { threshold: (1 + 0.6 * strength).toFixed(2), nsteps: '6' },
  }),
  0: (strength: number): FilterStep => hqdn3d(spatialLuma(strength), 0.75 * spatialLuma(strength), 0),
  1: (strength: number): FilterStep => hqdn3d(spatialLuma(strength), 0.5 * spatialLuma(strength), 0),
  2: (strength: number): FilterStep => hqdn3d(spatialLuma(strength), 0.25 * spatialLuma(strength), 0),
  3: (strength: number): FilterStep => hqdn3d(spatialLuma(strength), 0, 0),
} as const;

/** The most that samples may differ by, in parts of their range: the filter takes no more. */
const mostDifference = 0.3;

/**
 * Samples before and behind are averaged while each differs by less than the first threshold, and all together by less
 * than the second. Two pictures of noise differ by 1.4 of its deviation: thresholds are wide enough for noise of 11 (of
 * 255), which strengths 4, 8 and 16 bring to about 9.3, 5.6 and 3. What differs by more is taken for motion.
 */
function averaged(strength: number, frames: number): FilterStep {
  const difference = Math.min(mostDifference, 0.014 + 0.0125 * strength);
  const [a, b] = [difference.toFixed(4), (4 * difference).toFixed(4)];
  return {
    name: 'atadenoise',
    options: { '0a': a, '0b': b, '1a': a, '1b': b, '2a': a, '2b': b, s: `${frames}`, a: 's' },
  };
}

/** `speed` of the temporal filter, −1 (best) to 3 (fastest): strength → filter. */
export const temporalSpeeds = {
  [-1]: (strength: number): FilterStep => averaged(strength, 13),
  0: (strength: number): FilterStep => averaged(strength, 9),
  1: (strength: number): FilterStep => averaged(strength, 7),
  2: (strength: number): FilterStep => averaged(strength, 5),
  3: (strength: number): FilterStep => hqdn3d(0, 0, 8 + 1.5 * strength),
} as const;

/**
 * Unsharp amounts after temporal filtering. At the strengths that AUTO sharpens they leave less noise than the source had,
 * up to noise of a deviation of 16 (of 255).
 */
export const postTemporalSharpening = { LOW: 0.1, MEDIUM: 0.2, HIGH: 0.3 } as const;

/** Bandwidth reduction filter: strength of its cleaning within pictures and between them; AUTO is MEDIUM. */
export const bandwidthReductions = {
  OFF: null,
  LOW: hqdn3d(3, 2.25, 4),
  MEDIUM: hqdn3d(4, 3, 6),
  HIGH: hqdn3d(5.5, 4, 8),
  AUTO: hqdn3d(4, 3, 6),
} as const;

/** Sharpening behind the bandwidth reduction filter. */
export const sharpeningAmounts = { OFF: 0, LOW: 0.2, MEDIUM: 0.4, HIGH: 0.6 } as const;
