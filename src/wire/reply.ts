/**
 * The service's answers: restJson1 bodies and its error format (spec api.md 2 and 2.1). Remedies in our words
 * travel in a header that other clients do not read.
 */
import type { FastifyReply } from 'fastify';
import type { ApiFault, Remedy } from '../operations/api-fault.ts';

/** Bytes of the remedy header; proxies commonly stop at 8 KiB for all headers together. */
const longestRemedyHeader = 4096;
const longestRemedyText = 600;

/** Sends a JSON body; as bytes, because the framework adds a charset parameter to text. */
export function sendJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(body)));
}

/** Sends a refusal. */
export function sendFault(reply: FastifyReply, fault: ApiFault): FastifyReply {
  const remedies = formatRemedies(fault.remedies);
  if (remedies !== null) reply.header('x-openconvert-remedy', remedies);
  return sendJson(reply.header('x-amzn-ErrorType', fault.type), fault.status, { message: fault.message });
}

/**
 * `{"remedies":[{"pointer","remedy"}…],"omitted":n}` as URI-encoded JSON, at most 4 KiB: as many remedies as fit,
 * `omitted` counting the others. Null when there are none.
 */
export function formatRemedies(remedies: readonly Remedy[]): string | null {
  if (remedies.length === 0) return null;
  const all = remedies.map(({ pointer, remedy }) => ({ pointer: shorten(pointer), remedy: shorten(remedy) }));
  for (let count = Math.min(all.length, 40); count > 0; count -= 1) {
    const text = encodeURIComponent(
      JSON.stringify({ remedies: all.slice(0, count), omitted: all.length - count }),
    );
    if (text.length <= longestRemedyHeader) return text;
  }
  return encodeURIComponent(JSON.stringify({ remedies: [], omitted: all.length }));
}

/** Cut at a whole character, so that the text stays encodable. */
function shorten(text: string): string {
  const valid = text.replace(/\p{Surrogate}/gu, '\ufffd');
  return valid.length <= longestRemedyText
    ? valid
    : `${[...valid.slice(0, longestRemedyText)].slice(0, -1).join('')}…`;
}
