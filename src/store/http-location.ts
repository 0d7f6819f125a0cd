/** URLs of HTTP inputs: stricter than browsers, because what a browser repairs is an error of the job (spec errors.md 5). */
import { isIPv6 } from 'node:net';
import { invalidAddress, malformedUrl } from './http-faults.ts';

/**
 * Parses a URL. Throws fault 3452 when it is none, 3456 when its host or port cannot exist. `location`: the URL of the
 * job that led to this one; the fault is about it, and tells this one without its secrets.
 */
export function parseHttpLocation(text: string, location: string = text): URL {
  const shown = text === location ? text : withoutSecrets(text);
  const [, authority] = /^https?:\/\/([^/?#]*)/i.exec(text) ?? [];
  // A browser would trim or encode blanks and turn backslashes round; names and passwords are never sent.
  if (authority === undefined || /[\s\p{Cc}\\]/u.test(text) || authority.includes('@'))
    throw malformedUrl(shown, location);
  const [, host = '', port] = /^(\[.*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  if (!isHost(host) || (port !== undefined && !isPort(port)))
    throw invalidAddress(shown, authority, location);
  try {
    return new URL(text);
  } catch (error) {
    throw invalidAddress(shown, authority, location, error);
  }
}

/**
 * A URL that a server gave, as it may be told to whoever reads a job's error: without user name and password, and
 * without its query, where signatures and tokens are.
 */
export function withoutSecrets(text: string): string {
  const [place = '', query] = text.split(/[?#]/, 2);
  const shown = place.replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/]*@/i, '$1//');
  return query === undefined ? shown : `${shown}?…`;
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  return host.length <= 253 && /^[\p{L}\p{M}\p{N}_-]{1,63}(\.[\p{L}\p{M}\p{N}_-]{1,63})*\.?$/u.test(host);
}

function isPort(port: string): boolean {
  return /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
}
