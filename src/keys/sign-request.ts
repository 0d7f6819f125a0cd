/** AWS Signature Version 4 for one JSON request to `/` (spec iam-and-policy.md 2): what a call of KMS needs. */
import { createHash, createHmac } from 'node:crypto';

/** Who signs. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What is signed for: a region, a service and an instant. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

/** All headers of a POST of `body` to `/`: those given, and those of the signature. Names are lower case. */
export function signRequest(
  given: Readonly<Record<string, string>>,
  body: string,
  credentials: SigningCredentials,
  { region, service, nowMs }: SigningScope,
): Readonly<Record<string, string>> {
  const time = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...given,
    'x-amz-date': time,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signed = names.join(';');
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    signed,
    hash(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const text = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const claim = `Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${claim}` };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
