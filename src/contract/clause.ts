/**
 * The service's texts for schema violations (spec api.md 7; observed wordings in usage.md win). One ajv error
 * becomes one clause: pointer, text, and what a person can do about it.
 */
import type { ErrorObject } from 'ajv';
import { nearestName } from './nearest-name.ts';

/** A clause before it becomes a finding. */
export interface Clause {
  /** JSON pointer inside the validated document. */
  readonly pointer: string;
  readonly text: string;
  readonly remedy: string;
  readonly expected?: string;
}

/** The clause of an ajv error; null for errors that only say that a branch failed. */
export function toClause(error: ErrorObject): Clause | null {
  const pointer = error.instancePath;
  switch (error.keyword) {
    case 'required': {
      const name = String(error.params['missingProperty']);
      return pointer === ''
        ? { pointer, text: `The '${name}' field is required.`, remedy: `Add ${name} to the request.` }
        : requiredProperty(pointer, name);
    }
    case 'additionalProperties':
      return unknownMember(error);
    case 'enum':
      return enumeration(error);
    case 'type':
      return wrongType(error);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
    case 'multipleOf':
      return numberOutOfRange(error);
    case 'minItems':
    case 'maxItems':
    case 'minProperties':
    case 'maxProperties':
    case 'minLength':
    case 'maxLength':
      return wrongSize(error);
    case 'pattern':
      return patternMismatch(error);
    case 'if':
    case 'propertyNames':
      return null;
    default:
      throw new TypeError(`no text for schema keyword ${error.keyword}`);
  }
}

/** `{name} is a required property`, at the object that lacks it. */
export function requiredProperty(parentPointer: string, name: string): Clause {
  return { pointer: parentPointer, text: `${name} is a required property`, remedy: `Add ${name}.` };
}

function unknownMember({ instancePath, params, parentSchema }: ErrorObject): Clause {
  const name = String(params['additionalProperty']);
  const known = Object.keys((parentSchema?.['properties'] as object | undefined) ?? {});
  const nearest = nearestName(name, known);
  return {
    pointer: `${instancePath}/${name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    text: 'Is not an allowed property',
    remedy:
      nearest === undefined
        ? `Remove it: the API has no ${name.slice(0, 200)} here.`
        : `Did you mean ${nearest}?`,
  };
}

function enumeration({ instancePath, params, data }: ErrorObject): Clause {
  const allowed: readonly unknown[] = params['allowedValues'];
  const nearest = typeof data === 'string' ? nearestName(data, allowed.map(String)) : undefined;
  return {
    pointer: instancePath,
    text: allowedValuesText(allowed),
    remedy: nearest === undefined ? `Use one of ${allowed.join(', ')}.` : `Did you mean ${nearest}?`,
    expected: allowed.join(', '),
  };
}

const TYPE_NAMES = new Map([
  ['object', 'an object'],
  ['array', 'a list'],
  ['string', 'a string'],
  ['integer', 'an integer'],
  ['number', 'a number'],
  ['number,string', 'a number'],
]);

/** Wording of a type mismatch is ours: no refusal of this kind has been published. */
function wrongType({ instancePath, params, data }: ErrorObject): Clause {
  if (instancePath === '') {
    return { pointer: '', text: 'The request could not be interpreted.', remedy: 'Send one JSON object.' };
  }
  const wanted = TYPE_NAMES.get(String(params['type'])) ?? String(params['type']);
  const isQuotedNumber = typeof data === 'string' && data.trim() !== '' && Number.isFinite(Number(data));
  return {
    pointer: instancePath,
    text: `Should be ${wanted}`,
    remedy: isQuotedNumber && wanted !== 'a string' ? 'Write the number without quotes.' : `Give ${wanted}.`,
    expected: wanted,
  };
}

function numberOutOfRange({ instancePath, keyword, params, parentSchema }: ErrorObject): Clause {
  const limit: unknown = keyword === 'multipleOf' ? params['multipleOf'] : params['limit'];
  const texts: Readonly<Record<string, string>> = {
    minimum: `Should be greater than or equal to ${limit}`,
    maximum: `Should be less than or equal to ${limit}`,
    exclusiveMinimum: `Should be greater than ${limit}`,
    exclusiveMaximum: `Should be less than ${limit}`,
    multipleOf: `Should be a multiple of ${limit}`,
  };
  const range = describeRange(parentSchema ?? {});
  return { pointer: instancePath, text: texts[keyword] ?? keyword, remedy: `Use ${range}.`, expected: range };
}

function describeRange(schema: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  if (schema['multipleOf'] !== undefined) parts.push(`a multiple of ${schema['multipleOf']}`);
  if (schema['minimum'] !== undefined) parts.push(`at least ${schema['minimum']}`);
  if (schema['exclusiveMinimum'] !== undefined) parts.push(`above ${schema['exclusiveMinimum']}`);
  if (schema['maximum'] !== undefined) parts.push(`at most ${schema['maximum']}`);
  if (schema['exclusiveMaximum'] !== undefined) parts.push(`below ${schema['exclusiveMaximum']}`);
  return `a value that is ${parts.join(', ')}`;
}

function wrongSize({ instancePath, keyword, params, propertyName }: ErrorObject): Clause {
  const limit = Number(params['limit']);
  const unit = keyword.endsWith('Items')
    ? 'items'
    : keyword.endsWith('Properties')
      ? 'properties'
      : 'characters';
  const bound = keyword.startsWith('min') ? 'at least' : 'at most';
  const subject = propertyName === undefined ? '' : `Key ${JSON.stringify(propertyName.slice(0, 200))}: `;
  return {
    pointer: instancePath,
    text: `${subject}Should have ${bound} ${limit} ${unit}`,
    remedy: `Give ${bound} ${limit} ${unit}.`,
    expected: `${bound} ${limit} ${unit}`,
  };
}

function patternMismatch({ instancePath, params, propertyName }: ErrorObject): Clause {
  const pattern = String(params['pattern']);
  const subject = propertyName === undefined ? '' : `Key ${JSON.stringify(propertyName.slice(0, 200))}: `;
  return {
    pointer: instancePath,
    text: `${subject}Should match the pattern: /${pattern}/`,
    remedy:
      pattern === '^s3://' ? 'Give a location that begins with s3://.' : `Give text of the form ${pattern}.`,
    expected: pattern,
  };
}

/** The service's words for a value outside a closed set. */
export function allowedValuesText(allowed: readonly unknown[]): string {
  return `Should be equal to one of the allowed values in ${JSON.stringify(allowed)}`;
}
