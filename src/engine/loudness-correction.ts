/** From a measured loudness to the filters that correct it, and to the table that tells of it (spec audio.md 5). */
import type { AudioRendition, FilterStep } from '../plan/plan.ts';
import type { MeasuredLoudness } from './loudness-meter.ts';

/** Peaks between samples show at four times the rate (Rec. ITU-R BS.1770 annex 2). */
const oversampling = 4;

/** The gain that brings a programme to its target; null: it is left alone. */
export function loudnessGainDb(
  { loudness }: AudioRendition,
  measured: MeasuredLoudness | undefined,
): number | null {
  const correction = loudness?.correction ?? null;
  if (correction === null || measured === undefined) return null;
  // The meter's floor is no loudness: silence stays silent.
  if (measured.integratedLkfs <= Math.max(correction.gateLkfs, -69.9)) return null;
  return correction.targetLkfs - measured.integratedLkfs;
}

/** One gain for the whole programme; peaks it would push over the limit are held. */
export function correctionSteps(
  rendition: AudioRendition,
  measured: MeasuredLoudness | undefined,
): readonly FilterStep[] {
  const gainDb = loudnessGainDb(rendition, measured);
  const limitDbfs = rendition.loudness?.correction?.limitDbfs ?? 0;
  if (gainDb === null) return [];
  const volume = { name: 'volume', options: { volume: `${gainDb.toFixed(4)}dB`, precision: 'float' } };
  if (gainDb <= 0 && limitDbfs >= 0) return [volume];
  return [
    volume,
    { name: 'aresample', options: { sample_rate: `${rendition.sampleRateHz * oversampling}` } },
    limiter(limitDbfs - filterRippleDb),
    { name: 'aresample', options: { sample_rate: `${rendition.sampleRateHz}` } },
    limiter(limitDbfs),
  ];
}

/** Levels an encoder that scales what it is given; nothing is measured behind it. */
export function inputGainSteps({ encoder: { inputGain } }: AudioRendition): readonly FilterStep[] {
  if (inputGain === undefined) return [];
  return [{ name: 'volume', options: { volume: inputGain.toFixed(6), precision: 'float' } }];
}

/** What the way back to the rate of the output may add to a held peak (measured on noise: 0.27 dB). */
const filterRippleDb = 0.35;

function limiter(limitDbfs: number): FilterStep {
  const limit = (10 ** (limitDbfs / 20)).toFixed(6);
  return {
    name: 'alimiter',
    options: { limit, level: 'disabled', attack: '5', release: '50', latency: '1' },
  };
}

/** The table of one track: what was measured, what was done. */
export function loudnessTable(rendition: AudioRendition, measured: MeasuredLoudness): string {
  const gainDb = loudnessGainDb(rendition, measured);
  const target = rendition.loudness?.correction?.targetLkfs;
  const columns: readonly (readonly [string, string])[] = [
    ['Algorithm', rendition.loudness?.algorithm ?? ''],
    ['Integrated loudness (LKFS)', measured.integratedLkfs.toFixed(2)],
    ['Loudness range (LU)', measured.rangeLu.toFixed(2)],
    ['True peak (dBTP)', measured.truePeakDbtp === null ? '' : measured.truePeakDbtp.toFixed(2)],
    ['Target (LKFS)', target === undefined ? '' : `${target}`],
    ['Gain (dB)', (gainDb ?? 0).toFixed(2)],
  ];
  return `${columns.map(([name]) => name).join(',')}\n${columns.map(([, value]) => value).join(',')}\n`;
}
