/**
 * CreateJob's dry run (docs/serve.md, "Dry run"): what would become of a job, and nothing stored. The request is judged as
 * CreateJob judges it; then the job is probed and planned as its attempt would.
 */
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { JobSubmission, JsonObject } from '../database/job-repository.ts';
import { resourceArn } from '../identity/arn.ts';
import { ApiFault } from './api-fault.ts';
import { acceptSubmission } from './create-job.ts';
import { toPlannable } from './merge-job.ts';
import { queueNotFound } from './not-found.ts';
import type { CheckedJob, Operation, OperationContext } from './operation.ts';
import { defaultQueueName } from './submission-rules.ts';

/**
 * CreateJob with `x-openconvert-dry-run: true`. What CreateJob would answer with 400 is a finding of code 400; its other
 * refusals (404 for queues, templates and presets, 403, 429) are the same here. Submit tokens are not looked at.
 */
export const dryRunJob: Operation = async (input, context) => {
  let submission: JobSubmission;
  try {
    submission = await acceptSubmission(input, context);
  } catch (error) {
    if (!(error instanceof ApiFault) || error.type !== 'BadRequestException') throw error;
    return toAnswer(input, findingsOf(error), { code: 400, message: error.message }, null);
  }
  const hasReservedQueue = await isReserved(submission, context);
  const { settings, role, queueName, accelerationMode, simulateReservedQueue, createdAtMs, id } = submission;
  const { findings, fault, plan } = await context.checkJob({
    id,
    // Validated as JobSettings by acceptSubmission.
    settings: toPlannable(settings as unknown as JobSettings),
    role,
    queueArn: resourceArn(context.identity, 'queues', queueName),
    acceleration: accelerationMode,
    startTimeMs: createdAtMs,
    hasOneSlot: hasReservedQueue || simulateReservedQueue === 'ENABLED',
  });
  return toAnswer({ role, settings, info: submission.infoMessages }, findings, fault, plan);
};

/** True for a reserved queue. Throws ApiFault 404 when it, or one that the job may hop to, does not exist. */
async function isReserved(
  { queueName, hopDestinations }: JobSubmission,
  { repository, identity }: OperationContext,
): Promise<boolean> {
  for (const { queueName: hop } of hopDestinations) {
    const name = hop ?? defaultQueueName;
    if ((await repository.findQueue(name)) === null) throw queueNotFound(name, identity);
  }
  const queue = await repository.findQueue(queueName);
  if (queue === null) throw queueNotFound(queueName, identity);
  return queue.pricingPlan === 'RESERVED';
}

/** Refusals without findings of validation are about the whole request, or about the places of their remedies. */
function findingsOf({ findings, remedies, message }: ApiFault): readonly ErrorFinding[] {
  if (findings.length > 0) return findings;
  const places = remedies.length > 0 ? remedies : [{ pointer: '' }];
  return places.map((place) => ({ severity: 'error', code: 400, message, ...place }));
}

/**
 * `openconvert` is whole; `job` says the same in members that clients made from the service model read: the error that the
 * job would end with, and every other finding as a message. It has no id, because there is no job.
 */
function toAnswer(
  { role, settings, info = [] }: JsonObject,
  findings: readonly Finding[],
  fault: { readonly code: number; readonly message: string } | null,
  plan: CheckedJob['plan'],
): JsonObject {
  return {
    job: {
      ...(role === undefined ? {} : { role }),
      ...(settings === undefined ? {} : { settings }),
      ...(fault === null ? {} : { errorCode: fault.code, errorMessage: fault.message }),
      messages: {
        info: [...(info as readonly string[]), ...sentencesOf(findings, ['notice'])],
        warning: sentencesOf(findings, ['error', 'warning']),
      },
    },
    openconvert: {
      dryRun: true,
      canRun: fault === null,
      findings,
      estimate: fault === null ? (plan?.estimate ?? null) : null,
    },
  };
}

function sentencesOf(
  findings: readonly Finding[],
  severities: readonly Finding['severity'][],
): readonly string[] {
  return findings
    .filter(({ severity }) => severities.includes(severity))
    .map((finding) => {
      const place = finding.pointer === '' ? '' : ` at ${finding.pointer}`;
      return finding.severity === 'notice'
        ? finding.message
        : `${finding.severity} ${finding.code}${place}: ${finding.message}`;
    });
}
