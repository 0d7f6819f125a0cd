/**
 * The access keys that may sign requests, from configuration. Without any, a server that only this machine can
 * reach accepts every key; a server that others can reach refuses to start (design section 8).
 */

import type { PolicySet } from './policy/evaluate.ts';

/** One access key, long-lived or temporary. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary keys: what `X-Amz-Security-Token` must carry. Null for long-lived keys, which must not carry one. */
  readonly sessionToken: string | null;
  /** Milliseconds since the epoch after which the key is refused; null: never. */
  readonly expiresAtMs: number | null;
  /** Who signs with it; null: a user of this account named like the key. */
  readonly callerArn: string | null;
  /** What the caller may do; null: everything. */
  readonly permissions: PolicySet | null;
}

/**
 * Who may sign:
 * - `configured`: the listed keys, every signature verified;
 * - `anyone-on-this-machine`: requests must look signed, by any key; only for loopback.
 */
export type Credentials =
  | { readonly kind: 'configured'; readonly keys: ReadonlyMap<string, AccessKey> }
  | { readonly kind: 'anyone-on-this-machine' };

/**
 * Decides who may sign. Throws Error, with what to do, when `host` can be reached from other machines and there
 * is no key.
 */
export function decideCredentials(host: string, keys: readonly AccessKey[]): Credentials {
  if (keys.length > 0) {
    return { kind: 'configured', keys: new Map(keys.map((key) => [key.accessKeyId, key])) };
  }
  if (isLoopbackHost(host)) return { kind: 'anyone-on-this-machine' };
  throw new Error(
    `refusing to listen on ${host} without access keys: anyone who can reach it could run jobs. ` +
      "Add 'accessKeys' to the server configuration, or listen on 127.0.0.1.",
  );
}

/** True for names and addresses that only this machine can reach: 127.0.0.0/8, ::1, localhost and names below it (RFC 6761). */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return (
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) ||
    name === '::1' ||
    name === 'localhost' ||
    name.endsWith('.localhost')
  );
}
