/** Reads the job document of `run` and `check`: file, form, `--set`, validation. All findings, none thrown. */
import { readFile } from 'node:fs/promises';
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import { systemJobTemplate } from '../catalogue/system-items/system-job-templates.ts';
import { systemPreset } from '../catalogue/system-items/system-presets.ts';
import { parseJobDocument } from '../contract/document.ts';
import { validatePresetUse } from '../contract/relations.ts';
import type { CreateJobRequest, JobSettings } from '../contract/types.generated.ts';
import { inspectDocument } from '../contract/validate.ts';
import { validateJobSettings } from '../contract/validate-job.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { parseMediaConvertArn } from '../identity/arn.ts';
import { type ItemSource, mergePresets, mergeTemplate, toPlannable } from '../operations/merge-job.ts';
import { type Assignment, applyAssignments, UsageError } from './options.ts';

/** A job document ready to be planned, or the findings that forbid it. */
export interface LoadedJob {
  /** Null when a finding is an error: the service would answer 400. */
  readonly settings: JobSettings | null;
  /** Null when the document is bare settings. */
  readonly role: string | null;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** Loads a document. Throws UsageError when the file cannot be read or `--set` leads nowhere. */
export async function loadJob(file: string, assignments: readonly Assignment[]): Promise<LoadedJob> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `cannot read ${file}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  const { request, form, findings: parsed } = parseJobDocument(text);
  if (request === null || hasErrors(parsed))
    return { settings: null, role: null, userMetadata: {}, findings: parsed };
  const { settings, findings: missing } = await mergeSystemItems(request, assignments);
  const validated = validateJobSettings(settings);
  const findings = [...parsed, ...missing, ...(hasErrors(missing) ? [] : validated.findings)];
  return {
    settings: hasErrors(findings) ? null : validated.document,
    role: form === 'settings-only' ? null : (request.role ?? null),
    userMetadata: (request.userMetadata ?? {}) as Readonly<Record<string, string>>,
    findings,
  };
}

/**
 * Settings with the system templates and presets in them that the document names, nothing else exists without a server;
 * `--set` comes between, so that it reaches what a template brought and may name a preset. Documents whose types are
 * wrong stay as they are: validation says what is wrong with them.
 */
async function mergeSystemItems(
  request: Partial<CreateJobRequest>,
  assignments: readonly Assignment[],
): Promise<{ readonly settings: JobSettings; readonly findings: readonly Finding[] }> {
  const missing: ErrorFinding[] = [];
  const source = systemItemsOnly((finding) => missing.push(finding));
  const given = (request.settings ?? {}) as JobSettings;
  const { settings: overTemplate = given } = isTyped(given)
    ? await mergeTemplate({ ...request, settings: given }, source)
    : {};
  const settings = applyAssignments(overTemplate, assignments);
  if (!isTyped(settings)) return { settings, findings: missing };
  const misused = validatePresetUse(settings);
  return { settings: toPlannable(await mergePresets(settings, source)), findings: [...missing, ...misused] };
}

function isTyped(settings: JobSettings): boolean {
  return inspectDocument('JobSettings', settings).typed !== null;
}

function systemItemsOnly(onMissing: (finding: ErrorFinding) => void): ItemSource {
  return {
    async jobTemplate(reference) {
      const item = systemJobTemplate(nameOf(reference));
      if (item === null) onMissing(notFound('job template', reference, '/jobTemplate'));
      return item === null ? null : { settings: item.settings };
    },
    async preset(reference, pointer) {
      const item = systemPreset(nameOf(reference));
      if (item === null) onMissing(notFound('preset', reference, pointer));
      return item === null ? null : (item.settings as unknown as JsonObject);
    },
  };
}

/** Names and ARNs of any account name the same system item. */
function nameOf(reference: string): string {
  return parseMediaConvertArn(reference)?.name ?? reference;
}

function notFound(noun: string, reference: string, pointer: string): ErrorFinding {
  return {
    severity: 'error',
    code: 400,
    pointer,
    message: `The specified ${noun} was not found: ${reference}`,
    remedy: `without a server only system ${noun}s exist: put the settings into the document, or submit it to a server that has it`,
  };
}

function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}
