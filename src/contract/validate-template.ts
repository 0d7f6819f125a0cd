/**
 * Everything that refuses a preset or a job template when it is created or changed: the name, the schema, and the same
 * relations as for jobs (spec api.md 7, 9). What a template's outputs take from presets is not asked for: presets
 * resolve when a job is created.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import { validatePresetRelations, validateTemplateRelations } from './relations.ts';
import type {
  CreateJobTemplateRequest,
  CreatePresetRequest,
  JobTemplateSettings,
  PresetSettings,
  UpdateJobTemplateRequest,
  UpdatePresetRequest,
} from './types.generated.ts';
import { inspectDocument } from './validate.ts';
import { joinFindings, type ValidatedDocument } from './validate-job.ts';

/** Names of our own items have this beginning; nobody else's may. */
export const systemNamePrefix = 'System-';

/** Validates a CreatePreset request. Never throws. */
export function validateCreatePreset(document: unknown): ValidatedDocument<CreatePresetRequest> {
  return validateTemplate('CreatePresetRequest', document, validatePresetRelations);
}

/** Validates an UpdatePreset request; its `name` is a reference, not a name to be. Never throws. */
export function validateUpdatePreset(document: unknown): ValidatedDocument<UpdatePresetRequest> {
  return validateTemplate('UpdatePresetRequest', document, validatePresetRelations);
}

/** Validates a CreateJobTemplate request. Never throws. */
export function validateCreateJobTemplate(document: unknown): ValidatedDocument<CreateJobTemplateRequest> {
  return validateTemplate('CreateJobTemplateRequest', document, validateTemplateRelations);
}

/** Validates an UpdateJobTemplate request; its `name` is a reference, not a name to be. Never throws. */
export function validateUpdateJobTemplate(document: unknown): ValidatedDocument<UpdateJobTemplateRequest> {
  return validateTemplate('UpdateJobTemplateRequest', document, validateTemplateRelations);
}

function validateTemplate<Document, Settings extends PresetSettings | JobTemplateSettings>(
  structureName: string,
  document: unknown,
  relationsOf: (settings: Settings) => readonly ErrorFinding[],
): ValidatedDocument<Document> {
  const inspected = inspectDocument(structureName, document);
  const request = inspected.typed as { readonly name?: string; readonly settings?: Settings } | null;
  if (request === null) return joinFindings(inspected, []);
  const isNew = structureName.startsWith('Create');
  return joinFindings(inspected, [
    ...(isNew && request.name !== undefined ? nameFindings(request.name) : []),
    ...(request.settings === undefined ? [] : relationsOf(request.settings)),
  ]);
}

/** Length, beginning and characters of a custom name (spec api.md 9; the characters are observed). */
function nameFindings(name: string): readonly ErrorFinding[] {
  const findings: ErrorFinding[] = [];
  if (name.length < 1) findings.push(refuseName('Should have at least 1 characters', 'Give a name.'));
  if (name.length > 80)
    findings.push(refuseName('Should have at most 80 characters', 'Give a shorter name.'));
  if (name.toLowerCase().startsWith(systemNamePrefix.toLowerCase())) {
    findings.push(
      refuseName(`Should not begin with ${systemNamePrefix}`, 'Such names are the service’s own.'),
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are no part of a name either
  const refused = [...new Set(name.match(/[$&,:;?<>`"#%{}/|^~\\\u0000-\u001f\u007f]/g) ?? [])];
  if (refused.length > 0) {
    const shown = refused.map((character) => JSON.stringify(character)).join(' ');
    findings.push(
      refuseName(
        'Should not contain any of $ & , : ; ? < > ` " # % { } / \\ | ^ ~',
        `The name has ${shown}.`,
      ),
    );
  }
  return findings;
}

function refuseName(message: string, remedy: string): ErrorFinding {
  return { severity: 'error', code: 400, pointer: '/name', message, remedy };
}
