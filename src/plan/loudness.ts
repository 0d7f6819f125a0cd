/** Loudness settings → what is measured and corrected (spec audio.md 5; Rec. ITU-R BS.1770). */
import type { AudioNormalizationSettings } from '../contract/types.generated.ts';
import type { LoudnessPlan } from './loudness-plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Loudness aimed at where the job gives none: A/85 for BS.1770-1, R 128 for the others. */
const defaultTargets = {
  ITU_BS_1770_1: -24,
  ITU_BS_1770_2: -23,
  ITU_BS_1770_3: -23,
  ITU_BS_1770_4: -23,
} as const;

/** Most channels of an algorithm: 5.1 before the fourth edition. */
const mostChannels = { ITU_BS_1770_1: 6, ITU_BS_1770_2: 6, ITU_BS_1770_3: 6, ITU_BS_1770_4: 24 } as const;

/** Loudness that the sound is brought to, in LKFS; null: it is left as it is. */
export function correctionTarget(settings: SettingsReader<AudioNormalizationSettings>): number | null {
  if (!settings.isPresent || settings.read('algorithmControl') === 'MEASURE_ONLY') return null;
  return settings.read('targetLkfs') ?? defaultTargets[settings.read('algorithm') ?? 'ITU_BS_1770_2'];
}

/** Reads the block; null when there is none, or when it asks for nothing. */
export function readLoudness(
  settings: SettingsReader<AudioNormalizationSettings>,
  channels: number,
): LoudnessPlan | null {
  if (!settings.isPresent) return null;
  const algorithm = settings.read('algorithm') ?? 'ITU_BS_1770_2';
  const isMeasuredOnly = settings.read('algorithmControl') === 'MEASURE_ONLY';
  const isLogged = settings.read('loudnessLogging') === 'LOG';
  const measuresTruePeak = settings.read('peakCalculation') === 'TRUE_PEAK';
  const limit = settings.read('truePeakLimiterThreshold');
  if (channels > mostChannels[algorithm]) {
    settings.accept(
      'algorithm',
      ['ITU_BS_1770_4'],
      `it measures up to 5.1, and the track has ${channels} channels`,
    );
  }
  if (isMeasuredOnly) {
    const reason = 'algorithmControl is MEASURE_ONLY';
    for (const key of ['targetLkfs', 'correctionGateLevel', 'truePeakLimiterThreshold'] as const)
      settings.withoutEffect(key, reason);
    return { algorithm, correction: null, measuresTruePeak, isLogged };
  }
  const correction = {
    targetLkfs: correctionTarget(settings) ?? defaultTargets[algorithm],
    gateLkfs: settings.read('correctionGateLevel') ?? -70,
    limitDbfs: limit ?? 0,
  };
  return { algorithm, correction, measuresTruePeak, isLogged };
}
