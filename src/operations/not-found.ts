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

/** No job template of that name, or an ARN that cannot name one of ours. */
export function jobTemplateNotFound(reference: string, identity: DeploymentIdentity): ApiFault {
  return apiFault(
    'NotFoundException',
    `The specified job template was not found: jobTemplateArn=${referencedArn(reference, 'jobTemplates', identity)}.`,
    'name one that ListJobTemplates shows; system templates begin with System-',
  );
}

/** No preset of that name, or an ARN that cannot name one of ours. */
export function presetNotFound(reference: string, identity: DeploymentIdentity): ApiFault {
  return apiFault(
    'NotFoundException',
    `The specified preset was not found: presetArn=${referencedArn(reference, 'presets', identity)}.`,
    'name one that ListPresets shows; system presets begin with System-',
  );
}
