/** `quotas` and `throttling` of the configuration: the service's numbers, whole or with some replaced. */
import { operations } from '../contract/operations.ts';
import type { Quotas } from '../operations/quotas.table.ts';
import { isEverThrottled, type RequestRate, serviceRates } from '../operations/request-rates.table.ts';
import { number, objectMembers, type Reader, requireMembers } from './configuration-readers.ts';

/** True, false, or the numbers that differ from the service's. */
export const quotaNumbers: Reader<boolean | Partial<Quotas>> = (value, pointer, problems) =>
  typeof value === 'boolean' ? value : objectMembers(value, pointer, quotaReaders, problems);

const count = number(0, 1_000_000);
const quotaReaders: { readonly [Member in keyof Quotas]: Reader<number> } = {
  queues: count,
  jobTemplates: count,
  presets: count,
  jobsQueries: count,
  concurrentJobsPerQueue: count,
  defaultConcurrentJobsPerQueue: number(1, 1_000_000),
};

/** True: the service's rates; an object: the same with some operations' rates replaced; false: none. */
export const requestRates: Reader<ReadonlyMap<string, RequestRate> | null> = (value, pointer, problems) => {
  if (value === false) return null;
  if (value === true) return serviceRates();
  const throttled = operations.filter(({ name }) => isEverThrottled(name));
  const readers = Object.fromEntries(throttled.map(({ name }) => [name, rate]));
  const given = objectMembers(value, pointer, readers, problems);
  return new Map([...serviceRates(), ...(Object.entries(given) as [string, RequestRate][])]);
};

const rate: Reader<RequestRate> = (value, pointer, problems) => {
  const readers = { perSecond: number(0.001, 1_000_000, 'fractions'), burst: number(1, 1_000_000) };
  requireMembers(value, ['perSecond', 'burst'], pointer, problems);
  const { perSecond = 1, burst = 1 } = objectMembers(value, pointer, readers, problems);
  return { perSecond, burst };
};
