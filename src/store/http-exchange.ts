/**
 * One HTTP request and its answer, with a deadline for each phase. No redirects, no cookies, no credentials, no
 * content decoding: a body is the bytes of the file.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  type AllowedPrivateHosts,
  assertAddressAllowed,
  isAllowedPrivateHost,
  lookupAllowed,
} from './http-address.ts';
import { type ExchangePhase, faultOfError, faultOfStatus } from './http-faults.ts';

/** Deadlines in milliseconds. */
export interface HttpDeadlines {
  /** Name resolution, connection and TLS handshake together; waiting for one of our own connections is not counted. */
  readonly connectMs: number;
  /** From the request to the first byte of the answer. */
  readonly headersMs: number;
  /** Longest silence inside a body. */
  readonly stallMs: number;
}

/** Connections that are kept between requests, and the rules they were made by. */
export interface HttpClient {
  readonly deadlines: HttpDeadlines;
  readonly allowedPrivateHosts: AllowedPrivateHosts;
  readonly plain: HttpAgent;
  readonly secure: HttpsAgent;
}

/** What is asked. */
export interface HttpQuestion {
  readonly method: 'HEAD' | 'GET';
  readonly url: URL;
  /** Byte range, both ends included; null asks for no range. */
  readonly range: { readonly first: number; readonly last: number } | null;
  /** The location as the job has it, for faults. */
  readonly location: string;
}

/** What was answered. The body of anything but 206 is not read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Opens the client. `certificateAuthorities` (PEM) are trusted besides the system's. */
export function openHttpClient(
  deadlines: HttpDeadlines,
  allowedPrivateHosts: AllowedPrivateHosts,
  certificateAuthorities: readonly string[] | null,
): HttpClient {
  const pool = { keepAlive: true, maxSockets: 12, maxFreeSockets: 4, timeout: deadlines.stallMs * 2 };
  return {
    deadlines,
    allowedPrivateHosts,
    plain: new HttpAgent(pool),
    secure: new HttpsAgent({
      ...pool,
      ...(certificateAuthorities === null ? {} : { ca: [...certificateAuthorities] }),
    }),
  };
}

/**
 * Asks once. Rejects with an ExchangeError for statuses of faults and for everything that goes wrong on the way, and
 * with the signal's reason when it fires. Redirects are answers.
 */
export function exchange(
  client: HttpClient,
  question: HttpQuestion,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { url, location, range } = question;
  const { connectMs, headersMs, stallMs } = client.deadlines;
  const mayBePrivate = isAllowedPrivateHost(url, client.allowedPrivateHosts);
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    let phase: ExchangePhase = 'resolve';
    let request: ClientRequest | null = null;
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;

    const settle = (finish: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: Error): void =>
      settle(() => {
        request?.destroy();
        reject(faultOfError(location, url, phase, error));
      });
    const onAbort = (): void =>
      settle(() => {
        request?.destroy();
        reject(signal.reason);
      });
    const allow = (limitMs: number): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => fail(Object.assign(new Error(`no answer for ${limitMs} ms`), { code: 'ETIMEDOUT' })),
        limitMs,
      );
    };
    const enter = (next: ExchangePhase, limitMs: number): void => {
      phase = next;
      allow(limitMs);
    };

    const onSocket = (socket: Socket): void => {
      // A kept connection was judged when it was made.
      if (!socket.connecting) return enter('headers', headersMs);
      allow(connectMs);
      socket.once('lookup', () => {
        phase = 'connect';
      });
      socket.once('connect', () => {
        try {
          assertAddressAllowed(socket.remoteAddress ?? '', mayBePrivate);
        } catch (error) {
          return fail(error as Error);
        }
        if (!isSecure) return enter('headers', headersMs);
        phase = 'tls';
        (socket as TLSSocket).once('secureConnect', () => enter('headers', headersMs));
      });
    };
    const onResponse = (response: IncomingMessage): void => {
      const status = response.statusCode ?? 0;
      const { headers } = response;
      const fault = faultOfStatus(location, status);
      const done = (body: Buffer): void =>
        settle(() => (fault === null ? resolve({ status, headers, body }) : reject(fault)));
      if (status !== 206 || range === null) {
        // An unread body would keep the connection busy; the head has none.
        if (question.method === 'HEAD') response.resume();
        else request?.destroy();
        done(Buffer.alloc(0));
      } else {
        enter('body', stallMs);
        collectBody(response, range.last - range.first + 1, () => allow(stallMs), done, fail);
      }
    };

    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) {
      onAbort();
      return;
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) {
      phase = 'connect';
      try {
        assertAddressAllowed(host, mayBePrivate);
      } catch (error) {
        return fail(error as Error);
      }
    }
    const headers = {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'openconvert',
      ...(range === null ? {} : { range: `bytes=${range.first}-${range.last}` }),
    };
    const options = { method: question.method, headers, lookup: lookupAllowed(mayBePrivate) };
    request = isSecure
      ? httpsRequest(url, { ...options, agent: client.secure })
      : httpRequest(url, { ...options, agent: client.plain });
    // No limit before there is a socket: those that hold all of them are limited, and the server is not to blame.
    request.on('socket', onSocket);
    request.on('response', onResponse);
    request.on('error', fail);
    request.end();
  });
}

/** Collects at most `limitBytes`; a body that is longer ends there, one that breaks off fails. */
function collectBody(
  response: IncomingMessage,
  limitBytes: number,
  onBytes: () => void,
  done: (body: Buffer) => void,
  fail: (error: Error) => void,
): void {
  const pieces: Buffer[] = [];
  let received = 0;
  response.on('data', (piece: Buffer) => {
    onBytes();
    pieces.push(piece);
    received += piece.length;
    if (received <= limitBytes) return;
    response.destroy();
    done(Buffer.concat(pieces).subarray(0, limitBytes));
  });
  response.on('end', () => done(Buffer.concat(pieces)));
  response.on('error', fail);
  response.on('close', () =>
    fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })),
  );
}
