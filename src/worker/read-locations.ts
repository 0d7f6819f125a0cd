/** Every object that a job reads: before its plan by its settings, then by the plan itself. */
import type { JobSettings } from '../contract/types.generated.ts';
import { composedLocations } from '../plan/composition.ts';
import type { JobPlan } from '../plan/plan.ts';
import { planLutLocations } from '../plan/plan-luts.ts';
import { sourceLocations } from '../plan/source-locations.ts';

/** Input files, in job order. */
export function inputLocations(settings: JobSettings): readonly string[] {
  return sourceLocations(settings.inputs ?? []).flatMap((location) => location ?? []);
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
  return [...plan.inputs.flatMap(inputObjects), ...imageLocations(plan), ...planLutLocations(plan)];
}

function inputObjects({ location, composition, audio }: JobPlan['inputs'][number]): readonly string[] {
  const own = composition === undefined ? [location] : composedLocations(composition);
  return [...(location === '' ? [] : own), ...audio.flatMap(({ file }) => file?.location ?? [])];
}

/** Pictures that stand for video: of inputs that the job makes itself, and of ad avails. */
export function imageLocations({ inputs, signals }: JobPlan): readonly string[] {
  return [
    ...inputs.flatMap(({ video }) => video?.generated?.imageLocation ?? []),
    ...[signals?.blanking?.imageLocation ?? []].flat(),
  ];
}
