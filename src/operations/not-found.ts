/** 404 answers for resources a request refers to (spec api.md 7; the queue and preset forms follow the template's). */
import type { DeploymentIdentity } from '../identity/arn.ts';
import { type ApiFault, apiFault } from './api-fault.ts';
import { referencedArn } from './resource-reference.ts';

/** No queue of that name, or an ARN that cannot name one of ours. */
export function queueNotFound(reference: string, identity: DeploymentIdentity): ApiFault {
  return apiFault(
    'NotFoundException',
    `The specified queue was not found: queueArn=${referencedArn(reference, 'queues', identity)}.`,
    "leave the queue out to use 'Default', or name one that ListQueues shows",
  );
}

/** Job templates cannot be made in this release, so no name finds one. */
export function jobTemplateNotFound(reference: string, identity: DeploymentIdentity): ApiFault {
  return apiFault(
    'NotFoundException',
    `The specified job template was not found: jobTemplateArn=${referencedArn(reference, 'jobTemplates', identity)}.`,
    'job templates are not available in this release: put the template’s settings into the job',
  );
}

/** Presets cannot be made in this release, so no name finds one. */
export function presetNotFound(reference: string, identity: DeploymentIdentity): ApiFault {
  return apiFault(
    'NotFoundException',
    `The specified preset was not found: presetArn=${referencedArn(reference, 'presets', identity)}.`,
    'presets are not available in this release: put the preset’s settings into the output',
  );
}
