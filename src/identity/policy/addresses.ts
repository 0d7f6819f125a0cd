/** IP addresses and ranges of `IpAddress` conditions, IPv4 and IPv6. */
import { BlockList, isIP } from 'node:net';

/** True for an address, or a range such as 203.0.113.0/24 or 2001:db8::/32. */
export function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** True when the address lies in the range; false for texts that are no address. IPv4 in IPv6 form counts as IPv4. */
export function isInRange(range: string, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  const family = isIP(plain);
  if (family === 0 || !isAddressRange(range)) return false;
  const [base = '', prefix] = range.split('/');
  if (isIP(base) !== family) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(base, prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix), type);
  return list.check(plain, type);
}
