/**
 * Roles assumed at a real STS endpoint: the session's credentials reach the S3 store and nothing else. What STS refuses
 * becomes the documented code of the job (spec iam-and-policy.md 4).
 */
import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { type JobFault, jobFault } from '../catalogue/fault.ts';

/** Where roles are assumed. */
export interface StsSettings {
  /** Base URL; null: AWS's endpoint of the region. */
  readonly endpoint: string | null;
  /** How long a session lasts; it is renewed while the job runs. 900 s to 12 h. */
  readonly sessionSeconds: number;
}

/** Credentials of a session. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Assumes roles; `close` ends idle connections. */
export interface StsClient {
  /**
   * A session of the role for one job. Rejects with JobFault 1515, 1433, 1434 or 1432; what is no refusal of STS, such
   * as an endpoint that is down, passes as it is and is tried again with the job.
   */
  assumeRole(
    role: string,
    jobId: string,
    firstInput: string,
    signal: AbortSignal,
  ): Promise<SessionCredentials>;
  close(): void;
}

/** Opens a client with the deployment's own credentials, as the SDK finds them. */
export async function openStsClient(settings: StsSettings, region: string): Promise<StsClient> {
  // The SDK costs a tenth of a second to load; most deployments never see STS.
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({
    region,
    maxAttempts: 3,
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
  });
  return {
    async assumeRole(role, jobId, firstInput, signal) {
      const command = new AssumeRoleCommand({
        RoleArn: role,
        // The form that the service's sessions have in access logs (spec iam-and-policy.md 4).
        RoleSessionName: `EmeSession_${jobId}`,
        DurationSeconds: settings.sessionSeconds,
      });
      const answer = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : (refusalFault(error, role, firstInput) ?? error);
      });
      return credentialsOf(answer);
    },
    close: () => client.destroy(),
  };
}

function credentialsOf({ Credentials: given }: AssumeRoleCommandOutput): SessionCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
    throw new Error('STS answered AssumeRole without credentials');
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    // Without a time the credentials are asked for again at once, which is slow but never wrong.
    expiration: Expiration ?? new Date(0),
  };
}

/** Names of refusals that say the ARN itself is wrong. */
const malformedNames = new Set([
  'ValidationError',
  'ValidationException',
  'InvalidParameterValue',
  'MalformedInput',
]);
/** Refusals of the caller, this deployment, whatever role it asks for: not the job's fault. */
const ownCredentialNames = new Set([
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'Throttling',
  'ThrottlingException',
]);

/** The fault of a refusal, or null when it tells nothing of the role. */
function refusalFault(error: unknown, role: string, url: string): JobFault | null {
  const {
    name = '',
    message = '',
    $metadata,
  } = error as Error & { $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  if (status < 400 || status >= 500 || ownCredentialNames.has(name)) return null;
  const facts = {
    component: 'sts',
    mediaFact: `STS refused AssumeRole of ${role}: ${name}`,
    detail: message,
  };
  if (malformedNames.has(name)) return jobFault(1515, 'malformed', {}, facts, error);
  if (status === 404 || name === 'NoSuchEntity' || name === 'NoSuchEntityException')
    return jobFault(1433, 'missing', {}, facts, error);
  // AWS does not tell a missing role from one that does not trust the caller: both are AccessDenied.
  if (name === 'AccessDenied' || name === 'AccessDeniedException')
    return jobFault(1434, 'assume-failed', { url }, facts, error);
  return jobFault(1432, 'role-unusable', { url }, facts, error);
}
