/**
 * The configuration of a server: what a JSON configuration file may say about it, its defaults, and the check
 * that refuses everything else by name.
 */
import { type AccessKey, decideCredentials } from '../identity/access-keys.ts';
import type { Role } from '../identity/role-book.ts';
import type { StsSettings } from '../identity/sts.ts';
import { largestRegions, type Quotas, serviceQuotas } from '../operations/quotas.table.ts';
import type { RequestRate } from '../operations/request-rates.table.ts';
import { accessKey } from './access-key-configuration.ts';
import {
  baseUrl,
  flag,
  list,
  number,
  objectMembers,
  oneOf,
  type Reader,
  text,
} from './configuration-readers.ts';
import { quotaNumbers, requestRates } from './limit-configuration.ts';
import { roles } from './role-configuration.ts';
import { sts } from './sts-configuration.ts';

/** Settings of a server, complete. */
export interface ServerConfiguration {
  /** Address or name to listen on. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Twelve digits: the account all ARNs are made with. */
  readonly accountId: string;
  /** The region all ARNs are made with, and the one requests must be signed for. */
  readonly region: string;
  /** Keys that may sign. None: anyone on this machine may, and only loopback hosts are accepted. */
  readonly accessKeys: readonly AccessKey[];
  /** True: ARNs of other accounts or regions name nothing here. */
  readonly strictArns: boolean;
  /** Longest request body in bytes. */
  readonly bodyLimitBytes: number;
  /** Base URL clients reach the server under, when it is behind a proxy; null: what the request's Host says. */
  readonly publicUrl: string | null;
  /** Origins whose web pages may call the API; the server's own origin always may. */
  readonly allowedOrigins: readonly string[];
  /** `totalConcurrentJobs`: jobs that may run at once on all on-demand queues together. */
  readonly accountConcurrentJobs: number;
  /** Days from its creation after which an ended job is forgotten. */
  readonly retentionDays: number;
  /** What may exist at most; null: no quotas. */
  readonly quotas: Quotas | null;
  /** Requests per second by operation; null: no throttling. */
  readonly throttling: ReadonlyMap<string, RequestRate> | null;
  /** Roles that jobs may have; null: the role book of the data folder, or the embedded one. */
  readonly roles: readonly Role[] | null;
  /**
   * What a role of another account that is not in the book stands for. Null: `default-role` without a role book, so
   * that documents written for the service run unchanged, and `refuse` with one.
   */
  readonly foreignRoles: 'default-role' | 'refuse' | null;
  /** Where roles are assumed for the S3 endpoint; null: nowhere. */
  readonly sts: StsSettings | null;
  /** Bounds of jobs by name; which there are and what they may be the worker's commands know (docs/serve.md, "Limits"). */
  readonly limits: Readonly<Record<string, unknown>>;
}

/** What is wrong with a configuration, all of it, each with its place. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * A complete configuration from what a file says; absent members take their defaults. `pointer` is the place of
 * `document` in its file, for messages. Throws ConfigurationError naming every unknown member and wrong value.
 */
export function parseServerConfiguration(document: unknown, pointer = ''): ServerConfiguration {
  const problems: string[] = [];
  const members = objectMembers(document, pointer, memberReaders, problems);
  const region = members['region'] === undefined ? defaults.region : String(members['region']);
  const configuration = {
    ...defaults,
    // The busiest regions have twice the quota (spec api.md 17, concurrent jobs per account).
    accountConcurrentJobs: largestRegions.has(region) ? 2000 : 1000,
    ...members,
    quotas: members.quotas === undefined ? null : inForce(members.quotas, region),
  };
  if (problems.length === 0) problems.push(...openness(configuration));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

/** `true` turns the service's quotas on; numbers replace single ones. */
function inForce(quotas: boolean | Partial<Quotas>, region: string): Quotas | null {
  if (quotas === false) return null;
  return { ...serviceQuotas(region), ...(quotas === true ? {} : quotas) };
}

/** A server that others can reach needs keys; said here, before anything is started. */
function openness({ host, accessKeys }: ServerConfiguration): readonly string[] {
  try {
    decideCredentials(host, accessKeys);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Defaults: design section 8. Body limit: ours; the largest real job documents have some hundred kilobytes. */
const defaults: Omit<ServerConfiguration, 'accountConcurrentJobs' | 'quotas'> = {
  host: '127.0.0.1',
  port: 8420,
  accountId: '000000000000',
  region: 'us-east-1',
  accessKeys: [],
  strictArns: false,
  bodyLimitBytes: 4_000_000,
  publicUrl: null,
  allowedOrigins: [],
  retentionDays: 90,
  throttling: null,
  roles: null,
  foreignRoles: null,
  sts: null,
  limits: {},
};

const memberReaders: {
  readonly [Member in keyof Omit<ServerConfiguration, 'quotas'>]: Reader<ServerConfiguration[Member]>;
} & { readonly quotas: Reader<boolean | Partial<Quotas>> } = {
  host: text(/^[^\s/]+$/, 'a host name or an address'),
  port: number(0, 65_535),
  accountId: text(/^\d{12}$/, 'twelve digits, as a string'),
  region: text(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'a region such as us-east-1'),
  accessKeys: list(accessKey),
  strictArns: flag,
  bodyLimitBytes: number(1024, 1_000_000_000),
  publicUrl: baseUrl,
  allowedOrigins: list(baseUrl),
  accountConcurrentJobs: number(1, 1_000_000),
  retentionDays: number(1, 36_500),
  quotas: quotaNumbers,
  throttling: requestRates,
  roles,
  foreignRoles: oneOf('default-role', 'refuse'),
  sts,
  limits: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('an object');
    return value as Readonly<Record<string, unknown>>;
  },
};
