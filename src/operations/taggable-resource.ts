/** Which resource a tag operation means: its ARN, read with the same rules as other references (spec api.md 10). */
import { systemJobTemplate } from '../catalogue/system-items/system-job-templates.ts';
import { systemPreset } from '../catalogue/system-items/system-presets.ts';
import type { TaggedResource } from '../database/tag-repository.ts';
import { parseMediaConvertArn, type ResourceKind } from '../identity/arn.ts';
import { type ApiFault, apiFault } from './api-fault.ts';
import { type ReferenceRules, readReference } from './resource-reference.ts';

/** Tags of one resource (spec api.md 10). */
export const mostTagsPerResource = 50;

const types: ReadonlyMap<string, TaggedResource['type']> = new Map([
  ['jobs', 'job'],
  ['queues', 'queue'],
  ['jobTemplates', 'job-template'],
  ['presets', 'preset'],
]);

/**
 * The resource an ARN names. Throws ApiFault: 400 for texts that are no ARN of a taggable kind (certificates are
 * none) and for system items, which no account owns; 404 for ARNs that can name nothing here.
 */
export function taggableResource(arn: string, rules: ReferenceRules): TaggedResource {
  const parsed = parseMediaConvertArn(arn);
  const type = types.get(parsed?.kind ?? '');
  if (parsed === null || type === undefined) {
    throw apiFault(
      'BadRequestException',
      `The ARN ${arn} does not name a resource that can have tags.`,
      'jobs, queues, job templates and presets can have tags: give the ARN that their answer shows',
    );
  }
  const { name } = readReference(arn, parsed.kind as ResourceKind, rules);
  if (name === null) throw resourceNotFound(arn);
  if (
    (type === 'preset' && systemPreset(name) !== null) ||
    (type === 'job-template' && systemJobTemplate(name) !== null)
  ) {
    throw apiFault(
      'BadRequestException',
      `The system item ${name} can't have tags.`,
      'create one of your own with its settings and tag that',
    );
  }
  return { type, id: name };
}

/** 404 with the ARN in its text. */
export function resourceNotFound(arn: string): ApiFault {
  return apiFault('NotFoundException', `The specified resource was not found: arn=${arn}.`);
}
