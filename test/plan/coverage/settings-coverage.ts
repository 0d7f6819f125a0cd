/**
 * What the planner really does with each leaf of the model (design D5): every leaf is changed, alone, in jobs where it
 * could matter, and the plans are compared. Honoured: a plan differs. Refused: an error finding names it. No effect:
 * the planner says why. Anything else is read and ignored, which must not be.
 */
import { jobSettingsLeaves, type SettingLeaf } from '../../../src/contract/leaves.ts';
import { validateRelations } from '../../../src/contract/relations.ts';
import type { JobSettings } from '../../../src/contract/types.generated.ts';
import { validateRequest } from '../../../src/contract/validate.ts';
import { type PlanResult, planJob } from '../../../src/plan/plan-job.ts';
import type { SettingWithoutEffect } from '../../../src/plan/settings-reader.ts';
import { candidateValues, Together } from './candidate-values.ts';
import { type HostJob, hostJobs } from './host-jobs.ts';
import { measuringTests } from './measured-settings.table.ts';

/** A row of `docs/coverage/settings.json`. */
export interface CoverageRow {
  readonly path: string;
  readonly status: 'honoured' | 'refused' | 'left-out' | 'no-effect' | 'postponed' | 'IGNORED';
  readonly code?: number;
  readonly test?: string;
  /** Tests that measure it in finished outputs. */
  readonly measured?: readonly string[];
  readonly reason?: string;
}

const coverageTest = 'test/plan/settings-coverage.test.ts: no leaf of the model is read and ignored';

/** Leaves by which no plan differs from another: carried out before it, or there is none without them. And what proves them. */
const provedElsewhere: Readonly<Record<string, CoverageRow>> = {
  '/outputGroups[]/outputs[]/preset': {
    path: '/outputGroups[]/outputs[]/preset',
    status: 'honoured',
    test: 'test/operations/jobs-from-templates.test.ts: over a template: the template’s settings with the job’s in them',
    reason: 'laid under the settings of the output before planning; a name that is not stored is refused',
  },
  '/inputs[]/audioSelectors{}/smpte337Passthrough': {
    path: '/inputs[]/audioSelectors{}/smpte337Passthrough',
    status: 'honoured',
    test: 'test/plan/passed-data.test.ts: goes into WAV',
    reason: 'data in the place of samples goes out unchanged; without it the track is refused (1030)',
  },
};

/** All leaves of a job's settings, in path order. */
export function settingsCoverage(): readonly CoverageRow[] {
  return jobSettingsLeaves.map((leaf) => withMeasurements(provedElsewhere[leaf.path] ?? coverLeaf(leaf)));
}

/** A refused value is measured by nobody. */
function withMeasurements(row: CoverageRow): CoverageRow {
  const measured = measuringTests(row.path);
  return row.status === 'honoured' && measured.length > 0 ? { ...row, measured } : row;
}

/** How one value of a leaf fared in one place of one host. */
interface Trial {
  readonly value: unknown;
  readonly outcome: 'changed' | 'refused' | 'no-effect' | 'same' | 'invalid';
  readonly code?: number;
  readonly reason?: string;
  /** Why the leaf changes nothing. */
  readonly kind?: SettingWithoutEffect['kind'];
  /** The refusal covers a whole part of the document above the leaf: no other value or host can fare better. */
  readonly isWhole?: boolean;
}

function coverLeaf(leaf: SettingLeaf): CoverageRow {
  const trials: Trial[] = [];
  const values = candidateValues(leaf.path, leaf.member);
  for (const { host, place } of placesOf(leaf.path)) {
    for (const value of values) {
      const trial = tryValue(host, place.put(value), place.pointer, value);
      trials.push(trial);
      if (trial.isWhole || isSettled(leaf, values, trials)) return rowOf(leaf, trials);
      // What befalls one number or text befalls the others, unless it was not a legal one.
      if (leaf.member.kind !== 'enum' && trial.outcome !== 'invalid' && trial.outcome !== 'same') break;
    }
  }
  return rowOf(leaf, trials);
}

/** Nothing more to learn: some value changed a plan; of an enumeration, each did. */
function isSettled(leaf: SettingLeaf, values: readonly unknown[], trials: readonly Trial[]): boolean {
  const changing = new Set(trials.filter(({ outcome }) => outcome === 'changed').map(({ value }) => value));
  return leaf.member.kind === 'enum' ? values.every((value) => changing.has(value)) : changing.size > 0;
}

