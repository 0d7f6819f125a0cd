/** URLs of HTTP inputs: stricter than browsers, because what a browser repairs is an error of the job (spec errors.md 5). */
import { isIPv6 } from 'node:net';
import { invalidAddress, malformedUrl } from './http-faults.ts';

/** Parses a location. Throws fault 3452 when it is no URL, 3456 when its host or port cannot exist. */
export function parseHttpLocation(location: string): URL {
  const [, authority] = /^https?:\/\/([^/?#]*)/i.exec(location) ?? [];
  // A browser would trim or encode blanks and turn backslashes round; names and passwords are never sent.
  if (authority === undefined || /[\s\p{Cc}\\]/u.test(location) || authority.includes('@'))
    throw malformedUrl(location);
  const [, host = '', port] = /^(\[.*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  if (!isHost(host) || (port !== undefined && !isPort(port))) throw invalidAddress(location, authority);
  try {
    return new URL(location);
  } catch (error) {
    throw invalidAddress(location, authority, error);
  }
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  return host.length <= 253 && /^[\p{L}\p{M}\p{N}_-]{1,63}(\.[\p{L}\p{M}\p{N}_-]{1,63})*\.?$/u.test(host);
}

function isPort(port: string): boolean {
  return /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
}
