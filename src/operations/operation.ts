/**
 * What an API operation is: a function from a request's input to its response body, given the deployment.
 * Operations know nothing of HTTP; refusals are thrown as ApiFault.
 */
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { AccountRepository } from '../database/account-repository.ts';
import type { AccelerationMode, JobRepository, JsonObject } from '../database/job-repository.ts';
import type { TagRepository } from '../database/tag-repository.ts';
import type { TemplateRepository } from '../database/template-repository.ts';
import type { DeploymentIdentity } from '../identity/arn.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { Estimate } from '../plan/plan.ts';
import type { Quotas } from './quotas.table.ts';

/**
 * `input` holds the members of path, query and body under their wire names, absent members left out.
 * The result is the response body, wire names.
 */
export type Operation = (input: JsonObject, context: OperationContext) => Promise<JsonObject>;

/** Everything an operation may use. */
export interface OperationContext {
  readonly repository: JobRepository;
  readonly account: AccountRepository;
  readonly templates: TemplateRepository;
  readonly tags: TagRepository;
  readonly identity: DeploymentIdentity;
  /** True: ARNs of other accounts or regions name nothing here; false: they are matched by name. */
  readonly strictArns: boolean;
  /** Jobs that may run at once on all on-demand queues together: `totalConcurrentJobs` of ListQueues. */
  readonly accountConcurrentJobs: number;
  /** What may exist at most; null: no quotas. */
  readonly quotas: Quotas | null;
  readonly pageTokens: PageTokens;
  /** Probes a file at an `s3://` or `http(s)://` URL. Throws JobFault for what a job's input would be refused for. */
  readonly probeInput: (location: string) => Promise<ProbedInput>;
  /** Checks a job as far as its attempt would come before running. Faults of the job are findings. */
  readonly checkJob: (job: JobToCheck) => Promise<CheckedJob>;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Base URL under which the caller reaches this server: scheme, host and port. */
  readonly endpointUrl: string;
  /** Called once for each stored job, after it is durable. */
  readonly onSubmitted: (jobId: string) => void;
}

/** A job that nothing is stored of. */
export interface JobToCheck {
  readonly id: string;
  /** Merged, without names of presets. */
  readonly settings: JobSettings;
  readonly role: string;
  readonly queueArn: string;
  readonly acceleration: AccelerationMode;
  readonly startTimeMs: number;
  /** True: the job gets the share of one slot of the machine. */
  readonly hasOneSlot: boolean;
}

/** What can be known of it. */
export interface CheckedJob {
  /** Null when the job cannot run. */
  readonly plan: { readonly estimate: Estimate } | null;
  readonly findings: readonly Finding[];
  /** What the job would end with; null: nothing stands against it. */
  readonly fault: FaultRecord | null;
}

/** A file that the Probe operation asked for. */
export interface ProbedInput {
  /** Null: the bytes are of no format that is known here. */
  readonly facts: InputFacts | null;
  /** What its store says of it. */
  readonly head: {
    readonly sizeBytes: number;
    readonly eTag: string | null;
    readonly lastModifiedMs: number | null;
    readonly contentType: string | null;
  };
}

/** Turns places in lists into opaque tokens and back. */
export interface PageTokens {
  /** `scope` names the list and its filters: a token opens only under the scope it was sealed with. */
  seal(scope: string, cursor: object): string;
  /** The cursor, or null when the token was not made by this deployment for this scope. */
  open(scope: string, token: string): object | null;
}
