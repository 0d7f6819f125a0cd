/**
 * Which addresses HTTP inputs may come from. A name is judged by what it resolves to, on the lookup whose result is
 * connected to: a second lookup could answer differently (DNS rebinding).
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { privateNetworks } from './private-addresses.table.ts';

/** Private targets an operator allows: all, or hosts as `host` or `host:port`. */
export type AllowedPrivateHosts = 'all' | readonly string[];

/** The target is, or resolves to, an address that is not allowed. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

const blocked = new BlockList();
for (const { network, prefix, family } of privateNetworks) blocked.addSubnet(network, prefix, family);

/** True for loopback, link-local, private and other addresses that are not on the public internet. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return blocked.check(mapped, 'ipv4');
  const family = isIP(address);
  if (family === 4) return blocked.check(address, 'ipv4');
  return family !== 6 || blocked.check(address, 'ipv6') || /^::ffff:/i.test(address);
}

/** True when the operator allows this host although it is private. */
export function isAllowedPrivateHost(url: URL, allowed: AllowedPrivateHosts): boolean {
  return allowed === 'all' || allowed.includes(url.hostname) || allowed.includes(url.host);
}

/** Throws ForbiddenAddressError when the address may not be connected to. */
export function assertAddressAllowed(address: string, mayBePrivate: boolean): void {
  if (mayBePrivate || !isPrivateAddress(address)) return;
  throw new ForbiddenAddressError(`${address} is not a public address`);
}

/** Name resolution that answers only when every address of the name is allowed. */
export function lookupAllowed(mayBePrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      try {
        for (const { address } of addresses) assertAddressAllowed(address, mayBePrivate);
      } catch (forbidden) {
        return callback(forbidden as Error, '');
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family);
    });
  };
}
