/**
 * From bytes to the input of an operation: path, query and JSON body become one object with wire names, in normal
 * form (`null` and absent are the same). Whether the members are legal is the contract's question; what is no
 * well-formed request at all is refused here.
 */
import { parseJsonText } from '../contract/json-text.ts';
import { toNormalForm } from '../contract/normal-form.ts';
import type { Operation as OperationContract, RequestMember } from '../contract/operations.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { apiFault } from '../operations/api-fault.ts';

/** What of a request becomes input. */
export interface RequestParts {
  /** Decoded path parameters by wire name. */
  readonly path: Readonly<Record<string, string>>;
  /** The query string without `?`, raw. */
  readonly rawQuery: string;
  readonly body: Uint8Array;
}

/** The input of an operation; objects in it have no prototype. Throws ApiFault (BadRequestException). */
export function readRequestInput(operation: OperationContract, parts: RequestParts): JsonObject {
  const input: Record<string, unknown> = operation.hasBody ? parseBody(parts.body) : Object.create(null);
  const query = parseQuery(parts.rawQuery);
  for (const member of operation.members.filter(({ location }) => location !== 'body')) {
    if (member.name in input) {
      throw apiFault(
        'BadRequestException',
        `The '${member.name}' field does not belong in the request body.`,
      );
    }
    const text = member.location === 'path' ? parts.path[member.name] : query.get(member.name);
    if (text !== undefined) input[member.name] = fromText(member, text);
  }
  assertAcceptable(input);
  return input;
}

/** Query values percent-decoded, `+` as a space; the last of repeated names wins. */
function parseQuery(rawQuery: string): ReadonlyMap<string, string> {
  try {
    return new Map(
      rawQuery.split('&').map((pair) => {
        const [name = '', ...value] = pair.replaceAll('+', ' ').split('=').map(decodeURIComponent);
        return [name, value.join('=')] as const;
      }),
    );
  } catch {
    throw apiFault('BadRequestException', 'The query string is not correctly percent-encoded UTF-8.');
  }
}

/** Text that is no number goes on as it is, so that validation names it. */
function fromText(member: RequestMember, text: string): string | number {
  return member.model.kind === 'integer' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** An empty body is an empty object: SDKs send none when no member is set. */
function parseBody(body: Uint8Array): Record<string, unknown> {
  const text = decodeText(body);
  if (text.trim() === '') return Object.create(null);
  const { value, mistake } = parseJsonText(text);
  if (mistake !== undefined) throw notJson(`line ${mistake.line}, column ${mistake.column}: ${mistake.text}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw notJson('the body must be one JSON object');
  assertAcceptable(value);
  const normal = toNormalForm(value);
  if (normal.refusedAt !== undefined) throw notJson(`${normal.refusedAt} is nested too deep`);
  return { __proto__: null, ...(normal.value as JsonObject) };
}

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw notJson('the body is not UTF-8');
  }
}

function notJson(why: string) {
  return apiFault('BadRequestException', 'Could not parse request body into json.', why);
}

/**
 * The largest documents that are validated: all values together, and the members or items of one object or list.
 * Validation collects every finding, and its time grows with the square of the wrong items of one list: 50,000 take
 * 17 s (measured). The largest real jobs have some thousand values; 150 inputs are the service's limit.
 */
const mostValues = 100_000;
const mostItems = 2000;

/**
 * Refuses what cannot be stored or would take too long to look at. PostgreSQL stores neither U+0000 nor half of a
 * surrogate pair, and JSON has no form for numbers that are too large.
 */
function assertAcceptable(input: object): void {
  let values = 0;
  const visit = (value: unknown): void => {
    values += 1;
    if (typeof value === 'string' && (value.includes('\u0000') || /\p{Surrogate}/u.test(value))) {
      throw apiFault(
        'BadRequestException',
        'The request holds a string with characters that are not valid Unicode text.',
        'remove U+0000 and unpaired surrogates',
      );
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw apiFault('BadRequestException', 'The request holds a number that is too large.');
    }
    if (typeof value !== 'object' || value === null) return;
    const size = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (size > mostItems || values > mostValues) {
      throw apiFault(
        'BadRequestException',
        'The request holds too many values.',
        `at most ${mostItems} in one list or object, and ${mostValues} in all`,
      );
    }
    for (const [name, member] of Object.entries(value)) {
      visit(name);
      visit(member);
    }
  };
  visit(input);
}
