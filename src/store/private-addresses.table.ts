/**
 * Addresses that are not on the public internet (IANA special-purpose address registries for IPv4 and IPv6,
 * RFC 6890 and updates). An HTTP input there is refused unless the operator allows it (spec README, 3456).
 */
export const privateNetworks: readonly {
  readonly network: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}[] = [
  { network: '0.0.0.0', prefix: 8, family: 'ipv4' }, // this host, RFC 791
  { network: '10.0.0.0', prefix: 8, family: 'ipv4' }, // private, RFC 1918
  { network: '100.64.0.0', prefix: 10, family: 'ipv4' }, // carrier NAT, RFC 6598
  { network: '127.0.0.0', prefix: 8, family: 'ipv4' }, // loopback, RFC 1122
  { network: '169.254.0.0', prefix: 16, family: 'ipv4' }, // link-local and cloud metadata, RFC 3927
  { network: '172.16.0.0', prefix: 12, family: 'ipv4' }, // private, RFC 1918
  { network: '192.0.0.0', prefix: 24, family: 'ipv4' }, // protocol assignments, RFC 6890
  { network: '192.168.0.0', prefix: 16, family: 'ipv4' }, // private, RFC 1918
  { network: '198.18.0.0', prefix: 15, family: 'ipv4' }, // benchmarking, RFC 2544
  { network: '224.0.0.0', prefix: 4, family: 'ipv4' }, // multicast, RFC 5771
  { network: '240.0.0.0', prefix: 4, family: 'ipv4' }, // reserved and broadcast, RFC 1112
  { network: '::', prefix: 128, family: 'ipv6' }, // unspecified, RFC 4291
  { network: '::1', prefix: 128, family: 'ipv6' }, // loopback, RFC 4291
  { network: 'fc00::', prefix: 7, family: 'ipv6' }, // unique local, RFC 4193
  { network: 'fe80::', prefix: 10, family: 'ipv6' }, // link-local, RFC 4291
  { network: 'fec0::', prefix: 10, family: 'ipv6' }, // site-local, RFC 3879
  { network: 'ff00::', prefix: 8, family: 'ipv6' }, // multicast, RFC 4291
  // Forms that carry an IPv4 address: what lies behind them cannot be told apart here, so none is let through.
  { network: '::', prefix: 96, family: 'ipv6' }, // IPv4-compatible, RFC 4291
  { network: '64:ff9b::', prefix: 96, family: 'ipv6' }, // NAT64, RFC 6052
  { network: '64:ff9b:1::', prefix: 48, family: 'ipv6' }, // local NAT64, RFC 8215
  { network: '2001::', prefix: 32, family: 'ipv6' }, // Teredo, RFC 4380
  { network: '2002::', prefix: 16, family: 'ipv6' }, // 6to4, RFC 3056
];
