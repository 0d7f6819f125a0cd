/**
 * The 3D LUTs that the filters of a plan read: where they are, and the plan that reads copies of them instead. Both look at
 * the same chains of filters.
 */
import type { FilterStep, JobPlan, VideoRendition } from './plan.ts';

type Chain = readonly FilterStep[];

/** The filters of a rendition, of every input. */
type Filtered = Pick<VideoRendition, 'filters' | 'otherInputs'>;

/** Where the steps of renditions, and of graphics laid over them, take tables from; each as often as it is read. */
export function lutLocations(renditions: readonly Filtered[], graphics: readonly Chain[]): readonly string[] {
  const found: string[] = [];
  const note = (chain: Chain): Chain => {
    found.push(...chain.flatMap((step) => tableOf(step) ?? []));
    return chain;
  };
  for (const rendition of renditions) withChains(rendition, note);
  for (const chain of graphics) note(chain);
  return found;
}

/** The same of a whole plan. */
export function planLutLocations({ videoRenditions, signals }: JobPlan): readonly string[] {
  return lutLocations(videoRenditions, Object.values(signals?.blanking?.steps ?? {}));
}

/** The plan with the paths of copies in place of locations; tables without one stay where they are. */
export function withLutFiles(plan: JobPlan, files: ReadonlyMap<string, string>): JobPlan {
  const local = (chain: Chain): Chain =>
    chain.map((step) => {
      const file = files.get(tableOf(step) ?? '');
      return file === undefined ? step : { ...step, options: { ...step.options, file } };
    });
  const { signals, videoRenditions } = plan;
  const blanking = signals?.blanking ?? null;
  const renditions = videoRenditions.map((rendition) => withChains(rendition, local));
  if (signals === undefined || blanking === null) return { ...plan, videoRenditions: renditions };
  const blanks = Object.entries(blanking.steps).map(([id, chain]) => [id, local(chain)]);
  const steps: typeof blanking.steps = Object.fromEntries(blanks);
  return { ...plan, videoRenditions: renditions, signals: { ...signals, blanking: { ...blanking, steps } } };
}

function withChains<R extends Filtered>(rendition: R, change: (chain: Chain) => Chain): R {
  const { otherInputs } = rendition;
  return {
    ...rendition,
    filters: change(rendition.filters),
    ...(otherInputs === undefined
      ? {}
      : { otherInputs: otherInputs.map((other) => ({ ...other, filters: change(other.filters) })) }),
  };
}

/** The location of the step's table; null for other steps. */
function tableOf({ name, options }: FilterStep): string | null {
  return name === 'lut3d' ? (options['file'] ?? null) : null;
}
