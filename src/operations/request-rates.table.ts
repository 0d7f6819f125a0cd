/** Request rates of the service (spec api.md 17: requests per second and burst, per account and region). */
import { operations } from '../contract/operations.ts';

/** A token bucket: it holds `burst` requests and refills at `perSecond`. */
export interface RequestRate {
  readonly perSecond: number;
  readonly burst: number;
}

const ownRates: Readonly<Record<string, RequestRate>> = {
  CreateJob: { perSecond: 5, burst: 100 },
  Probe: { perSecond: 5, burst: 100 },
  SearchJobs: { perSecond: 1, burst: 20 },
  StartJobsQuery: { perSecond: 1, burst: 10 },
  CreateResourceShare: { perSecond: 0.1, burst: 10 },
};
const otherOperations: RequestRate = { perSecond: 2, burst: 100 };

/** The service's rates by operation. */
export function serviceRates(): ReadonlyMap<string, RequestRate> {
  return new Map(
    operations
      .filter(({ name }) => isEverThrottled(name))
      .map(({ name }) => [name, ownRates[name] ?? otherOperations]),
  );
}

/** DescribeEndpoints never is here: old clients call it before everything else, and 429 there stopped them. */
export function isEverThrottled(operationName: string): boolean {
  return operationName !== 'DescribeEndpoints';
}
