/** Opens what an input of the plan names: one file, or the files of a composition. */
import type { PlannedInput } from '../plan/plan.ts';
import { openComposedSource } from './composed-source.ts';
import type { EngineObjects } from './objects.ts';
import { type OpenSource, openSource } from './open-source.ts';

/** So that reading begins at or before `skippedUs` behind the first picture. Throws JobFault. */
export function openInput(input: PlannedInput, objects: EngineObjects, skippedUs = 0): Promise<OpenSource> {
  return input.composition === undefined
    ? openSource(input, objects, skippedUs)
    : openComposedSource(input, input.composition, objects, skippedUs);
}
