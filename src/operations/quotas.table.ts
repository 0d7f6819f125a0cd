/**
 * Quotas of the service (spec api.md 17: the published defaults of AWS Elemental MediaConvert). They are off unless
 * the configuration turns them on: a deployment of one's own has no reason to refuse an eleventh queue.
 */

/** Quotas in force. Operations that create something compare with them; null in the context: no quotas. */
export interface Quotas {
  /** Queues, on-demand and reserved together, `Default` included. Above: 402 ServiceQuotaExceededException. */
  readonly queues: number;
  /** Custom job templates. Above: 402. */
  readonly jobTemplates: number;
  /** Custom presets. Above: 402. */
  readonly presets: number;
  /** Jobs queries (StartJobsQuery) that are not finished. Above: 429 TooManyRequestsException. */
  readonly jobsQueries: number;
  /** Largest `concurrentJobs` of one on-demand queue. Above: 429 (observed, although it is no rate). */
  readonly concurrentJobsPerQueue: number;
  /** `concurrentJobs` of an on-demand queue that is created without. */
  readonly defaultConcurrentJobsPerQueue: number;
}

/** Regions with twice the account quota and the largest queues. */
export const largestRegions: ReadonlySet<string> = new Set(['us-east-1', 'us-west-2', 'eu-west-1']);
const largeRegions: ReadonlySet<string> = new Set(['us-east-2', 'ap-northeast-1', 'ap-south-1', 'eu-west-2']);

/** The service's quotas in a region. */
export function serviceQuotas(region: string): Quotas {
  const isLargest = largestRegions.has(region);
  return {
    queues: 10,
    jobTemplates: 100,
    presets: 100,
    jobsQueries: 10,
    concurrentJobsPerQueue: isLargest ? 500 : largeRegions.has(region) ? 250 : 100,
    defaultConcurrentJobsPerQueue: isLargest ? 200 : 100,
  };
}
