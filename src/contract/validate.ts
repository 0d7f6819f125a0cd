/**
 * Validates a request against the service model: everything that one document alone shows to be wrong with its
 * members (spec README "400 or 1040", kind 1, schema part). All findings of a document come in one answer.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import type { ErrorFinding } from '../catalogue/finding.ts';
import { type Clause, toClause } from './clause.ts';
import { modelSchema } from './json-schema.ts';
import type { JsonValue } from './json-text.ts';
import { structures } from './model.generated.ts';
import { toNormalForm } from './normal-form.ts';
import { safePattern } from './pattern.ts';
import { missingRequiredMembers } from './required-members.ts';

/** More findings than this help nobody and cost memory; the rest is cut off. */
const MAX_FINDINGS = 500;

/**
 * Findings of a document for the structure of that name, e.g. `CreateJobRequest` or `JobSettings`; empty when it
 * conforms. Each has severity `error`, code 400 and the service's pointer and text (spec api.md 7). `null` members
 * count as absent. Members the service requires are demanded unless a job template or preset will supply them.
 * Throws RangeError for a structure name the model does not have.
 */
export function validateRequest(structureName: string, document: unknown): readonly ErrorFinding[] {
  return inspectDocument(structureName, document).findings;
}

/** A document looked at once: its findings, and its normal form when every member has the type the model says. */
export interface InspectedDocument {
  readonly findings: readonly ErrorFinding[];
  /** Safe to read as the structure's generated type; null when types are wrong. Values may still be out of range. */
  readonly typed: JsonValue | null;
}

/** `validateRequest`, and the document's normal form for rules that read it. */
export function inspectDocument(structureName: string, document: unknown): InspectedDocument {
  const validate = validatorOf(structureName);
  const normal = toNormalForm(document);
  if (normal.refusedAt !== undefined) {
    const clause = {
      pointer: normal.refusedAt,
      text: 'Is nested too deep or is no JSON value',
      remedy: 'Remove it.',
    };
    return { findings: [toFinding(structureName, clause)], typed: null };
  }
  validate(normal.value);
  const errors = validate.errors ?? [];
  const isTyped = normal.value !== undefined && !errors.some((error) => error.keyword === 'type');
  const clauses = errors.slice(0, MAX_FINDINGS).map(toClause);
  if (isTyped) clauses.push(...missingRequiredMembers(structureName, normal.value));
  return {
    findings: clauses.filter((clause) => clause !== null).map((clause) => toFinding(structureName, clause)),
    typed: isTyped ? normal.value : null,
  };
}

/** The service's answer for a set of findings: clauses `pointer: text`, joined by ` | `. */
export function formatValidationMessage(findings: readonly ErrorFinding[]): string {
  return findings
    .map(({ pointer, message }) => (pointer === '' ? message : `${pointer}: ${message}`))
    .join(' | ');
}

/** Compiles the validators of these structures now instead of at their first use. */
export function compileValidators(structureNames: readonly string[]): void {
  for (const name of structureNames) validatorOf(name);
}

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  ownProperties: true,
  strictTypes: false,
  // Unoptimised code compiles in two thirds of the time (0.4 s instead of 0.6 s) and validates a job as fast.
  code: { optimize: false, regExp: Object.assign(safePattern, { code: 'safePattern' }) },
});
ajv.addSchema(modelSchema());

const validators = new Map<string, ValidateFunction>();

function validatorOf(structureName: string): ValidateFunction {
  const known = validators.get(structureName);
  if (known !== undefined) return known;
  if (!Object.hasOwn(structures, structureName))
    throw new RangeError(`the model has no structure ${structureName}`);
  const compiled = ajv.compile({ $ref: `contract#/$defs/${structureName}` });
  validators.set(structureName, compiled);
  return compiled;
}

function toFinding(structureName: string, clause: Clause): ErrorFinding {
  const { text, pointer, ...rest } = clause;
  return {
    severity: 'error',
    code: 400,
    pointer: withoutSettings(structureName, pointer),
    message: text,
    ...rest,
  };
}

/** Pointers of the service begin inside `settings` (spec api.md 7). */
function withoutSettings(structureName: string, pointer: string): string {
  const hasSettings = structures[structureName]?.members['settings'] !== undefined;
  return hasSettings ? pointer.replace(/^\/settings(?=\/|$)/, '') : pointer;
}
