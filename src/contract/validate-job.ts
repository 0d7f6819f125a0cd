/**
 * Everything that refuses a job at submit, in one list: schema, members the service requires, relations (spec README
 * "400 or 1040"). A job over a template is only asked for what no template can supply; validate it again when merged.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import { validateRelations } from './relations.ts';
import type { CreateJobRequest, JobSettings } from './types.generated.ts';
import { type InspectedDocument, inspectDocument } from './validate.ts';

/** A document with all its findings. */
export interface ValidatedDocument<Document> {
  readonly findings: readonly ErrorFinding[];
  /** The document without `null` members; null as soon as there is a finding. */
  readonly document: Document | null;
  /** The same when all types are right, whatever else is wrong: for further rules of the caller. */
  readonly typed: Partial<Document> | null;
}

/** Validates a whole CreateJob request. Never throws. */
export function validateCreateJob(document: unknown): ValidatedDocument<CreateJobRequest> {
  const inspected = inspectDocument('CreateJobRequest', document);
  const request = inspected.typed as Partial<CreateJobRequest> | null;
  const relations =
    request?.settings === undefined || request.jobTemplate !== undefined
      ? []
      : validateRelations(request.settings);
  return joinFindings(inspected, relations);
}

/** Validates the settings of a job alone: what `run` and `check` take, and what merging a template gives. Never throws. */
export function validateJobSettings(document: unknown): ValidatedDocument<JobSettings> {
  const inspected = inspectDocument('JobSettings', document);
  const settings = inspected.typed as JobSettings | null;
  return joinFindings(inspected, settings === null ? [] : validateRelations(settings));
}

/** Findings of both kinds, each once; the document only when there is none. */
export function joinFindings<Document>(
  inspected: InspectedDocument,
  relations: readonly ErrorFinding[],
): ValidatedDocument<Document> {
  const unique = new Map<string, ErrorFinding>();
  for (const finding of [...inspected.findings, ...relations]) {
    const key = `${finding.pointer}\n${finding.message}`;
    if (!unique.has(key)) unique.set(key, finding);
  }
  const findings = [...unique.values()];
  const typed = inspected.typed as Document | null;
  return { findings, document: findings.length === 0 ? typed : null, typed };
}
