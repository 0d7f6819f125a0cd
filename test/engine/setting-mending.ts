/** Legal jobs out of drawn ones, as a patient user would find them: what an error names is taken away, and all is checked again. */
import type { ErrorFinding, Finding } from '../../src/catalogue/finding.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { validateJobSettings } from '../../src/contract/validate-job.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import type { DrawnJob } from './setting-jobs.ts';

/** What was left of a job. */
export interface MendedJob {
  /** Null when nothing legal was left. */
  readonly plan: JobPlan | null;
  readonly settings: JobSettings;
  /** Of the last round: why there is no plan. */
  readonly errors: readonly ErrorFinding[];
  /** Errors of all rounds that no user could act on, each with what is wrong with it. */
  readonly badFindings: readonly string[];
}

const rounds = 40;

/** Throws what the planner throws: a defect. */
export function mendJob(drawn: DrawnJob, facts: readonly InputFacts[]): MendedJob {
  let settings = structuredClone(drawn.settings);
  const badFindings: string[] = [];
  const simplifications = [...drawn.simplifications];
  const isKept = keptBy(drawn);
  for (let round = 0; ; round += 1) {
    const { plan, errors } = planOnce(settings, facts);
    if (plan === null && errors.length === 0) badFindings.push('there is no plan, and no error says why');
    badFindings.push(...errors.flatMap((error) => badnessOf(error, settings)));
    if (plan !== null && errors.length === 0) return { plan, settings, errors, badFindings };
    // All that can be named in one round, as a user would.
    const taken = errors.filter(({ pointer }) => take(settings, pointer, isKept)).length;
    if (taken > 0 && round < rounds) continue;
    const simplify = simplifications.shift();
    if (simplify === undefined) return { plan: null, settings, errors, badFindings };
    settings = simplify(settings);
  }
}

/** Submit and plan, as `check` does them. */
export function planOnce(
  settings: JobSettings,
  facts: readonly InputFacts[],
): { readonly plan: JobPlan | null; readonly errors: readonly ErrorFinding[] } {
  const { findings: refused } = validateJobSettings(settings);
  if (refused.length > 0) return { plan: null, errors: refused };
  const { plan, findings } = planJob({
    settings,
    facts,
    capacity: { cores: 2, memoryBytes: 4_000_000_000 },
    job: { startTimeMs: Date.parse('2026-01-02T03:04:05Z') },
  });
  return { plan, errors: findings.filter(isError) };
}

function isError(finding: Finding): finding is ErrorFinding {
  return finding.severity === 'error';
}

/** A place in the document, a sentence, and a code that says who must act. */
function badnessOf(error: ErrorFinding, settings: JobSettings): string[] {
  const { code, pointer, message } = error;
  const told = JSON.stringify({ code, pointer, message });
  const isPlace = pointer === '' || locate(settings, pointer) !== null;
  // The service's own clauses can be short: "Must be 48000".
  const isShort = message.length < 20 && !/^Must be \w/.test(message);
  return [
    ...(isPlace ? [] : [`no such place in the document: ${told}`]),
    ...(isShort || /undefined|NaN|\[object|null\b/.test(message) ? [`no sentence: ${told}`] : []),
  ];
}

/** The holder of what a pointer names, which may be missing in it; null when the holder is missing too. */
function locate(
  settings: JobSettings,
  pointer: string,
): { readonly holder: Record<string, unknown>; readonly last: string } | null {
  const steps = pointer.split('/').slice(1);
  let holder: unknown = settings;
  for (const step of steps.slice(0, -1)) holder = (holder as Record<string, unknown> | undefined)?.[step];
  const last = steps.at(-1) ?? '';
  return typeof holder === 'object' && holder !== null
    ? { holder: holder as Record<string, unknown>, last }
    : null;
}

/** Members that the kind of job is made of. */
function keptBy({ subject }: DrawnJob): (pointer: string) => boolean {
  const members = [...subject.without, ...Object.keys(subject.container ?? {})];
  return (pointer) => {
    if (subject.container !== undefined && pointer.includes('/containerSettings')) return true;
    return members.some((member) => pointer.endsWith(`/${subject.block}/${member}`) && !timing.has(member));
  };
}

const timing: ReadonlySet<string> = new Set([
  'parNumerator',
  'parDenominator',
  'parControl',
  'framerateControl',
]);

/** What a job of the kind cannot be without. */
const needed =
  /^(\/inputs(\/\d+(\/(fileInput|audioSelectors.*))?)?|\/outputGroups(\/\d+(\/outputGroupSettings(\/(type|\w+GroupSettings))?|\/outputs(\/\d+(\/(containerSettings(\/container)?|videoDescription(\/codecSettings(\/\w+)?)?|audioDescriptions(\/0(\/codecSettings(\/\w+)?)?)?))?)?)?)?)?$/;

/** Takes away what a pointer names, or the smallest part around it that is there; false when the job cannot do without it. */
function take(settings: JobSettings, pointer: string, isKept: (pointer: string) => boolean): boolean {
  if (isKept(pointer)) return false;
  for (
    let place = pointer;
    place !== '' && !needed.test(place);
    place = place.slice(0, place.lastIndexOf('/'))
  ) {
    const found = locate(settings, place);
    if (found === null || !(found.last in found.holder)) continue;
    if (Array.isArray(found.holder)) found.holder.splice(Number(found.last), 1);
    else delete found.holder[found.last];
    return true;
  }
  return false;
}
