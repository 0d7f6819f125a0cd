/** Filters that clean an input before anything else is done with it (spec inputs.md 1, 11). */
import type { Input } from '../contract/types.generated.ts';
import type { VideoTrackFacts } from './facts.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Codecs on which the service lets the user control denoising and deblocking (spec inputs.md 1). */
const denoisedCodecs = new Set(['mpeg2video', 'h264', 'hevc', 'rawvideo', 'v210', 'v410']);
const deblockedCodecs = new Set(['mpeg2video', 'rawvideo', 'v210', 'v410']);

/** A blank strength is the transcoder's choice: light. */
const automaticStrength = 2;

/**
 * Reads the input filters. AUTO leaves it to the transcoder which noisy sources it cleans: this one cleans those for
 * which a filter is enabled. FORCE cleans in every case.
 */
export function readInputFilters(
  input: SettingsReader<Input>,
  video: VideoTrackFacts | null,
): readonly FilterStep[] {
  const codec = video?.codec ?? '';
  const mode = input.read('filterEnable') ?? 'AUTO';
  if (codec === '') return declareUnused(input, 'the input has no video');
  if (mode === 'DISABLE') return declareUnused(input, 'filterEnable is DISABLE');
  if (input.read('advancedInputFilter') === 'ENABLED') return advancedFilters(input);
  input.withoutEffect('advancedInputFilterSettings', 'advancedInputFilter is DISABLED');
  const wantsDenoise = readFilter(input, 'denoiseFilter', denoisedCodecs.has(codec), codec);
  const wantsDeblock = readFilter(input, 'deblockFilter', deblockedCodecs.has(codec), codec);
  const isForcedAlone = mode === 'FORCE' && !wantsDeblock;
  if (!wantsDenoise && !wantsDeblock && !isForcedAlone) {
    input.withoutEffect('filterStrength', 'no input filter is enabled', [0]);
    return [];
  }
  const strength = input.read('filterStrength') || automaticStrength;
  return [
    ...(wantsDeblock ? [deblockStep(strength)] : []),
    ...(wantsDenoise || isForcedAlone ? [denoiseStep(strength)] : []),
  ];
}

function readFilter(
  input: SettingsReader<Input>,
  key: 'deblockFilter' | 'denoiseFilter',
  applies: boolean,
  codec: string,
): boolean {
  if (applies) return input.read(key) === 'ENABLED';
  input.withoutEffect(key, `the filter does not apply to ${codec}`, ['DISABLED']);
  return false;
}

function declareUnused(input: SettingsReader<Input>, reason: string): readonly FilterStep[] {
  for (const key of ['deblockFilter', 'denoiseFilter'] as const)
    input.withoutEffect(key, reason, ['DISABLED']);
  input.withoutEffect('filterStrength', reason, [0]);
  input.withoutEffect('advancedInputFilter', reason, ['DISABLED']);
  input.withoutEffect('advancedInputFilterSettings', reason);
  return [];
}

/** Table of spec inputs.md 11. */
function denoiseStep(strength: number): FilterStep {
  const amount = (factor: number): string => (strength * factor).toFixed(2);
  return {
    name: 'hqdn3d',
    options: {
      luma_spatial: amount(1),
      chroma_spatial: amount(0.75),
      luma_tmp: amount(1.5),
      chroma_tmp: amount(1.1),
    },
  };
}

function deblockStep(strength: number): FilterStep {
  return {
    name: 'deblock',
    options: {
      filter: strength >= 3 ? 'strong' : 'weak',
      block: '8',
      alpha: (0.05 + 0.02 * strength).toFixed(2),
      beta: (0.03 + 0.01 * strength).toFixed(2),
    },
  };
}

/** It replaces the basic filters (spec inputs.md 1). */
function advancedFilters(input: SettingsReader<Input>): readonly FilterStep[] {
  const reason = 'the advanced input filter takes its place';
  input.withoutEffect('deblockFilter', reason, ['DISABLED']);
  input.withoutEffect('denoiseFilter', reason, ['DISABLED']);
  const strength = input.read('filterStrength') || automaticStrength;
  const settings = input.child('advancedInputFilterSettings');
  const sharpening = settings.read('sharpening') ?? 'OFF';
  const steps: FilterStep[] = [
    { name: 'nlmeans', options: { s: (1 + 0.6 * strength).toFixed(1), p: '5', r: '9' } },
  ];
  if (sharpening !== 'OFF') {
    const [size, amount] = sharpening === 'LOW' ? ['3', '0.3'] : ['5', '0.7'];
    steps.push({ name: 'unsharp', options: { luma_msize_x: size, luma_msize_y: size, luma_amount: amount } });
  }
  if (settings.read('addTexture') === 'ENABLED') {
    steps.push({ name: 'noise', options: { alls: '3', allf: 't', all_seed: '1' } });
  }
  return steps;
}
