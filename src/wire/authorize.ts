/** Authorization of requests: the handler between reading the input and the operation. */
import { callerContext } from '../identity/caller.ts';
import { describeDenial, evaluate } from '../identity/policy/evaluate.ts';
import { requestContext } from '../identity/policy/request-context.ts';
import { apiFault } from '../operations/api-fault.ts';
import { type AuthorizationFacts, neededRights } from '../operations/authorization.ts';
import type { Exchange, RequestHandler } from './exchange.ts';

/** What the handler knows of the deployment. */
export interface AuthorizeOptions extends AuthorizationFacts {
  readonly now: () => number;
  /** True: clients reach the server over TLS. */
  readonly isSecure: boolean;
}

/**
 * Evaluates the caller's policies for everything the request needs. Throws AccessDeniedException for the first thing
 * that is not allowed; callers without policies may do everything.
 */
export function authorize(options: AuthorizeOptions): RequestHandler {
  return async (exchange) => {
    const { caller } = exchange;
    if (caller === null || caller.permissions === null) return;
    const general = { ...generalContext(exchange, options), ...callerContext(caller) };
    const needed = await neededRights(exchange.operation.name, exchange.input ?? {}, options);
    for (const { action, resource, context } of needed) {
      const decision = evaluate(caller.permissions, {
        principal: null,
        action,
        resource,
        context: requestContext({ ...general, ...context }),
      });
      if (decision.isAllowed) continue;
      throw apiFault(
        'AccessDeniedException',
        `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`,
        `${describeDenial(decision, action)}: change the policies of this access key in the server configuration`,
      );
    }
  };
}

/** Condition keys of every request (IAM User Guide, "AWS global condition context keys"). */
function generalContext(
  { rawHeaders, sourceIp }: Exchange,
  { now, isSecure, identity }: AuthorizeOptions,
): Readonly<Record<string, string | null>> {
  const agentAt = rawHeaders.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'user-agent',
  );
  return {
    'aws:CurrentTime': new Date(now()).toISOString(),
    'aws:EpochTime': String(Math.floor(now() / 1000)),
    'aws:SourceIp': sourceIp,
    'aws:SecureTransport': String(isSecure),
    'aws:RequestedRegion': identity.region,
    'aws:UserAgent': agentAt < 0 ? null : (rawHeaders[agentAt + 1] ?? null),
  };
}
