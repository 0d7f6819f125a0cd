/**
 * HTTP(S) inputs, read only (spec inputs.md 6): the server answers HEAD and ranged GET without credentials, with at
 * most one redirect of status 301 or 302. The version seen by `open` is the version read: an entity tag, date or
 * length that changes ends the transfer.
 */
import type { AllowedPrivateHosts } from './http-address.ts';
import {
  exchange,
  type HttpAnswer,
  type HttpDeadlines,
  type HttpQuestion,
  openHttpClient,
} from './http-exchange.ts';
import {
  ExchangeError,
  rangesNotSupported,
  redirectRefused,
  transferFailed,
  unexpectedAnswer,
} from './http-faults.ts';
import { parseHttpLocation, withoutSecrets } from './http-location.ts';
import { type RetryRule, retry } from './retry.ts';
import { isSameVersion, type ObjectVersion } from './same-version.ts';
import type { JobUse, ObjectReader, ReadableStore } from './store.ts';
import { inputDisallowed } from './store-faults.ts';

/** Rules for HTTP inputs. What is absent has the default below. */
export interface HttpStoreSettings {
  /** Loopback, link-local and private targets that are allowed; none by default. */
  readonly allowedPrivateHosts?: AllowedPrivateHosts;
  readonly deadlines?: HttpDeadlines;
  readonly retry?: RetryRule;
  /** PEM certificates trusted instead of the system's. */
  readonly certificateAuthorities?: readonly string[];
}

/** Connect 10 s, first byte 15 s, silence 15 s: with one repetition a dead server is reported within a minute. */
export const defaultHttpDeadlines: HttpDeadlines = { connectMs: 10_000, headersMs: 15_000, stallMs: 15_000 };

/** Three tries within 20 s. */
export const defaultHttpRetry: RetryRule = { attempts: 3, firstPauseMs: 250, totalMs: 20_000 };

/** HTTP(S) as a store; `close` ends idle connections. */
export interface HttpStore extends ReadableStore {
  /** The same store for one job: redirects are followed to where its input policy allows. */
  forJob(use: Pick<JobUse, 'allowsInput'>): ReadableStore;
  close(): void;
}

/** Bytes fetched by `open` to see whether ranges work; the first reads (a block of the engine's) are served from them. */
const probeBytes = 512 * 1024;

/** Opens the store. */
export function createHttpStore(settings: HttpStoreSettings = {}): HttpStore {
  const rule = settings.retry ?? defaultHttpRetry;
  const client = openHttpClient(
    settings.deadlines ?? defaultHttpDeadlines,
    settings.allowedPrivateHosts ?? [],
    settings.certificateAuthorities ?? null,
  );

  /** Asks until the answer is good, within the retry rule. Rejects with the fault. */
  const ask = async (
    question: HttpQuestion,
    judge: (answer: HttpAnswer) => void,
    signal: AbortSignal,
  ): Promise<HttpAnswer> => {
    const askOnce = async (): Promise<HttpAnswer> => {
      const answer = await exchange(client, question, signal);
      judge(answer);
      return answer;
    };
    try {
      return await retry(
        rule,
        askOnce,
        (error) => error instanceof ExchangeError && error.isTransient,
        signal,
      );
    } catch (error) {
      throw error instanceof ExchangeError ? error.fault : error;
    }
  };

  const openWhere = (allowsInput: (url: string) => boolean): ReadableStore => ({
    async open(location, signal) {
      const asked = parseHttpLocation(location);
      const first = await ask({ method: 'HEAD', url: asked, range: null, location }, () => {}, signal);
      const url = isRedirect(first) ? redirectTarget(first, asked, location) : asked;
      if (url !== asked && !allowsInput(url.href)) throw inputDisallowed(withoutSecrets(url.href), location);
      const head =
        url === asked
          ? first
          : await ask({ method: 'HEAD', url, range: null, location }, noRedirect(location), signal);
      if (head.headers['accept-ranges']?.toLowerCase() === 'none')
        throw rangesNotSupported(location, 'Accept-Ranges: none');
      return openResource(url, head, location, ask, signal);
    },
  });
  return {
    ...openWhere(() => true),
    forJob: ({ allowsInput }) => openWhere(allowsInput ?? (() => true)),
    close() {
      client.plain.destroy();
      client.secure.destroy();
    },
  };
}

