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

/** `speed` of the spatial filter, −2 (best) to 3 (fastest), 0 nominal: strength 0–16 → filter. */
export const spatialSpeeds = {
  [-2]: (strength: number): FilterStep => ({
    name: 'nlmeans',
    options: { s: (0.6 * strength).toFixed(2), p: '7', r: '11' },
  }),
  [-1]: (strength: number): FilterStep => ({
    name: 'vaguedenoiser',
    options: { threshold: (0.5 * strength).toFixed(2), nsteps: '6' },
  }),
  0: (strength: number): FilterStep => hqdn3d(0.75 * strength, 0.55 * strength, 0),
  1: (strength: number): FilterStep => hqdn3d(0.75 * strength, 0.35 * strength, 0),
  2: (strength: number): FilterStep => hqdn3d(0.75 * strength, 0, 0),
  3: (strength: number): FilterStep => hqdn3d(0.5 * strength, 0, 0),
} as const;

function averaged(strength: number, frames: number): FilterStep {
  const [a, b] = [(0.0025 * strength).toFixed(4), (0.005 * strength).toFixed(4)];
  return {
    name: 'atadenoise',
    options: { '0a': a, '0b': b, '1a': a, '1b': b, '2a': a, '2b': b, s: `${frames}` },
  };
}

/** `speed` of the temporal filter, −1 (best) to 3 (fastest): strength → filter. */
export const temporalSpeeds = {
  [-1]: (strength: number): FilterStep => averaged(strength, 13),
  0: (strength: number): FilterStep => averaged(strength, 9),
  1: (strength: number): FilterStep => averaged(strength, 7),
  2: (strength: number): FilterStep => averaged(strength, 5),
  3: (strength: number): FilterStep => hqdn3d(0, 0, strength),
} as const;

/** Unsharp amounts after temporal filtering. */
export const postTemporalSharpening = { LOW: 0.3, MEDIUM: 0.5, HIGH: 0.8 } as const;

/** Bandwidth reduction filter: spatial strengths; AUTO is MEDIUM. */
export const bandwidthReductionStrengths = { OFF: 0, LOW: 1, MEDIUM: 2, HIGH: 3, AUTO: 2 } as const;

/** Sharpening behind the bandwidth reduction filter. */
export const sharpeningAmounts = { OFF: 0, LOW: 0.2, MEDIUM: 0.4, HIGH: 0.6 } as const;
