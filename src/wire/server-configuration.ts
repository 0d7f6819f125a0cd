/**
 * The configuration of a server: what a JSON configuration file may say about it, its defaults, and the check
 * that refuses everything else by name.
 */
import { type AccessKey, decideCredentials } from '../identity/access-keys.ts';

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
    accountConcurrentJobs: largeRegions.has(region) ? 2000 : 1000,
    ...members,
  };
  if (problems.length === 0) problems.push(...openness(configuration));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
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

/** The busiest regions have twice the quota (spec api.md 17, concurrent jobs per account). */
const largeRegions: ReadonlySet<string> = new Set(['us-east-1', 'us-west-2', 'eu-west-1']);

/** Defaults: design section 8. Body limit: ours; the largest real job documents have some hundred kilobytes. */
const defaults: Omit<ServerConfiguration, 'accountConcurrentJobs'> = {
  host: '127.0.0.1',
  port: 8420,
  accountId: '000000000000',
  region: 'us-east-1',
  accessKeys: [],
  strictArns: false,
  bodyLimitBytes: 4_000_000,
  publicUrl: null,
  allowedOrigins: [],
  limits: {},
};

/** Reads one member; throws Error saying what it must be. */
type Reader<T> = (value: unknown, pointer: string, problems: string[]) => T;

const memberReaders: { readonly [Member in keyof ServerConfiguration]: Reader<ServerConfiguration[Member]> } =
  {
    host: text(/^[^\s/]+$/, 'a host name or an address'),
    port: integer(0, 65_535),
    accountId: text(/^\d{12}$/, 'twelve digits, as a string'),
    region: text(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'a region such as us-east-1'),
    accessKeys: list((value, pointer, problems) => accessKey(value, pointer, problems)),
    strictArns: flag,
    bodyLimitBytes: integer(1024, 1_000_000_000),
    publicUrl: baseUrl,
    allowedOrigins: list(baseUrl),
    accountConcurrentJobs: integer(1, 1_000_000),
    limits: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('an object');
      return value as Readonly<Record<string, unknown>>;
    },
  };

function accessKey(value: unknown, pointer: string, problems: string[]): AccessKey {
  const members = objectMembers(value, pointer, accessKeyReaders, problems);
  for (const name of ['accessKeyId', 'secretAccessKey'] as const) {
    if (typeof value === 'object' && value !== null && !Object.hasOwn(value, name)) {
      problems.push(`${pointer}/${name} is required`);
    }
  }
  return {
    accessKeyId: members.accessKeyId ?? '',
    secretAccessKey: members.secretAccessKey ?? '',
    sessionToken: members.sessionToken ?? null,
    expiresAtMs: members.expiresAt ?? null,
  };
}

const accessKeyReaders = {
  accessKeyId: text(/^[\w.-]{3,128}$/, '3 to 128 letters, digits, and _ . -'),
  secretAccessKey: text(/^\S{8,256}$/, '8 to 256 characters without spaces'),
  sessionToken: text(/^\S+$/, 'characters without spaces'),
  expiresAt: dateTime,
};

/** Members of an object by their readers; unknown members and wrong values go to `problems`. */
function objectMembers<Members extends Readonly<Record<string, Reader<unknown>>>>(
  value: unknown,
  pointer: string,
  readers: Members,
  problems: string[],
): { [Member in keyof Members]?: ReturnType<Members[Member]> } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`${pointer === '' ? 'the server configuration' : pointer} must be an object`);
    return {};
  }
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const place = `${pointer}/${name}`;
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) {
      problems.push(`${place} is not known; known are ${Object.keys(readers).join(', ')}`);
      continue;
    }
    try {
      read[name] = reader(member, place, problems);
    } catch (error) {
      problems.push(`${place} must be ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // Each member was made by its own reader above; the compiler cannot follow that through the loop.
  return read as { [Member in keyof Members]?: ReturnType<Members[Member]> };
}

function text(pattern: RegExp, what: string): Reader<string> {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new Error(what);
    return value;
  };
}

function integer(min: number, max: number): Reader<number> {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new Error(`an integer from ${min} to ${max}`);
    }
    return value;
  };
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('true or false');
  return value;
}

function list<T>(element: Reader<T>): Reader<readonly T[]> {
  return (value, pointer, problems) => {
    if (!Array.isArray(value)) throw new Error('a list');
    return value.flatMap((item: unknown, index) => {
      try {
        return [element(item, `${pointer}/${index}`, problems)];
      } catch (error) {
        problems.push(
          `${pointer}/${index} must be ${error instanceof Error ? error.message : String(error)}`,
        );
        return [];
      }
    });
  };
}

/** Scheme, host and port, no path; comes back without a trailing slash. */
function baseUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new Error('an http or https URL of scheme, host and port only');
  }
  return url.origin;
}

function dateTime(value: unknown): number {
  const ms =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (Number.isNaN(ms)) throw new Error('an ISO 8601 time with its zone, such as 2026-01-31T12:00:00Z');
  return ms;
}
