/** System templates and presets in the documents of `run` and `check`. */
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import { systemJobTemplate } from '../catalogue/system-items/system-job-templates.ts';
import { systemPreset } from '../catalogue/system-items/system-presets.ts';
import { validatePresetUse } from '../contract/relations.ts';
import type { CreateJobRequest, JobSettings } from '../contract/types.generated.ts';
import { inspectDocument } from '../contract/validate.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { parseMediaConvertArn } from '../identity/arn.ts';
import { type ItemSource, mergePresets, mergeTemplate, toPlannable } from '../operations/merge-job.ts';
import { type Assignment, applyAssignments } from './options.ts';

/**
 * Settings with the system templates and presets in them that the document names, nothing else exists without a server;
 * `--set` comes between, so that it reaches what a template brought and may name a preset. Documents whose types are
 * wrong stay as they are: validation says what is wrong with them.
 */
export async function mergeSystemItems(
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
