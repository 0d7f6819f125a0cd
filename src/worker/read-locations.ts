/** Every object that a job reads: before its plan by its settings, then by the plan itself. */
import type { JobSettings } from '../contract/types.generated.ts';
import { lutLocations } from '../plan/color-luts.ts';
import { composedLocations } from '../plan/composition.ts';
import type { JobPlan } from '../plan/plan.ts';
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
  const blanking = plan.signals?.blanking ?? null;
  return [
    ...plan.inputs.flatMap(inputObjects),
    ...(blanking?.imageLocation == null ? [] : [blanking.imageLocation]),
    ...plan.videoRenditions.flatMap(tables),
    ...Object.values(blanking?.steps ?? {}).flatMap(lutLocations),
  ];
}

function inputObjects({ location, composition, video, audio }: JobPlan['inputs'][number]): readonly string[] {
  const own = composition === undefined ? [location] : composedLocations(composition);
  return [
    ...(location === '' ? [] : own),
    ...(video?.generated?.imageLocation == null ? [] : [video.generated.imageLocation]),
    ...audio.flatMap(({ file }) => file?.location ?? []),
  ];
}

/** 3D LUTs that filters read. */
function tables({ filters, otherInputs = [] }: JobPlan['videoRenditions'][number]): readonly string[] {
  return [filters, ...otherInputs.map((other) => other.filters)].flatMap(lutLocations);
}
