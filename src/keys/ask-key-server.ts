/**
 * One exchange with a key server, before anything is encoded: three tries where the server or the way to it may recover,
 * then fault 1091 with what it said (spec drm.md 9). Bodies of good answers are never logged or put into faults.
 */
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { jobFault } from '../catalogue/fault.ts';
import type { ContentKey } from '../package/encryption/content-keys.ts';
import type { EncryptionPlan } from '../plan/encryption-plan.ts';
import {
  type AllowedPrivateHosts,
  assertAddressAllowed,
  isAllowedPrivateHost,
  lookupAllowed,
} from '../store/http-address.ts';
import { KeyDeliveryError, readDeliveryCertificate } from './key-delivery.ts';
import { IncompleteAnswerError, readSpekeAnswer, UnreadableAnswerError } from './speke-answer.ts';
import { type KeyServer, spekeRequest } from './speke-request.ts';
import type { WantedKey } from './wanted-keys.ts';

/** How key servers are reached. */
export interface KeyServerAccess {
  readonly allowedPrivateHosts: AllowedPrivateHosts;
  /** PEM certificates trusted beside the system's; null: none. */
  readonly certificateAuthorities: readonly string[] | null;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
  /** Waits before the second and the third try. */
  readonly retryDelaysMs: readonly number[];
  /** Folder of the certificates that keys may be encrypted to, by id (`certificateArn`); null: there are none. */
  readonly certificatesFolder: string | null;
}

/** Three tries within about three seconds. */
export const defaultKeyServerAccess: KeyServerAccess = {
  allowedPrivateHosts: [],
  certificateAuthorities: null,
  timeoutMs: 10_000,
  retryDelaysMs: [500, 2000],
  certificatesFolder: null,
};

const answerLimitBytes = 1024 * 1024;

interface Answer {
  readonly status: number;
  /** What the server says of the version it speaks; '' when nothing. */
  readonly spekeVersion: string;
  readonly body: string;
}

/** Rejects with fault 1091, or with the signal's reason. */
export async function askKeyServer(
  server: KeyServer,
  encryption: EncryptionPlan,
  wanted: readonly WantedKey[],
  access: KeyServerAccess,
  signal: AbortSignal,
): Promise<readonly ContentKey[]> {
  const url = new URL(server.url);
  const place = { pointer: server.pointer, component: 'key server', mediaFact: url.host };
  const { certificateArn } = server;
  const unusable = (error: unknown): unknown =>
    error instanceof KeyDeliveryError
      ? jobFault(1091, 'certificate', { arn: certificateArn ?? '', reason: error.message }, place, error)
      : error;
  const certificate =
    certificateArn === null
      ? null
      : await readDeliveryCertificate(certificateArn, access.certificatesFolder).catch((error: unknown) => {
          throw unusable(error);
        });
  const question = spekeRequest(server, encryption, wanted, certificate);
  const answer = await askPatiently(url, question, access, signal).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    const server = { host: url.hostname, port: url.port || '443' };
    if (error instanceof HandshakeCutError) throw jobFault(1091, 'tls-reset', server, place, error);
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw jobFault(1091, 'connection', { ...server, reason }, place, error);
  });
  if (answer.status !== 200) {
    const said = answer.body.slice(0, 300).replace(/\s+/g, ' ').trim();
    throw jobFault(1091, 'status', { status: answer.status, answer: said === '' ? '' : ` ${said}` }, place);
  }
  if (server.contract !== null && answer.spekeVersion !== '2.0')
    throw jobFault(1091, 'version', { version: answer.spekeVersion.slice(0, 20) }, place);
  try {
    return readSpekeAnswer(answer.body, server, encryption, wanted, certificate);
  } catch (error) {
    if (error instanceof UnreadableAnswerError)
      throw jobFault(1091, 'unparsable-answer', { headers: '' }, place, error);
    if (error instanceof IncompleteAnswerError)
      throw jobFault(1091, 'key-missing', { key: error.message, url: server.url }, place, error);
    throw unusable(error);
  }
}

/** The connection was made and ended before the TLS handshake did. */
class HandshakeCutError extends Error {
  override readonly name = 'HandshakeCutError';
}

type Question = ReturnType<typeof spekeRequest>;

async function askPatiently(
  url: URL,
  question: Question,
  access: KeyServerAccess,
  signal: AbortSignal,
): Promise<Answer> {
  for (const delayMs of [...access.retryDelaysMs, null]) {
    try {
      const answer = await ask(url, question, access, signal);
      if (answer.status < 500 || delayMs === null) return answer;
    } catch (error) {
      if (delayMs === null || signal.aborted) throw error;
    }
    await pause(delayMs, signal);
  }
  throw new TypeError('no tries are left');
}

function ask(
  url: URL,
  { headers, body }: Question,
  access: KeyServerAccess,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const mayBePrivate = isAllowedPrivateHost(url, access.allowedPrivateHosts);
    // Addresses written as such are not looked up.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) assertAddressAllowed(host, mayBePrivate);
    const request = httpsRequest(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        lookup: lookupAllowed(mayBePrivate),
        signal: AbortSignal.any([signal, AbortSignal.timeout(access.timeoutMs)]),
        ...(access.certificateAuthorities === null ? {} : { ca: [...access.certificateAuthorities] }),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > answerLimitBytes) request.destroy(new Error('the answer is too long'));
          else parts.push(part);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            spekeVersion: String(response.headers['x-speke-version'] ?? '').trim(),
            body: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    let isInHandshake = false;
    request.on('socket', (socket) => {
      // A kept connection had its handshake.
      if (!socket.connecting) return;
      socket.once('connect', () => {
        isInHandshake = true;
      });
      socket.once('secureConnect', () => {
        isInHandshake = false;
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isCut = isInHandshake && error.code === 'ECONNRESET';
      reject(isCut ? new HandshakeCutError(error.message, { cause: error }) : error);
    });
    request.end(body);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
