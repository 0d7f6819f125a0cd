/** Authentication of requests: the handler between routing and reading the body. */
import type { Credentials } from '../identity/access-keys.ts';
import type { DeploymentIdentity } from '../identity/arn.ts';
import { anyoneOnThisMachine, callerOf } from '../identity/caller.ts';
import type { RequestHandler } from './exchange.ts';
import { readSignatureClaim } from './signature-claim.ts';
import { verifySignature } from './signature-v4.ts';

/**
 * With keys, the signature must be right. Without, the request must only look signed, by whichever key: clients
 * that forget their credentials learn it here and not when they meet a real deployment.
 */
export function authenticate(
  credentials: Credentials,
  identity: DeploymentIdentity,
  now: () => number,
): RequestHandler {
  return (exchange) => {
    exchange.caller =
      credentials.kind === 'configured'
        ? callerOf(
            verifySignature(exchange, { region: identity.region, keys: credentials.keys, nowMs: now() }),
            identity,
          )
        : anyoneOnThisMachine(readSignatureClaim(exchange).accessKeyId, identity);
  };
}
