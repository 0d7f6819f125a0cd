/**
 * CreateJob: everything that is decided before a job exists. The request is validated whole, so that one answer
 * names all mistakes; then the job, its first task and its token are stored in one transaction. The role is only
 * required to be there: its form, trust and rights are examined when the job runs (spec iam-and-policy.md 3.1).
 */
import type { CreateJobRequest, JobSettings } from '../contract/types.generated.ts';
import { validateCreateJob } from '../contract/validate-job.ts';
import type { HopDestination, JobRecord, JobSubmission, JsonObject } from '../database/job-repository.ts';
import { ApiFault, validationFault } from './api-fault.ts';
import { withoutEmptyReferences } from './empty-references.ts';
import { refuseDisallowedInputs } from './input-policy.ts';
import { requestEngineVersion } from './job-engine-version.ts';
import { createJobId } from './job-id.ts';
import { toJob } from './job-shape.ts';
import { mergeJob, toPlannable } from './merge-job.ts';
import { queueNotFound } from './not-found.ts';
import type { Operation, OperationContext } from './operation.ts';
import { checkReservedQueueJob } from './reserved-queue-rules.ts';
import { readReference } from './resource-reference.ts';
import { storedItems } from './stored-items.ts';
import { checkSubmission, defaultQueueName } from './submission-rules.ts';

/** How long a submit token stands for its job, from the successful request on (spec api.md 6.3). */
export const submitTokenWindowMs = 60_000;

/** CreateJob. */
export const createJob: Operation = async (input, context) => {
  const accepted = await acceptOrRepeat(input, context);
  if ('repeated' in accepted) return { job: toJob(accepted.repeated, context.identity) };
  const { submission } = accepted;
  const token = submission.clientRequestToken;
  const result = await context.repository.submitJob(
    submission,
    token === null || token === '' ? null : { token, windowMs: submitTokenWindowMs },
    submission.createdAtMs,
  );
  if (result.outcome === 'queue-not-found') throw queueNotFound(result.queueName, context.identity);
  if (result.outcome === 'created') context.onSubmitted(result.job.id);
  return { job: toJob(result.job, context.identity) };
};

/**
 * A repeated token gets the first job whatever the body says now, so a token is looked up when its request is refused;
 * of accepted requests the database tells the repeated ones. Who lacks a right is refused all the same.
 */
async function acceptOrRepeat(
  input: JsonObject,
  context: OperationContext,
): Promise<{ readonly submission: JobSubmission } | { readonly repeated: JobRecord }> {
  try {
    return { submission: await acceptSubmission(input, context) };
  } catch (refusal) {
    if (!(refusal instanceof ApiFault) || refusal.status === 403) throw refusal;
    const earlier = await jobOfToken(input, context);
    if (earlier === null) throw refusal;
    return { repeated: earlier };
  }
}

/** The job that a request asks for, before anything is stored. Throws ApiFault for what CreateJob refuses. */
export async function acceptSubmission(
  received: JsonObject,
  context: OperationContext,
): Promise<JobSubmission> {
  const request = await completeRequest(withoutEmptyReferences(received), context);
  const submission = toSubmission(request, context);
  await refuseInReservedQueues(submission, request.settings, context);
  refuseDisallowedInputs(submission.settings, await context.account.readInputPolicy());
  return submission;
}

/** Reserved queues refuse some features, the one the job is submitted to and the one it may hop to. */
async function refuseInReservedQueues(
  { queueName, hopDestinations }: JobSubmission,
  settings: JobSettings,
  { repository }: OperationContext,
): Promise<void> {
  const findings = checkReservedQueueJob(settings);
  if (findings.length === 0) return;
  const hops = hopDestinations.map((hop) => hop.queueName ?? defaultQueueName);
  for (const name of [queueName, ...hops]) {
    const queue = await repository.findQueue(name);
    if (queue?.pricingPlan === 'RESERVED') throw validationFault(findings);
  }
}

async function jobOfToken(
  input: JsonObject,
  { repository, now }: OperationContext,
): Promise<JobRecord | null> {
  const token = input['clientRequestToken'];
  if (typeof token !== 'string' || token === '' || token.length > 64) return null;
  return repository.findJobByToken(token, now());
}

