/** Every object that a job reads: before its plan by its settings, then by the plan itself. */
import type { JobSettings } from '../contract/types.generated.ts';
import type { JobPlan } from '../plan/plan.ts';

/** Input files, in job order. */
export function inputLocations(settings: JobSettings): readonly string[] {
  return (settings.inputs ?? []).flatMap(({ fileInput }) => fileInput ?? []);
}

/** Sound files that audio selectors name beside the inputs. */
export function externalAudioLocations(settings: JobSettings): readonly string[] {
  return (settings.inputs ?? []).flatMap(({ audioSelectors, dynamicAudioSelectors }) =>
    [...Object.values(audioSelectors ?? {}), ...Object.values(dynamicAudioSelectors ?? {})].flatMap(
      ({ externalAudioFileInput }) => externalAudioFileInput ?? [],
    ),
  );
}

/** What the engine opens while it runs the plan. */
export function readLocations(plan: JobPlan): readonly string[] {
  const blanking = plan.signals?.blanking?.imageLocation ?? null;
  const inputs = plan.inputs.flatMap(({ location, video, audio }) => [
    ...(location === '' ? [] : [location]),
    ...(video?.generated?.imageLocation == null ? [] : [video.generated.imageLocation]),
    ...audio.flatMap(({ file }) => file?.location ?? []),
  ]);
  return blanking === null ? inputs : [...inputs, blanking];
}
