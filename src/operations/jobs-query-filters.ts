/**
 * Filters of asynchronous queries (spec api.md 6.6): filters are joined by AND, the values of one by OR. Values of
 * closed sets are checked, because a misspelt one would find nothing without a word.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import { allowedValuesText } from '../contract/clause.ts';
import { enums } from '../contract/model.generated.ts';
import type { JobsQueryFilter } from '../contract/types.generated.ts';
import type { JobCondition } from '../database/search-repository.ts';
import { requestEngineVersion } from './job-engine-version.ts';
import { type ReferenceRules, readReference } from './resource-reference.ts';

/** Conditions of filters, or what is wrong with them. */
export interface ReadFilters {
  readonly conditions: readonly JobCondition[];
  readonly findings: readonly ErrorFinding[];
}

/** Reads filters whose types are right. Pointers begin at the request. */
export function readFilters(filters: readonly JobsQueryFilter[], rules: ReferenceRules): ReadFilters {
  const conditions: JobCondition[] = [];
  const findings: ErrorFinding[] = [];
  for (const [index, { key, values = [] }] of filters.entries()) {
    const pointer = `/filterList/${index}`;
    if (key === undefined) findings.push(refusal(pointer, 'key is a required property'));
    if (values.length === 0) findings.push(refusal(pointer, 'values is a required property'));
    if (key === undefined) continue;
    for (const [place, value] of values.entries()) {
      const message = whatIsWrong(key, value);
      if (message !== null) findings.push(refusal(`${pointer}/values/${place}`, message));
    }
    conditions.push({ key, values: key === 'queue' ? queueNames(values, rules) : values });
  }
  return { conditions, findings };
}

/** An ARN that can name no queue of ours stays as it is, and no job was submitted to it. */
function queueNames(values: readonly string[], rules: ReferenceRules): readonly string[] {
  return values.map((value) => readReference(value, 'queues', rules).name ?? value);
}

const closedSets: Readonly<Partial<Record<JobCondition['key'], readonly string[]>>> = {
  status: enums['JobStatus'] ?? [],
  audioCodec: enums['AudioCodec'] ?? [],
  videoCodec: enums['VideoCodec'] ?? [],
};

function whatIsWrong(key: JobCondition['key'], value: string): string | null {
  const allowed = closedSets[key];
  if (allowed !== undefined) return allowed.includes(value) ? null : allowedValuesText(allowed);
  if (key === 'errorCode') return /^\d{1,9}$/.test(value) ? null : 'Should be a job error code';
  const isVersion = key === 'jobEngineVersionRequested' || key === 'jobEngineVersionUsed';
  return isVersion && requestEngineVersion(value, 0).outcome === 'invalid'
    ? 'Is not a valid job engine version'
    : null;
}

function refusal(pointer: string, message: string): ErrorFinding {
  return { severity: 'error', code: 400, pointer, message };
}
