/**
 * Web pages and the API. A server that accepts every key must not take requests that some page sends from the
 * browser of this machine: such pages can reach loopback, and can even send a presigned form without asking first.
 * Also answers the browser's own question (CORS preflight, spec api.md 2).
 */
import { isLoopbackHost } from '../identity/access-keys.ts';
import { apiFault } from '../operations/api-fault.ts';
import type { RequestHandler } from './exchange.ts';

/** Whose pages may call. */
export interface OriginRules {
  /** Origins such as `https://console.example`. */
  readonly allowedOrigins: readonly string[];
  /** Base URL of this server behind a proxy; null: none. */
  readonly publicUrl: string | null;
}

/**
 * For servers without keys: the Host must be a loopback name (a foreign name that resolves here is a rebinding
 * attack) and a page's origin must be allowed. Throws AccessDeniedException.
 */
export function guardOrigin(rules: OriginRules): RequestHandler {
  return ({ host, origin }) => {
    const name = hostName(host);
    if (
      name === null ||
      (!isLoopbackHost(name) && name !== hostName(rules.publicUrl && new URL(rules.publicUrl).host))
    ) {
      throw apiFault(
        'AccessDeniedException',
        `Requests for host '${host ?? ''}' are not accepted by a server without access keys.`,
        "call the server by its loopback address, configure 'accessKeys', or name the host in 'publicUrl'",
      );
    }
    if (origin !== null && !isAllowedOrigin(origin, host, rules)) {
      throw apiFault(
        'AccessDeniedException',
        `Requests from pages of '${origin}' are not accepted.`,
        "add the origin to 'allowedOrigins' of the server configuration",
      );
    }
  };
}

/** Headers that let a page read the answer; none for pages that are not allowed. */
export function crossOriginHeaders(
  origin: string | null,
  host: string | null,
  rules: OriginRules,
): Record<string, string> {
  if (origin === null) return {};
  if (!isAllowedOrigin(origin, host, rules)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-amzn-RequestId, x-amzn-ErrorType, x-openconvert-remedy',
  };
}

/** Headers of the answer to a preflight, on top of `crossOriginHeaders`. */
export const preflightHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, x-amz-content-sha256, x-amz-date, x-amz-security-token, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request, x-openconvert-dry-run',
  'access-control-max-age': '600',
};

function isAllowedOrigin(origin: string, host: string | null, rules: OriginRules): boolean {
  return origin === `http://${host}` || origin === rules.publicUrl || rules.allowedOrigins.includes(origin);
}

/** The name in `name:port`, or null when it is no host. */
function hostName(host: string | null): string | null {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.exec(host ?? '')?.[1] ?? null;
}
