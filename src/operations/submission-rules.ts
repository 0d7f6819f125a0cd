/**
 * Rules for the members of CreateJob beside `settings` that the contract does not know: the submit token, hop
 * destinations, engine versions, and members whose feature this release does not have (spec api.md 6.2, 6.3;
 * queues-and-lifecycle.md 6). They return findings; pointers begin at the request.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import type { CreateJobRequest } from '../contract/types.generated.ts';
import { requestEngineVersion } from './job-engine-version.ts';
import { type ReferenceRules, readReference } from './resource-reference.ts';

/** The queue of jobs that name none, and the target of hops that name none (spec api.md 8, queues-and-lifecycle.md 6). */
export const defaultQueueName = 'Default';

/**
 * Findings of what a job template says for its jobs beside `settings`. Without a queue of its own its hops are compared
 * when a job is created, which may bring one.
 */
export function checkTemplateSubmission(
  request: TemplateSubmission,
  rules: ReferenceRules,
): readonly ErrorFinding[] {
  return [...checkHops(request, rules, request.queue === undefined), ...checkAvailability(request)];
}

/** Members that job templates share with jobs. */
export type TemplateSubmission = Pick<
  Partial<CreateJobRequest>,
  'queue' | 'hopDestinations' | 'accelerationSettings' | 'elementalInferenceSettings'
>;

/** Findings of everything beside `settings`. Types of the members are right, required ones may be missing. */
export function checkSubmission(
  request: Partial<CreateJobRequest>,
  rules: ReferenceRules,
): readonly ErrorFinding[] {
  return [
    ...checkToken(request.clientRequestToken),
    ...checkHops(request, rules, false),
    ...checkEngineVersion(request.jobEngineVersion),
    ...checkAvailability(request),
  ];
}

function checkToken(token: string | undefined): readonly ErrorFinding[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
  return token === undefined || /^[\x00-\x7f]*$/.test(token)
    ? []
    : [refusal('/clientRequestToken', 'Should consist of ASCII characters', 'use a UUID')];
}

/** One destination at most; it needs a wait, and another queue than the job is in. */
function checkHops(
  request: TemplateSubmission,
  rules: ReferenceRules,
  isQueueOpen: boolean,
): readonly ErrorFinding[] {
  const hops = request.hopDestinations ?? [];
  if (hops.length > 1) return [refusal('/hopDestinations', 'Should have at most 1 items', 'a job hops once')];
  const queueName = queueNameOf(request.queue, rules);
  return hops.flatMap((hop, index) => {
    const pointer = `/hopDestinations/${index}`;
    const findings: ErrorFinding[] = [];
    if (hop.waitMinutes === undefined) {
      findings.push(refusal(pointer, 'waitMinutes is a required property', '1 to 4320 minutes'));
    }
    if (!isQueueOpen && queueName !== null && queueNameOf(hop.queue, rules) === queueName) {
      findings.push(
        refusal(
          `${pointer}/queue`,
          'Should be another queue than the job is submitted to',
          `the job is submitted to ${queueName}; without a queue a hop goes to ${defaultQueueName}`,
        ),
      );
    }
    return findings;
  });
}

/** Null: the reference can name no queue here, which is another answer than a 400. */
function queueNameOf(reference: string | undefined, rules: ReferenceRules): string | null {
  return readReference(reference ?? defaultQueueName, 'queues', rules).name;
}

/** A version that has expired is no mistake: the job runs as if none had been asked for (spec api.md 6.2). */
function checkEngineVersion(version: string | undefined): readonly ErrorFinding[] {
  return version !== undefined && requestEngineVersion(version, 0).outcome === 'invalid'
    ? [
        refusal(
          '/jobEngineVersion',
          'Is not a valid job engine version',
          'ListVersions shows the versions; without one the job runs with the newest',
        ),
      ]
    : [];
}

/** Members whose feature this release does not have. */
function checkAvailability(request: TemplateSubmission): readonly ErrorFinding[] {
  const findings: ErrorFinding[] = [];
  if (request.elementalInferenceSettings !== undefined) {
    findings.push(
      refusal(
        '/elementalInferenceSettings',
        'Elemental Inference is not available in this release',
        'remove the member',
      ),
    );
  }
  return findings;
}

function refusal(pointer: string, message: string, remedy?: string): ErrorFinding {
  return { severity: 'error', code: 400, pointer, message, ...(remedy === undefined ? {} : { remedy }) };
}
