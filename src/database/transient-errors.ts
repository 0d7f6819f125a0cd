/**
 * Which failures of a statement go away by themselves: the server restarts, the connection breaks, two transactions
 * met in the wrong order. Everything else is a bug of ours or an answer.
 */

/** SQLSTATE classes and codes worth another try (PostgreSQL manual, appendix A). */
const transientStates: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);

/** Socket errors of a server that is away. */
const transientSocketErrors: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** `pg` reports a connection that broke under a statement by message only. */
const brokenConnection =
  /^(connection terminated|client has encountered a connection error|timeout exceeded)/i;

/** True when trying the same statement again later may succeed. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    return transientStates.has(code) || code.startsWith('08') || transientSocketErrors.has(code);
  }
  return brokenConnection.test(error.message);
}
