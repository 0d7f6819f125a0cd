/** Faults of HTTP(S) inputs by their real causes (spec errors.md 5; inputs.md 6). `location` is the URL as the job has it. */
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import { ForbiddenAddressError } from './http-address.ts';

const component = 'gateway';

/** How far an exchange had come when it failed. */
export type ExchangePhase = 'resolve' | 'connect' | 'tls' | 'headers' | 'body';

/** An exchange that gave no usable answer: the fault, and whether asking again may help. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly fault: JobFault;
  readonly isTransient: boolean;

  constructor(fault: JobFault, isTransient: boolean) {
    super(fault.message, { cause: fault });
    this.fault = fault;
    this.isTransient = isTransient;
  }
}

/** `url`, the location itself or where it led, is no URL. */
export function malformedUrl(url: string, location: string): JobFault {
  return jobFault(
    3452,
    'malformed',
    { url },
    { component, location, expected: 'http(s)://host[:port]/path, percent-encoded, without user name' },
  );
}

/** Host or port of `url` cannot exist, or may not be connected to. */
export function invalidAddress(url: string, host: string, location: string, cause?: unknown): JobFault {
  const detail = cause instanceof Error ? { detail: cause.message } : {};
  return jobFault(3456, 'address', { url, host }, { component, location, ...detail }, cause);
}

/** A redirect that is not followed. */
export function redirectRefused(location: string, detail: string): JobFault {
  return jobFault(3453, 'redirect', { url: location }, { component, location, detail });
}

/** The server does not serve ranges. */
export function rangesNotSupported(location: string, detail: string): JobFault {
  return jobFault(3458, 'no-ranges', { url: location }, { component, location, detail });
}

/** The transfer broke off or stalled. `reason` ends with a full stop. */
export function transferFailed(location: string, reason: string, cause?: unknown): JobFault {
  return jobFault(3408, 'transfer-failed', { reason }, { component, location }, cause);
}

/** An answer that nothing else names. */
export function unexpectedAnswer(location: string, reason: string, cause?: unknown): JobFault {
  return jobFault(3999, 'unexpected', { reason }, { component, location }, cause);
}

/** The fault of a final status; null for 200, 206 and redirects, which the caller judges. */
export function faultOfStatus(location: string, status: number): ExchangeError | null {
  const facts = { component, location, detail: `HTTP status ${status}` };
  const final = (fault: JobFault): ExchangeError => new ExchangeError(fault, false);
  if (status >= 500) return new ExchangeError(jobFault(3450, 'server-error', { url: location }, facts), true);
  switch (status) {
    case 200:
    case 206:
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return null;
    case 401:
    case 407:
      return final(jobFault(3401, 'unauthorized', { url: location }, facts));
    case 403:
      return final(jobFault(3403, 'forbidden', { url: location }, facts));
    case 404:
    case 410:
      return final(jobFault(3404, 'not-found', { url: location }, facts));
    case 408:
      return new ExchangeError(transferFailed(location, 'Connection timed out.'), true);
    case 416:
      return final(rangesNotSupported(location, 'HTTP status 416'));
    default:
      return final(unexpectedAnswer(location, `HTTP status ${status}`));
  }
}

/** The fault of an exchange that failed on the way, by how far it had come. */
export function faultOfError(location: string, url: URL, phase: ExchangePhase, error: Error): ExchangeError {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  const facts = { component, location, detail: code === '' ? error.message : `${code}: ${error.message}` };
  if (error instanceof ForbiddenAddressError)
    return new ExchangeError(invalidAddress(location, url.host, location, error), false);
  if (syscall === 'getaddrinfo' || phase === 'resolve') {
    return new ExchangeError(
      jobFault(3454, 'unresolved', { url: location }, facts, error),
      code === 'EAI_AGAIN',
    );
  }
  if (phase === 'connect')
    return new ExchangeError(jobFault(3451, 'unreachable', { url: location }, facts, error), true);
  if (phase === 'tls')
    return new ExchangeError(jobFault(3455, 'tls', { url: location }, facts, error), code === 'ECONNRESET');
  if (code.startsWith('HPE_'))
    return new ExchangeError(unexpectedAnswer(location, `the answer is not HTTP (${code}).`, error), false);
  if (code === 'ETIMEDOUT')
    return new ExchangeError(transferFailed(location, 'Connection timed out.', error), true);
  return new ExchangeError(
    transferFailed(
      location,
      phase === 'headers'
        ? 'Connection closed before the answer.'
        : 'Connection closed before the end of the file.',
      error,
    ),
    true,
  );
}