/** The places in all hosts that have most of the path already; elsewhere the leaf would stand in a foreign block. */
function placesOf(path: string): readonly { readonly host: HostJob; readonly place: Place }[] {
  const places = hostJobs
    .filter(({ covers }) => covers === undefined || covers.test(path))
    .flatMap((host) => placesIn(host.settings, path).map((place) => ({ host, place })));
  const deepest = Math.max(...places.map(({ place }) => place.depth));
  return places.filter(({ place }) => place.depth === deepest);
}

function tryValue(host: HostJob, settings: JobSettings, pointer: string, value: unknown): Trial {
  const before = plannedHost(host);
  const after = plan(host, settings);
  if (after.plan !== null) {
    if (JSON.stringify(after.plan) !== before) return { value, outcome: isValid(settings) ? 'changed' : 'invalid' };
    const declared = coveringReason(after, pointer);
    if (declared !== undefined) return { value, outcome: 'no-effect', ...declared };
    return { value, outcome: isValid(settings) ? 'same' : 'invalid' };
  }
  const refusal = after.findings.find(
    (finding) => finding.severity === 'error' && isRelated(finding.pointer, pointer),
  );
  if (refusal === undefined || refusal.severity !== 'error') return { value, outcome: 'invalid' };
  const isWhole = pointer.startsWith(`${refusal.pointer}/`) && refusal.message.includes('this release does not have');
  // Other templates of 1040 tell of media and sizes that another value would fit.
  const isFeature = refusal.code !== 1040 || refusal.template === 'not-supported';
  const outcome = isFeature ? 'refused' : 'invalid';
  return { value, outcome, code: refusal.code, reason: reasonOf(refusal), isWhole };
}

/** A change counts only in a document that would be accepted. */
function isValid(settings: JobSettings): boolean {
  return validateRequest('JobSettings', settings).length === 0 && validateRelations(settings).length === 0;
}

function reasonOf(finding: { readonly message: string; readonly parameters?: Readonly<Record<string, string | number>> }): string {
  return String(finding.parameters?.reason ?? finding.message).replace(/\.$/, '');
}

const plannedHosts = new Map<HostJob, string>();

/** The plan of a host as it is. Throws when a host does not plan: the coverage would be wrong. */
function plannedHost(host: HostJob): string {
  const known = plannedHosts.get(host);
  if (known !== undefined) return known;
  const invalid = [...validateRequest('JobSettings', host.settings), ...validateRelations(host.settings)];
  const result = plan(host, host.settings);
  const errors = [...invalid, ...result.findings.filter((finding) => finding.severity === 'error')];
  if (result.plan === null || errors.length > 0) {
    throw new Error(`host job '${host.name}' does not plan: ${errors.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`);
  }
  const text = JSON.stringify(result.plan);
  plannedHosts.set(host, text);
  return text;
}

function plan(host: HostJob, settings: JobSettings): PlanResult {
  return planJob({
    settings,
    facts: [host.facts, ...(host.otherFacts ?? [])],
    capacity: { cores: 2, memoryBytes: 4_000_000_000 },
    job: { startTimeMs: Date.parse('2026-01-02T03:04:05Z') },
  });
}

/** The planner's own words for why a setting changes nothing. */
function coveringReason(result: PlanResult, pointer: string): SettingWithoutEffect | undefined {
  for (const [place, declared] of result.trace.withoutEffect) {
    if (pointer === place || pointer.startsWith(`${place}/`)) return declared;
  }
  const notice = result.findings.find((finding) => finding.severity === 'notice' && isRelated(finding.pointer, pointer));
  return notice === undefined ? undefined : { reason: notice.message, kind: 'nature' };
}

