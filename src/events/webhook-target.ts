/**
 * Event target that posts the envelope as it is to an HTTP(S) address (spec events.md 11).
 */
import { createHash } from 'node:crypto';
import type { EventTarget } from './envelope.ts';

/** Settings of a webhook. */
export interface WebhookOptions {
  /** Time for connection, request and answer together, in milliseconds. */
  readonly deadlineMs: number;
  /** Headers added to each request, e.g. `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Ten seconds; no headers of its own. */
const defaultWebhookOptions: WebhookOptions = { deadlineMs: 10_000, headers: {} };

/**
 * A target that counts an event as delivered when the address answers 2xx within the deadline. Anything else, a
 * redirect included, rejects and is tried again by the outbox: a webhook that moved must be configured anew.
 * Throws TypeError when `url` is no http(s) address.
 */
export function webhookTarget(url: string, options: WebhookOptions = defaultWebhookOptions): EventTarget {
  const address = new URL(url);
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    throw new TypeError(`a webhook needs an http or https address, not ${address.protocol}//`);
  }
  const shown = `${address.origin}${address.pathname}`;
  const headers = { ...authorization(address), ...options.headers, 'content-type': 'application/json' };
  address.username = '';
  address.password = '';
  return {
    // Query strings and passwords carry secrets: a name shows neither, yet tells two addresses apart.
    name: `webhook:${shown}#${createHash('sha256').update(url).digest('hex').slice(0, 8)}`,
    async deliver(event, signal) {
      const response = await fetch(address, {
        method: 'POST',
        headers,
        body: JSON.stringify(event),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(options.deadlineMs)]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`webhook ${shown} answered ${response.status}`);
    },
  };
}

/** `https://user:password@host/` as the header it stands for; fetch refuses such addresses. */
function authorization(address: URL): Record<string, string> {
  if (address.username === '' && address.password === '') return {};
  const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
