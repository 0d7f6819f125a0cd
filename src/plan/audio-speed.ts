/** Sound that follows slow PAL (spec video.md 3, `slowPal`) or `durationControl`: played faster, its pitch raised or kept. */
import type { AudioDescription } from '../contract/types.generated.ts';
import type { Rational } from '../exact-time.ts';
import type { AudioDraft } from './audio-rendition.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The draft at `speed`; null leaves it as it is. Where a duration is controlled, pitch always stays. */
export function atSpeed(
  draft: AudioDraft,
  settings: SettingsReader<AudioDescription>,
  speed: Rational | null,
  isControlled: boolean,
): AudioDraft {
  if (speed === null) return draft;
  const keepsPitch =
    isControlled ||
    settings.child('audioPitchCorrectionSettings').read('slowPalPitchCorrection') === 'ENABLED';
  const factor = speed.num / speed.den;
  const rate = draft.rendition.sampleRateHz;
  const resampled: FilterStep = { name: 'aresample', options: { sample_rate: `${rate}` } };
  const steps: readonly FilterStep[] = keepsPitch
    ? [{ name: 'atempo', options: { tempo: factor.toFixed(8) } }]
    : [resampled, { name: 'asetrate', options: { sample_rate: `${Math.round(rate * factor)}` } }, resampled];
  const { rendition } = draft;
  const faster = <Way extends { readonly filters: readonly FilterStep[] }>(way: Way): Way => ({
    ...way,
    filters: [...steps, ...way.filters],
  });
  const { otherInputs } = rendition;
  return {
    ...draft,
    rendition: {
      ...faster(rendition),
      speed,
      ...(otherInputs === undefined ? {} : { otherInputs: otherInputs.map(faster) }),
    },
  };
}
