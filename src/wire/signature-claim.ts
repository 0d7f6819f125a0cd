/**
 * What a request says about its own signature: who signed, when, for which scope, over which headers. Read from
 * the Authorization header or, for presigned requests, from the query. Nothing here is verified.
 */
import { type ApiFault, apiFault } from '../operations/api-fault.ts';

const algorithm = 'AWS4-HMAC-SHA256';
/** The longest a presigned request may live: seven days (AWS General Reference, query string authentication). */
const longestPresignedSeconds = 604_800;

/** A request as received, before any decoding. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly rawUrl: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

/** The claim, syntactically sound. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  /** YYYYMMDD of the credential scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, in the client's order; always holds `host`. */
  readonly signedHeaders: readonly string[];
  /** 64 lower-case hexadecimal digits. */
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`, as sent. */
  readonly timestamp: string;
  readonly signedAtMs: number;
  /** Presigned requests: seconds of validity; null for the header form. */
  readonly expiresSeconds: number | null;
  readonly sessionToken: string | null;
}

/**
 * Reads the claim. Throws ApiFault: MissingAuthenticationTokenException when there is none,
 * IncompleteSignatureException when it is malformed.
 */
export function readSignatureClaim(request: SignedRequest): SignatureClaim {
  const authorization = header(request, 'authorization');
  if (authorization !== null) return claimOfHeader(request, authorization);
  const queryStart = request.rawUrl.indexOf('?');
  const query = new URLSearchParams(queryStart < 0 ? '' : request.rawUrl.slice(queryStart + 1));
  if (query.has('X-Amz-Algorithm')) return claimOfQuery(query);
  throw apiFault(
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
    'sign the request (AWS Signature Version 4); every AWS SDK and the AWS CLI do so by themselves',
  );
}

function claimOfHeader(request: SignedRequest, authorization: string): SignatureClaim {
  const [scheme = '', ...rest] = authorization.trim().split(/\s+/);
  if (scheme !== algorithm) throw incomplete(`Authorization must begin with '${algorithm}'`);
  const fields = new Map(
    rest
      .join(' ')
      .split(',')
      .map((field) => {
        const equals = field.indexOf('=');
        return [field.slice(0, Math.max(equals, 0)).trim(), field.slice(equals + 1).trim()] as const;
      }),
  );
  return {
    ...credentialScope(fields.get('Credential')),
    signedHeaders: signedHeaders(fields.get('SignedHeaders')),
    signature: signatureDigits(fields.get('Signature')),
    ...instant(header(request, 'x-amz-date')),
    expiresSeconds: null,
    sessionToken: header(request, 'x-amz-security-token'),
  };
}

function claimOfQuery(query: URLSearchParams): SignatureClaim {
  const one = (name: string) => {
    const values = query.getAll(name);
    if (values.length > 1) throw incomplete(`'${name}' is given ${values.length} times`);
    return values[0];
  };
  if (one('X-Amz-Algorithm') !== algorithm) throw incomplete(`X-Amz-Algorithm must be '${algorithm}'`);
  const expires = one('X-Amz-Expires') ?? '';
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > longestPresignedSeconds) {
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${longestPresignedSeconds}`);
  }
  return {
    ...credentialScope(one('X-Amz-Credential')),
    signedHeaders: signedHeaders(one('X-Amz-SignedHeaders')),
    signature: signatureDigits(one('X-Amz-Signature')),
    ...instant(one('X-Amz-Date') ?? null),
    expiresSeconds: Number(expires),
    sessionToken: one('X-Amz-Security-Token') ?? null,
  };
}

function credentialScope(
  text: string | undefined,
): Pick<SignatureClaim, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const match = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(text ?? '');
  if (match === null)
    throw incomplete('Credential must be {access key id}/{YYYYMMDD}/{region}/{service}/aws4_request');
  const [, accessKeyId = '', date = '', region = '', service = ''] = match;
  return { accessKeyId, date, region, service };
}

function signedHeaders(text: string | undefined): readonly string[] {
  const names = (text ?? '')
    .toLowerCase()
    .split(';')
    .filter((name) => name !== '');
  if (!names.includes('host')) throw incomplete("SignedHeaders must list at least 'host'");
  return names;
}

function signatureDigits(text: string | undefined): string {
  if (!/^[0-9a-f]{64}$/.test(text ?? ''))
    throw incomplete('Signature must be 64 lower-case hexadecimal digits');
  return text ?? '';
}

function instant(text: string | null): Pick<SignatureClaim, 'timestamp' | 'signedAtMs'> {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text ?? '');
  const signedAtMs =
    match === null ? Number.NaN : Date.parse((text ?? '').replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
  if (Number.isNaN(signedAtMs)) throw incomplete('X-Amz-Date must be YYYYMMDDTHHMMSSZ');
  return { timestamp: text ?? '', signedAtMs };
}

function header(request: SignedRequest, name: string): string | null {
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) return request.rawHeaders[index + 1] ?? '';
  }
  return null;
}

function incomplete(what: string): ApiFault {
  return apiFault(
    'IncompleteSignatureException',
    `The request signature does not conform to AWS standards. ${what}.`,
  );
}