/** At the place, above it or below it. */
function isRelated(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

interface Place {
  readonly pointer: string;
  /** How many steps of the path the document has. */
  readonly depth: number;
  /** The document with the value in this place; missing parts are made. */
  put(value: unknown): JobSettings;
}

function placesIn(settings: JobSettings, path: string): readonly Place[] {
  return placesBelow(settings, path.slice(1).split('/')).map(({ put, ...place }) => ({
    ...place,
    put: (value) => put(value) as JobSettings,
  }));
}

interface InnerPlace extends Omit<Place, 'put'> {
  put(value: unknown): unknown;
}

function placesBelow(parent: unknown, steps: readonly string[]): readonly InnerPlace[] {
  const [step, ...rest] = steps;
  const here = parent === undefined ? 0 : 1;
  if (step === undefined) return [{ pointer: '', depth: 0, put: (value) => value }];
  const name = step.replace(/(\[\]|\{\})$/, '');
  const members = (parent ?? {}) as Readonly<Record<string, unknown>>;
  // A list or map of scalars is one leaf: its value stands for the whole.
  const kind = rest.length === 0 ? '' : step.slice(name.length);
  return elementsOf(members[name], kind).flatMap(({ key, element, replace }) =>
    placesBelow(element, rest).map(({ pointer, depth, put }) => ({
      pointer: `/${name}${key}${pointer}`,
      depth: depth + here,
      put: (value: unknown) =>
        value instanceof Together && rest.length === 0
          ? { ...members, ...value.others, [name]: replace(put(value.value)) }
          : { ...members, [name]: replace(put(value)) },
    })),
  );
}

interface Element {
  readonly key: string;
  readonly element: unknown;
  replace(changed: unknown): unknown;
}

/** The elements of a list or map, or the member itself; an absent list or map gets one. */
function elementsOf(member: unknown, kind: string): readonly Element[] {
  if (kind === '[]') {
    const list = Array.isArray(member) && member.length > 0 ? (member as readonly unknown[]) : [undefined];
    return list.map((element, index) => ({ key: `/${index}`, element, replace: (changed) => list.with(index, changed) }));
  }
  if (kind === '{}') {
    const map = (member ?? {}) as Readonly<Record<string, unknown>>;
    const keys = Object.keys(map).length > 0 ? Object.keys(map) : ['New'];
    return keys.map((key) => ({ key: `/${key}`, element: map[key], replace: (changed) => ({ ...map, [key]: changed }) }));
  }
  return [{ key: '', element: member, replace: (changed) => changed }];
}

/**
 * A value that names the block beside it cannot change alone: each stands in a host of its own, where the others are
 * invalid, and the hosts plan differently by the blocks' own leaves.
 */
function choosesBlock(leaf: SettingLeaf, trials: readonly Trial[]): boolean {
  const had = (outcome: Trial['outcome']): ReadonlySet<unknown> =>
    new Set(trials.filter((trial) => trial.outcome === outcome).map(({ value }) => value));
  const [same, invalid] = [had('same'), had('invalid')];
  return leaf.member.kind === 'enum' && same.size > 1 && [...same].every((value) => invalid.has(value));
}

function rowOf(leaf: SettingLeaf, trials: readonly Trial[]): CoverageRow {
  const { path } = leaf;
  const changed = trials.some(({ outcome }) => outcome === 'changed') || choosesBlock(leaf, trials);
  const refused = trials.filter(({ outcome }) => outcome === 'refused');
  if (changed) {
    const values = refusedValues(leaf, trials);
    const reason = values.length === 0 ? {} : { reason: `refused values: ${values.join(', ')}` };
    return { path, status: 'honoured', test: coverageTest, ...reason };
  }
  const first = refused[0];
  if (first !== undefined) {
    const usual = acceptedValues(leaf, trials);
    const suffix = usual.length === 0 ? '' : ` (accepted: ${usual.join(', ')})`;
    return { path, status: 'refused', code: first.code ?? 1040, test: coverageTest, reason: `${first.reason ?? ''}${suffix}` };
  }
  const idle = trials.filter(({ outcome }) => outcome === 'no-effect');
  const shown = idle.find(({ kind }) => kind !== 'nature') ?? idle[0];
  if (shown?.reason !== undefined) {
    const status = shown.kind === undefined || shown.kind === 'nature' ? 'no-effect' : shown.kind;
    return { path, status, test: coverageTest, reason: shown.reason };
  }
  const seen = trials.map(({ value, outcome }) => `${JSON.stringify(value)} ${outcome}`);
  return { path, status: 'IGNORED', reason: [...new Set(seen)].join(', ') };
}

/** Values of an enumeration that no job can have. */
function refusedValues(leaf: SettingLeaf, trials: readonly Trial[]): readonly string[] {
  if (leaf.member.kind !== 'enum') return [];
  const values = [...new Set(trials.map(({ value }) => String(value)))];
  return values.filter((value) => {
    const own = trials.filter((trial) => trial.value === value && trial.outcome !== 'invalid');
    return own.length > 0 && own.every(({ outcome }) => outcome === 'refused');
  });
}

/** Values of an enumeration that pass, because they ask for what is done anyway. */
function acceptedValues(leaf: SettingLeaf, trials: readonly Trial[]): readonly string[] {
  if (leaf.member.kind !== 'enum') return [];
  return [...new Set(trials.filter(({ outcome }) => outcome === 'same' || outcome === 'no-effect').map(({ value }) => String(value)))];
}