/**
 * The request with its template and presets in it, when everything it alone decides is right. Items that do not exist
 * are answered first: without them nothing else can be judged. Throws ApiFault: 404, or 400 with every finding; pointers
 * lead into the merged settings.
 */
async function completeRequest(input: JsonObject, context: OperationContext): Promise<CreateJobRequest> {
  const given = validateCreateJob(input);
  if (given.typed === null) throw validationFault(given.findings);
  const { request, findings } = await mergeJob(given.typed, storedItems(context));
  const { settings } = request;
  // What is merged is asked for everything: neither a template nor a preset can supply more.
  const { jobTemplate, ...whole } = request;
  const validated = validateCreateJob(
    settings === undefined ? whole : { ...whole, settings: toPlannable(settings) },
  );
  const all = [...findings, ...validated.findings, ...checkSubmission(request, context)];
  if (all.length > 0 || validated.document === null) throw validationFault(all);
  return {
    ...validated.document,
    ...(jobTemplate === undefined ? {} : { jobTemplate }),
    settings: settings ?? {},
  };
}

/** The job to store, defaults filled in (spec api.md 6.1). Throws ApiFault 404 for ARNs that can name no queue. */
function toSubmission(request: CreateJobRequest, context: OperationContext): JobSubmission {
  const nowMs = context.now();
  return {
    id: createJobId(nowMs),
    createdAtMs: nowMs,
    queueName: queueNameOf(request.queue ?? defaultQueueName, context),
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
      (hop): HopDestination => ({
        queueName: hop.queue === undefined ? null : queueNameOf(hop.queue, context),
        waitMinutes: hop.waitMinutes ?? 0,
        priority: hop.priority ?? null,
      }),
    ),
    jobTemplate: request.jobTemplate ?? null,
    jobEngineVersionRequested: request.jobEngineVersion ?? null,
    jobEngineVersionToUse: versionToUse(request.jobEngineVersion, nowMs),
    clientRequestToken: request.clientRequestToken ?? null,
    userMetadata: request.userMetadata ?? null,
    tags: request.tags ?? {},
    infoMessages: notices(request, context),
    warningMessages: [],
  };
}

function queueNameOf(reference: string, context: OperationContext): string {
  const { name } = readReference(reference, 'queues', context);
  if (name === null) throw queueNotFound(reference, context.identity);
  return name;
}

/** What was taken differently from what the request says, for people; nothing for ordinary requests. */
function notices(request: CreateJobRequest, context: OperationContext): readonly string[] {
  const queues = [request.queue, ...(request.hopDestinations ?? []).map(({ queue }) => queue)];
  const outputs = (request.settings.outputGroups ?? []).flatMap((group) => group.outputs ?? []);
  const foreign = [
    ...foreignNotices(queues, 'queues', context),
    ...foreignNotices([request.jobTemplate], 'jobTemplates', context),
    ...foreignNotices(
      outputs.map(({ preset }) => preset),
      'presets',
      context,
    ),
  ];
  const version =
    request.jobEngineVersion === undefined
      ? []
      : engineVersionNotice(request.jobEngineVersion, context.now());
  return [foreign, version].flat();
}

function versionToUse(requested: string | undefined, nowMs: number): string | null {
  const answer = requested === undefined ? null : requestEngineVersion(requested, nowMs);
  return answer?.outcome === 'used' ? answer.version : null;
}

function engineVersionNotice(requested: string, nowMs: number): readonly string[] {
  return versionToUse(requested, nowMs) === null
    ? [`Job engine version ${requested} has expired; the job runs as if none had been asked for.`]
    : [];
}

const nouns = { queues: 'queue', jobTemplates: 'job template', presets: 'preset' } as const;

function foreignNotices(
  references: readonly (string | undefined)[],
  kind: keyof typeof nouns,
  context: OperationContext,
): readonly string[] {
  const { accountId, region } = context.identity;
  return [...new Set(references)].flatMap((reference) => {
    const read = reference === undefined ? null : readReference(reference, kind, context);
    if (read === null || read.name === null || !read.isForeign) return [];
    return `The ${nouns[kind]} ${reference} is not of account ${accountId} in ${region}; it was matched by its name, ${read.name}.`;
  });
}
