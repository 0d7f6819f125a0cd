/** Throttling: one token bucket per operation, for all callers of this server together, as the service does per account. */
import { apiFault } from '../operations/api-fault.ts';
import type { RequestRate } from '../operations/request-rates.table.ts';
import type { RequestHandler } from './exchange.ts';

/**
 * Takes a token for each request. Throws TooManyRequestsException when there is none; the remedy says when there will
 * be one. Operations without a rate are never throttled.
 */
export function throttle(rates: ReadonlyMap<string, RequestRate>, now: () => number): RequestHandler {
  const buckets = new Map<string, { tokens: number; filledAtMs: number }>();
  return ({ operation: { name } }) => {
    const rate = rates.get(name);
    if (rate === undefined) return;
    const nowMs = now();
    const bucket = buckets.get(name) ?? { tokens: rate.burst, filledAtMs: nowMs };
    // A clock that was set back fills nothing.
    const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
    const tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs / 1000) * rate.perSecond);
    const isFree = tokens >= 1;
    buckets.set(name, { tokens: isFree ? tokens - 1 : tokens, filledAtMs: nowMs });
    if (isFree) return;
    const waitSeconds = Math.ceil((1 - tokens) / rate.perSecond);
    throw apiFault(
      'TooManyRequestsException',
      'Too Many Requests',
      `${name} is limited to ${rate.perSecond} requests a second with bursts of ${rate.burst}: wait ${waitSeconds} s, or raise 'throttling' in the server configuration`,
    );
  };
}
