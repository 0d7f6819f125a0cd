/**
 * `nextToken`: a place in a list, opaque to clients and closed against change by an HMAC over the deployment's
 * secret. It holds the last row of the page, not an offset: rows that come and go between two pages neither
 * repeat nor hide others.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PageTokens } from '../operations/operation.ts';

const macLengthBytes = 16;
/** Tokens we make are far shorter; longer ones are not even decoded. */
const longestTokenChars = 1024;

/** Page tokens of one deployment. `secret` is shared by all its servers; at least 16 bytes. */
export function createPageTokens(secret: Uint8Array): PageTokens {
  if (secret.length < 16)
    throw new RangeError(`a page token secret needs at least 16 bytes, not ${secret.length}`);
  // Derived, so that other users of the deployment's secret can never forge a token by accident.
  const key = createHmac('sha256', secret).update('openconvert page token 1').digest();
  return {
    seal(scope, cursor) {
      const payload = Buffer.from(JSON.stringify(cursor), 'utf8');
      return Buffer.concat([authenticate(key, scope, payload), payload]).toString('base64url');
    },
    open(scope, token) {
      if (token.length > longestTokenChars) return null;
      const bytes = Buffer.from(token, 'base64url');
      // Buffer skips what is not base64url; a token that does not encode back was not written by us.
      if (bytes.length <= macLengthBytes || bytes.toString('base64url') !== token) return null;
      const payload = bytes.subarray(macLengthBytes);
      if (!timingSafeEqual(bytes.subarray(0, macLengthBytes), authenticate(key, scope, payload))) return null;
      return JSON.parse(payload.toString('utf8')) as object;
    },
  };
}

function authenticate(key: Uint8Array, scope: string, payload: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  const scopeBytes = Buffer.from(scope, 'utf8');
  length.writeUInt32BE(scopeBytes.length);
  return createHmac('sha256', key)
    .update(length)
    .update(scopeBytes)
    .update(payload)
    .digest()
    .subarray(0, macLengthBytes);
}
