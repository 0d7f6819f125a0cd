/** Noise reducer and bandwidth reduction filter (spec video.md 4, 16) → library filters. */
import type {
  BandwidthReductionFilter,
  NoiseReducer,
  NoiseReducerFilterSettings,
  NoiseReducerSpatialFilterSettings,
  NoiseReducerTemporalFilterSettings,
} from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import {
  bandwidthReductions,
  noiseDefaults,
  postTemporalSharpening,
  sharpeningAmounts,
  spatialSpeeds,
  temporalSpeeds,
} from './noise-reducer.table.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The filters of a noise reducer; none when it is absent or at strength 0. */
export function planNoiseReducer(
  settings: SettingsReader<NoiseReducer>,
  bitDepth: number,
  findings: FindingLog,
): readonly FilterStep[] {
  if (!settings.isPresent) return [];
  const filter = settings.require('filter');
  switch (filter) {
    case null:
    case 'NONE':
      return [];
    case 'PERCEPTUAL':
      findings.notSupported(settings.at('filter'), filter, 'the filter follows no published description');
      return [];
    case 'SPATIAL':
      return planSpatial(settings.child('spatialFilterSettings'));
    case 'TEMPORAL':
      return planTemporal(settings.child('temporalFilterSettings'));
    default: {
      if (filter === 'CONSERVE' && bitDepth > 8) {
        findings.notSupported(settings.at('filter'), filter, `it works on 8 bits, the input has ${bitDepth}`);
      }
      return planKernel(filter, settings.child('filterSettings'));
    }
  }
}

/** Settings of codec blocks that a noise reducer does not go with (spec video.md 16): the member, and its value where only one is meant. */
const incompatibleMembers: Readonly<Record<string, readonly [string, string | null]>> = {
  H_264: ['bandwidthReductionFilter', null],
  AV1: ['filmGrainSynthesis', 'ENABLED'],
  PRORES: ['chromaSampling', 'PRESERVE_444_SAMPLING'],
};

/** Refuses what a codec block asks for and a noise reducer at work does not go with. */
export function refuseBesideNoiseReducer(
  noise: SettingsReader<NoiseReducer>,
  codec: string,
  block: SettingsReader<object>,
  findings: FindingLog,
): void {
  const [member, value] = incompatibleMembers[codec] ?? [];
  if (member === undefined || !noise.isPresent || noise.read('filter') === 'NONE') return;
  const members = block as SettingsReader<Readonly<Record<string, unknown>>>;
  const isAsked = value === null ? members.has(member) : members.read(member) === value;
  if (isAsked) findings.incompatible(noise.pointer, `a noise reducer does not go with ${members.at(member)}`);
}

type Kernel = 'BILATERAL' | 'CONSERVE' | 'GAUSSIAN' | 'LANCZOS' | 'MEAN' | 'SHARPEN';

function planKernel(
  kernel: Kernel,
  settings: SettingsReader<NoiseReducerFilterSettings>,
): readonly FilterStep[] {
  const strength = settings.read('strength') ?? noiseDefaults.kernelStrength;
  if (strength === 0) return [];
  switch (kernel) {
    case 'BILATERAL':
      return [
        { name: 'bilateral', options: { sigmaS: `${strength}`, sigmaR: (0.05 * strength).toFixed(2) } },
      ];
    case 'MEAN':
      return [{ name: 'avgblur', options: { sizeX: `${strength}`, sizeY: `${strength}` } }];
    case 'GAUSSIAN':
      return [{ name: 'gblur', options: { sigma: (0.5 * strength).toFixed(1) } }];
    case 'LANCZOS':
      return [lanczosStep(strength)];
    case 'SHARPEN':
      return [sharpenStep(0.5 * strength)];
    case 'CONSERVE':
      // Modes 1 to 3 clip a sample to the n-th smallest and largest of its neighbours.
      return [{ name: 'removegrain', options: { m0: `${strength}`, m1: `${strength}`, m2: `${strength}` } }];
  }
}

/** A low-pass of 5 × 5 samples: a sinc whose cut-off falls with the strength, under a Lanczos window. */
function lanczosStep(strength: number): FilterStep {
  const cutoff = 1 / (1 + 0.25 * strength);
  const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const taps = [-2, -1, 0, 1, 2].map((at) => sinc(at * cutoff) * sinc(at / 3));
  const kernel = taps.flatMap((row) => taps.map((column) => Math.round(row * column * 1000)));
  const sum = kernel.reduce((total, value) => total + value, 0);
  const options = [0, 1, 2].flatMap((plane) => [
    [`${plane}m`, kernel.join(' ')],
    [`${plane}rdiv`, (1 / sum).toPrecision(8)],
  ]);
  return { name: 'convolution', options: Object.fromEntries(options) };
}

function sharpenStep(amount: number): FilterStep {
  return { name: 'unsharp', options: { la: amount.toFixed(2), ca: '0' } };
}

function planSpatial(settings: SettingsReader<NoiseReducerSpatialFilterSettings>): readonly FilterStep[] {
  const strength = settings.read('strength') ?? noiseDefaults.strength;
  const speed = settings.read('speed') ?? 0;
  const sharpening = settings.read('postFilterSharpenStrength') ?? 0;
  const sharpen = sharpening === 0 ? [] : [sharpenStep(0.3 * sharpening)];
  if (strength === 0) return sharpen;
  const choice = spatialSpeeds[speed as keyof typeof spatialSpeeds];
  return [choice(strength), ...sharpen];
}

/** Averages over time where pictures differ by less than the strength. */
function planTemporal(settings: SettingsReader<NoiseReducerTemporalFilterSettings>): readonly FilterStep[] {
  const strength = settings.read('strength') ?? noiseDefaults.strength;
  const speed = settings.read('speed') ?? 0;
  const aggressive = settings.read('aggressiveMode') ?? 0;
  const sharpening = settings.read('postTemporalSharpening') ?? 'AUTO';
  // AUTO sharpens where enough is averaged to cost detail.
  const isSharpened =
    sharpening === 'ENABLED' || (sharpening === 'AUTO' && strength >= noiseDefaults.blurringStrength);
  const amount = settings.read('postTemporalSharpeningStrength') ?? 'MEDIUM';
  const sharpen = isSharpened ? [sharpenStep(postTemporalSharpening[amount])] : [];
  if (strength === 0) return sharpen;
  const effective = strength * (1 + 0.25 * aggressive);
  return [temporalSpeeds[speed as keyof typeof temporalSpeeds](effective), ...sharpen];
}

/** A light cleaning that saves bits (H.264, H.265 `bandwidthReductionFilter`). */
export function planBandwidthReduction(
  settings: SettingsReader<BandwidthReductionFilter>,
): readonly FilterStep[] {
  if (!settings.isPresent) return [];
  const cleaning = bandwidthReductions[settings.read('strength') ?? 'AUTO'];
  const sharpening = settings.read('sharpening') ?? 'OFF';
  const amount = sharpeningAmounts[sharpening];
  return [...(cleaning === null ? [] : [cleaning]), ...(amount === 0 ? [] : [sharpenStep(amount)])];
}