type Ask = (
  question: HttpQuestion,
  judge: (answer: HttpAnswer) => void,
  signal: AbortSignal,
) => Promise<HttpAnswer>;

async function openResource(
  url: URL,
  head: HttpAnswer,
  location: string,
  ask: Ask,
  signal: AbortSignal,
): Promise<ObjectReader> {
  const isEmpty = head.headers['content-length'] === '0';
  let version = versionOf(head, null);

  const fetchRange = async (offset: number, length: number, limit: AbortSignal): Promise<Buffer> => {
    const range = { first: offset, last: offset + length - 1 };
    const judge = (answer: HttpAnswer): void => {
      noRedirect(location)(answer);
      const total = judgeRange(answer, range, location);
      if (!isSameVersion(version, versionOf(answer, total)))
        throw final(transferFailed(location, 'The file changed while it was read.'));
      version = { ...version, sizeBytes: total };
      const expected = Math.min(range.last + 1, total) - offset;
      if (answer.body.length < expected) {
        throw new ExchangeError(
          transferFailed(location, 'Connection closed before the end of the file.'),
          true,
        );
      }
    };
    return (await ask({ method: 'GET', url, range, location }, judge, limit)).body;
  };
  const opening = isEmpty ? Buffer.alloc(0) : await fetchRange(0, probeBytes, signal);
  const sizeBytes = version.sizeBytes ?? 0;

  return {
    head: {
      ...version,
      sizeBytes,
      contentType: head.headers['content-type'] ?? null,
      path: null,
    },
    async read(offset, length, limit) {
      limit.throwIfAborted();
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      if (offset + wanted <= opening.length) return opening.subarray(offset, offset + wanted);
      return wanted === 0 ? Buffer.alloc(0) : fetchRange(offset, wanted, limit);
    },
    close: () => Promise.resolve(),
  };
}

const followedStatuses = new Set([301, 302]);
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function isRedirect(answer: HttpAnswer): boolean {
  return redirectStatuses.has(answer.status);
}

/** Where a first redirect leads. Throws fault 3453 for a redirect that is not followed, 3452/3456 for a bad target. */
function redirectTarget(answer: HttpAnswer, from: URL, location: string): URL {
  const target = answer.headers.location;
  if (!followedStatuses.has(answer.status)) throw redirectRefused(location, `HTTP status ${answer.status}`);
  if (target === undefined || target === '') throw redirectRefused(location, 'no Location header');
  let url: URL;
  try {
    url = new URL(target, from);
  } catch {
    throw redirectRefused(location, `Location '${withoutSecrets(target)}' is no URL`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw redirectRefused(location, `redirect to ${url.protocol}`);
  return parseHttpLocation(url.href, location);
}

/** A redirect where none may be any more. */
function noRedirect(location: string): (answer: HttpAnswer) => void {
  return (answer) => {
    if (isRedirect(answer))
      throw final(redirectRefused(location, `a second redirect, HTTP status ${answer.status}`));
  };
}

/** The object's whole length from a range answer. Throws ExchangeError when the answer is not the range. */
function judgeRange(answer: HttpAnswer, range: { first: number; last: number }, location: string): number {
  if (answer.status !== 206)
    throw final(rangesNotSupported(location, `HTTP status ${answer.status} to a range request`));
  const text = answer.headers['content-range'] ?? '';
  const [, first, , total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text) ?? [];
  if (total === undefined) throw final(rangesNotSupported(location, `Content-Range '${text}'`));
  if (Number(first) !== range.first)
    throw final(unexpectedAnswer(location, `another range than asked for: '${text}'.`));
  return Number(total);
}

/** The length is known of answers to ranges only. */
function versionOf({ headers }: HttpAnswer, sizeBytes: number | null): ObjectVersion {
  const [modifiedMs, answeredMs] = [headers['last-modified'], headers.date].map((date) =>
    Date.parse(date ?? ''),
  );
  // One that is made as it is asked for has the date of the answer (RFC 9110, 8.8.2.2).
  const isOlder = modifiedMs && !(answeredMs && modifiedMs > answeredMs - 1000);
  const lastModifiedMs = isOlder ? modifiedMs : null;
  return { eTag: headers.etag ?? null, lastModifiedMs, sizeBytes };
}

function final(fault: ExchangeError['fault']): ExchangeError {
  return new ExchangeError(fault, false);
}
