/**
 * CreateJob: everything that is decided before a job exists. The request is validated whole, so that one answer
 * names all mistakes; then the job, its first task and its token are stored in one transaction. The role is only
 * required to be there: its form, trust and rights are examined when the job runs (spec iam-and-policy.md 3.1).
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import type { CreateJobRequest } from '../contract/types.generated.ts';
import { formatValidationMessage } from '../contract/validate.ts';
import { validationFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { createJobId } from './job-id.ts';
import type { HopDestination, JobRecord, JobSubmission, JsonObject } from './job-repository.ts';
import { toJob } from './job-shape.ts';
import { jobTemplateNotFound, presetNotFound, queueNotFound } from './not-found.ts';
import type { Operation, OperationContext } from './operation.ts';
import { type ResourceReference, readReference } from './resource-reference.ts';
import { checkSubmission } from './submission-rules.ts';

/** How long a submit token stands for its job, from the successful request on (spec api.md 6.3). */
export const submitTokenWindowMs = 60_000;

/** The queue of jobs that name none (spec api.md 8). */
const defaultQueueName = 'Default';

/** CreateJob. */
export const createJob: Operation = async (input, context) => {
  const earlier = await jobOfToken(input, context);
  if (earlier !== null) return { job: toJob(earlier, context.identity) };
  refuseMissingResources(input, context);
  const request = checkedRequest('CreateJob', input);
  const nowMs = context.now();
  const submission = toSubmission(request, nowMs, context);
  const token = submission.clientRequestToken;
  const result = await context.repository.submitJob(
    submission,
    token === null || token === '' ? null : { token, windowMs: submitTokenWindowMs },
    nowMs,
  );
  if (result.outcome === 'queue-not-found') throw queueNotFound(result.queueName, context.identity);
  if (result.outcome === 'created') context.onSubmitted(result.job.id);
  return { job: toJob(result.job, context.identity) };
};

/** A repeated token gets the first job whatever the body says now, so it is looked up before anything is validated. */
async function jobOfToken(
  input: JsonObject,
  { repository, now }: OperationContext,
): Promise<JobRecord | null> {
  const token = input['clientRequestToken'];
  if (typeof token !== 'string' || token === '' || token.length > 64) return null;
  return repository.findJobByToken(token, now());
}

/**
 * Templates and presets supply what validation would miss, so a wrong name is answered before. None exist in this
 * release.
 */
function refuseMissingResources(input: JsonObject, { identity }: OperationContext): void {
  const template = input['jobTemplate'];
  if (typeof template === 'string') throw jobTemplateNotFound(template, identity);
  for (const group of elements(member(input['settings'], 'outputGroups'))) {
    for (const output of elements(member(group, 'outputs'))) {
      const preset = member(output, 'preset');
      if (typeof preset === 'string') throw presetNotFound(preset, identity);
    }
  }
}

/** Everything known at submit, or all reasons for a refusal. Throws ApiFault 400 or 404. */
function toSubmission(request: CreateJobRequest, nowMs: number, context: OperationContext): JobSubmission {
  const queue = foundReference(request.queue ?? defaultQueueName, context);
  const hopQueues = (request.hopDestinations ?? []).map((hop) =>
    foundReference(hop.queue ?? defaultQueueName, context),
  );
  const findings: readonly ErrorFinding[] = [
    ...checkSubmission(
      request,
      queue.name,
      hopQueues.map(({ name }) => name),
    ),
  ];
  if (findings.length > 0) throw validationFault(formatValidationMessage(findings), findings);
  return {
    id: createJobId(nowMs),
    createdAtMs: nowMs,
    queueName: queue.name,
    priority: request.priority ?? 0,
    role: request.role,
    settings: request.settings as unknown as JsonObject,
    accelerationMode: request.accelerationSettings?.mode ?? 'DISABLED',
    billingTagsSource: request.billingTagsSource ?? 'JOB',
    simulateReservedQueue: request.simulateReservedQueue ?? 'DISABLED',
    statusUpdateIntervalSeconds: Number(
      (request.statusUpdateInterval ?? 'SECONDS_60').slice('SECONDS_'.length),
    ),
    hopDestinations: (request.hopDestinations ?? []).map(
      (hop, index): HopDestination => ({
        queueName: hop.queue === undefined ? null : (hopQueues[index]?.name ?? null),
        waitMinutes: hop.waitMinutes ?? 0,
        priority: hop.priority ?? null,
      }),
    ),
    jobTemplate: null,
    jobEngineVersionRequested: request.jobEngineVersion ?? null,
    clientRequestToken: request.clientRequestToken ?? null,
    userMetadata: request.userMetadata ?? null,
    tags: request.tags ?? {},
    infoMessages: notices(request, [queue, ...hopQueues], context),
    warningMessages: [],
  };
}

type FoundReference = Extract<ResourceReference, { name: string }> & { readonly reference: string };

function foundReference(reference: string, context: OperationContext): FoundReference {
  const found = readReference(reference, 'queues', context);
  if (found.name === null) throw queueNotFound(reference, context.identity);
  return { ...found, reference };
}

/** What was taken differently from what the request says, for people; nothing for ordinary requests. */
function notices(
  request: CreateJobRequest,
  queues: readonly FoundReference[],
  { identity }: OperationContext,
): readonly string[] {
  const foreign = queues
    .filter(({ isForeign }) => isForeign)
    .map(
      ({ reference, name }) =>
        `The queue ${reference} is of another account or region than ${identity.accountId} in ${identity.region}; it was matched by its name, ${name}.`,
    );
  const simulated =
    request.simulateReservedQueue === 'ENABLED'
      ? ['simulateReservedQueue has no effect: this deployment runs all jobs at the speed of its workers.']
      : [];
  const version =
    request.jobEngineVersion === undefined
      ? []
      : [`Job engine version ${request.jobEngineVersion} is not kept here; the job runs with this release.`];
  return [...foreign, ...simulated, ...version];
}

function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
