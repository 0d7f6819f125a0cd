/**
 * Verification of AWS Signature Version 4 (spec iam-and-policy.md 2), header and presigned forms. The request is
 * signed again with the key it names, over the bytes as received, and the two signatures are compared.
 *
 * Rules of this service that are easy to get wrong: the path is encoded once more on top of what was sent
 * (`arn%3Aaws` signs as `arn%253Aaws`); the list of signed headers is the client's; the body is hashed here,
 * whatever `x-amz-content-sha256` claims, so a request signed without its body does not pass.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '../identity/access-keys.ts';
import { apiFault } from '../operations/api-fault.ts';
import { readSignatureClaim, type SignatureClaim, type SignedRequest } from './signature-claim.ts';

/** The service name in the credential scope. */
export const signingName = 'mediaconvert';
/** How far the client's clock may be from ours. */
export const clockSkewMs = 5 * 60_000;

/** What a signature is checked against. */
export interface SignatureRules {
  readonly region: string;
  readonly keys: ReadonlyMap<string, AccessKey>;
  readonly nowMs: number;
}

/** The key of a correctly signed request. Throws ApiFault: one of the 403 errors of the authentication layer. */
export function verifySignature(request: SignedRequest, rules: SignatureRules): AccessKey {
  const claim = readSignatureClaim(request);
  const key = rules.keys.get(claim.accessKeyId);
  if (key === undefined) throw unrecognizedClient('the access key id is not configured on this server');
  assertScope(claim, rules.region);
  assertTime(claim, rules.nowMs);
  assertSessionToken(claim, key, rules.nowMs);
  const expected = sign(claim, key.secretAccessKey, canonicalRequest(request, claim));
  if (!timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))) throw signatureMismatch();
  return key;
}

function assertScope(claim: SignatureClaim, region: string): void {
  if (claim.service !== signingName) {
    throw invalidSignature(`Credential should be scoped to correct service: '${signingName}'.`);
  }
  if (claim.region !== region) {
    throw invalidSignature(
      `Credential should be scoped to a valid region, not '${claim.region}'.`,
      `this server stands for region ${region}: set the client's region to it, or the server's 'region' to ${claim.region}`,
    );
  }
  if (!claim.timestamp.startsWith(claim.date)) {
    throw invalidSignature(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.',
    );
  }
}

function assertTime(claim: SignatureClaim, nowMs: number): void {
  const remedy = `the server's clock reads ${new Date(nowMs).toISOString()}: set the clocks of both machines`;
  const lifetimeMs = claim.expiresSeconds === null ? clockSkewMs : claim.expiresSeconds * 1000;
  if (nowMs > claim.signedAtMs + lifetimeMs) {
    throw invalidSignature(
      `Signature expired: ${claim.timestamp} is now earlier than ${compactTime(nowMs - lifetimeMs)}.`,
      remedy,
    );
  }
  if (nowMs + clockSkewMs < claim.signedAtMs) {
    throw invalidSignature(
      `Signature not yet current: ${claim.timestamp} is still later than ${compactTime(nowMs + clockSkewMs)}.`,
      remedy,
    );
  }
}

/** A long-lived key carries no session token, a temporary one exactly its own. */
function assertSessionToken(claim: SignatureClaim, key: AccessKey, nowMs: number): void {
  if (claim.sessionToken !== key.sessionToken) {
    throw unrecognizedClient(
      key.sessionToken === null
        ? 'the request carries a session token but its key is a long-lived one'
        : 'the key is temporary: the request must carry its session token',
    );
  }
  if (key.expiresAtMs !== null && nowMs >= key.expiresAtMs) {
    throw apiFault(
      'ExpiredTokenException',
      'The security token included in the request is expired',
      'get new temporary credentials',
    );
  }
}

/** The text both sides sign, as AWS defines it. */
function canonicalRequest(request: SignedRequest, claim: SignatureClaim): string {
  const queryStart = request.rawUrl.indexOf('?');
  const rawPath = queryStart < 0 ? request.rawUrl : request.rawUrl.slice(0, queryStart);
  const rawQuery = queryStart < 0 ? '' : request.rawUrl.slice(queryStart + 1);
  return [
    request.method,
    rawPath.split('/').map(encodeStrictly).join('/') || '/',
    canonicalQuery(rawQuery),
    ...claim.signedHeaders.map((name) => `${name}:${headerValue(request.rawHeaders, name)}`),
    '',
    claim.signedHeaders.join(';'),
    createHash('sha256').update(request.body).digest('hex'),
  ].join('\n');
}

/** Sorted by encoded name, then value, in code point order; the signature itself is left out. */
function canonicalQuery(rawQuery: string): string {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      return [encodeOnce(name), encodeOnce(equals < 0 ? '' : pair.slice(equals + 1))] as const;
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([nameA, valueA], [nameB, valueB]) => compareText(nameA, nameB) || compareText(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Encodes what a client left raw (such as `:`), without encoding its escapes again. */
function encodeOnce(text: string): string {
  try {
    return encodeStrictly(decodeURIComponent(text));
  } catch {
    return encodeStrictly(text);
  }
}

/** Percent-encoding of everything but RFC 3986 unreserved characters. Lone surrogates cannot occur: header and URL bytes are Latin-1. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Values of repeated headers are joined by commas; runs of spaces count as one. */
function headerValue(rawHeaders: readonly string[], name: string): string {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name)
      values.push((rawHeaders[index + 1] ?? '').trim().replace(/ +/g, ' '));
  }
  return values.join(',');
}

function sign(claim: SignatureClaim, secret: string, canonical: string): Buffer {
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const hmac = (key: string | Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
  const signingKey = [claim.region, claim.service, 'aws4_request'].reduce(
    hmac,
    hmac(`AWS4${secret}`, claim.date),
  );
  return hmac(signingKey, `AWS4-HMAC-SHA256\n${claim.timestamp}\n${scope}\n${digest}`);
}

function compactTime(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function unrecognizedClient(remedy: string) {
  return apiFault(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    remedy,
  );
}

function invalidSignature(message: string, remedy?: string) {
  return apiFault('InvalidSignatureException', message, remedy);
}

function signatureMismatch() {
  return invalidSignature(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    'check the secret access key; a proxy that rewrites path, query, host or body also breaks signatures',
  );
}
