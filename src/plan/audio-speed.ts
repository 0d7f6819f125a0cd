/** Sound that follows slow PAL (spec video.md 3, `slowPal`) or `durationControl`: played faster, its pitch raised or kept. */
import type { AudioDescription } from '../contract/types.generated.ts';
import type { Rational } from '../exact-time.ts';
import type { AudioDraft } from './audio-rendition.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoDraft } from './video-rendition.ts';

/** The sound of each input as fast as `video` plays the input. Where a duration is controlled, pitch always stays. */
export function atSpeed(
  draft: AudioDraft,
  settings: SettingsReader<AudioDescription>,
  video: VideoDraft | null,
): AudioDraft {
  const { rendition } = draft;
  const isFaster = video !== null && speedsOf(video).some((speed) => speed !== undefined);
  if (!isFaster) return draft;
  const keepsPitch =
    video.control !== undefined ||
    settings.child('audioPitchCorrectionSettings').read('slowPalPitchCorrection') === 'ENABLED';
  const faster = <Way extends { readonly inputIndex: number; readonly filters: readonly FilterStep[] }>(
    way: Way,
  ): Way => {
    const speed = speedOf(video, way.inputIndex);
    if (speed === undefined) return way;
    return {
      ...way,
      filters: [...speedSteps(speed, rendition.sampleRateHz, keepsPitch), ...way.filters],
      speed,
    };
  };
  const { otherInputs } = rendition;
  return {
    ...draft,
    rendition: {
      ...faster(rendition),
      ...(otherInputs === undefined ? {} : { otherInputs: otherInputs.map(faster) }),
    },
  };
}

function speedsOf({ rendition }: VideoDraft): readonly (Rational | undefined)[] {
  return [rendition, ...(rendition.otherInputs ?? [])].map(({ speed }) => speed);
}

/** Undefined: as fast as the input. */
function speedOf({ rendition }: VideoDraft, inputIndex: number): Rational | undefined {
  return [rendition, ...(rendition.otherInputs ?? [])].find((way) => way.inputIndex === inputIndex)?.speed;
}

function speedSteps(speed: Rational, sampleRateHz: number, keepsPitch: boolean): readonly FilterStep[] {
  const factor = speed.num / speed.den;
  const resampled: FilterStep = { name: 'aresample', options: { sample_rate: `${sampleRateHz}` } };
  const played: FilterStep = {
    name: 'asetrate',
    options: { sample_rate: `${Math.round(sampleRateHz * factor)}` },
  };
  return keepsPitch
    ? [{ name: 'atempo', options: { tempo: factor.toFixed(8) } }]
    : [resampled, played, resampled];
}
