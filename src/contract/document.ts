/**
 * Reads a job document as people keep it: the wire form (camelCase), the form of the CLI and of the console's export
 * (PascalCase), or `Settings` alone. Names of members become wire names through the model; keys of maps, such as
 * the names of audio selectors, are data and stay as written.
 */
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import { type JsonValue, parseJsonText } from './json-text.ts';
import { structures } from './model.generated.ts';
import type { MemberModel } from './model.ts';
import { escapePointerPart, toNormalForm } from './normal-form.ts';
import type { CreateJobRequest } from './types.generated.ts';

/** How a document was written. */
export type DocumentForm = 'wire' | 'cli' | 'settings-only';

/** A document read. */
export interface ParsedDocument<Request> {
  /** The request with wire names, without `null` members, not yet validated; objects have no prototype. */
  readonly request: Partial<Request>;
  readonly form: DocumentForm;
  /** Errors when it could not be read, notices for members that only answers of the service have. */
  readonly findings: readonly Finding[];
}

/** A job document: text of a file, or a parsed value. Never throws. */
export function parseJobDocument(source: string | object): ParsedDocument<CreateJobRequest> {
  return parseDocument<CreateJobRequest>(source, 'CreateJobRequest', 'Job');
}

/**
 * Any request document. `requestStructure` names its structure, `answerStructure` the resource the service answers
 * with: a document saved from an answer has members (`Arn`, `Status`, …) that a request has not; they are left out
 * and reported as notices.
 */
export function parseDocument<Request>(
  source: string | object,
  requestStructure: string,
  answerStructure: string,
): ParsedDocument<Request> {
  const read = readSource(source);
  if (read.finding !== undefined) return { request: {}, form: 'wire', findings: [read.finding] };
  const findings: Finding[] = [];
  const document = unwrapAnswer(read.value, answerStructure);
  const isSettingsOnly =
    !hasMemberOf(document, requestStructure) && hasMemberOf(document, settingsStructureOf(requestStructure));
  const wrapped: JsonObject = isSettingsOnly ? { settings: document } : document;
  const named = renameMembers(wrapped, requestStructure, '', findings);
  const request = leaveOutAnswerMembers(named, requestStructure, answerStructure, findings);
  if (findings.some(({ severity }) => severity === 'notice')) leaveOutResolvedPresets(request, findings);
  return { request: request as Partial<Request>, form: formOf(document, isSettingsOnly), findings };
}

/** Renames the members of a value of that structure from PascalCase to wire names, at every depth. Unknown names stay. */
export function toWireNames(structureName: string, value: JsonValue): JsonValue {
  return isObject(value) ? renameMembers(value, structureName, '', []) : value;
}

type JsonObject = { readonly [name: string]: JsonValue };

type ReadSource =
  | { readonly value: JsonObject; readonly finding?: never }
  | { readonly finding: ErrorFinding; readonly value?: never };

function readSource(source: string | object): ReadSource {
  if (typeof source !== 'string') return readValue(source);
  const parsed = parseJsonText(source);
  if (parsed.mistake === undefined) return readValue(parsed.value);
  const { line, column, text } = parsed.mistake;
  return {
    finding: unreadable(`Line ${line}, column ${column}: ${text}.`, 'Correct the JSON at that place.'),
  };
}

function readValue(value: unknown): ReadSource {
  const normal = toNormalForm(value);
  if (isObject(normal.value)) return { value: normal.value };
  return { finding: unreadable('A job document is one JSON object.', 'Send one JSON object.') };
}

function unreadable(detail: string, remedy: string): ErrorFinding {
  return {
    severity: 'error',
    code: 400,
    pointer: '',
    message: `The request could not be interpreted. ${detail}`,
    remedy,
  };
}

/** `aws mediaconvert get-job` prints the resource inside one member, e.g. `{"Job": {…}}`. */
function unwrapAnswer(document: JsonObject, answerStructure: string): JsonObject {
  const [only, ...others] = Object.entries(document);
  if (only === undefined || others.length > 0) return document;
  return lowerFirst(only[0]) === lowerFirst(answerStructure) && isObject(only[1]) ? only[1] : document;
}

function hasMemberOf(document: JsonObject, structureName: string): boolean {
  const members = structures[structureName]?.members ?? {};
  return Object.keys(document).some(
    (name) => Object.hasOwn(members, name) || Object.hasOwn(members, lowerFirst(name)),
  );
}

function settingsStructureOf(requestStructure: string): string {
  const settings = structures[requestStructure]?.members['settings'];
  return settings?.kind === 'structure' ? settings.structure : '';
}

function formOf(document: JsonObject, isSettingsOnly: boolean): DocumentForm {
  if (isSettingsOnly) return 'settings-only';
  return Object.keys(document).some((name) => /^[A-Z]/.test(name)) ? 'cli' : 'wire';
}

function renameMembers(
  object: JsonObject,
  structureName: string,
  pointer: string,
  findings: Finding[],
): JsonObject {
  const members = structures[structureName]?.members ?? {};
  const renamed: Record<string, JsonValue> = Object.create(null);
  for (const [name, value] of Object.entries(object)) {
    const wire =
      !Object.hasOwn(members, name) && Object.hasOwn(members, lowerFirst(name)) ? lowerFirst(name) : name;
    const at = `${pointer}/${escapePointerPart(wire)}`;
    if (Object.hasOwn(renamed, wire)) findings.push(givenTwice(at, wire));
    const member = Object.hasOwn(members, wire) ? members[wire] : undefined;
    renamed[wire] = member === undefined ? value : renameBelow(member, value, at, findings);
  }
  return renamed;
}

function renameBelow(member: MemberModel, value: JsonValue, pointer: string, findings: Finding[]): JsonValue {
  if (member.kind === 'structure' && isObject(value)) {
    return renameMembers(value, member.structure, pointer, findings);
  }
  if (member.kind === 'list' && Array.isArray(value)) {
    return value.map((item, index) => renameBelow(member.member, item, `${pointer}/${index}`, findings));
  }
  if (member.kind === 'map' && isObject(value)) {
    const renamed: Record<string, JsonValue> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      renamed[key] = renameBelow(member.value, item, `${pointer}/${escapePointerPart(key)}`, findings);
    }
    return renamed;
  }
  return value;
}

function givenTwice(pointer: string, wire: string): ErrorFinding {
  return {
    severity: 'error',
    code: 400,
    pointer: pointer.replace(/^\/settings(?=\/)/, ''),
    message: 'Is given twice, in two spellings',
    remedy: `Keep one ${wire}.`,
  };
}

function leaveOutAnswerMembers(
  request: JsonObject,
  requestStructure: string,
  answerStructure: string,
  findings: Finding[],
): JsonObject {
  const known = structures[requestStructure]?.members ?? {};
  const answered = structures[answerStructure]?.members ?? {};
  const kept: Record<string, JsonValue> = Object.create(null);
  for (const [name, value] of Object.entries(request)) {
    const wire = lowerFirst(name);
    if (Object.hasOwn(known, name) || !Object.hasOwn(answered, wire)) kept[name] = value;
    else findings.push(answerMemberNotice(wire, answerStructure));
  }
  return kept;
}

/** An answer holds what the preset supplied beside its name; a request may only have one of the two. */
function leaveOutResolvedPresets(request: JsonObject, findings: Finding[]): void {
  for (const [groupIndex, group] of itemsOf(request['settings'], 'outputGroups').entries()) {
    for (const [outputIndex, output] of itemsOf(group, 'outputs').entries()) {
      if (!isObject(output) || output['containerSettings'] === undefined || output['preset'] === undefined)
        continue;
      delete (output as Record<string, JsonValue>)['preset'];
      findings.push({
        severity: 'notice',
        reason: 'no-effect',
        pointer: `/outputGroups/${groupIndex}/outputs/${outputIndex}/preset`,
        message:
          'The answer of the service repeats what this preset supplied; the name of the preset was left out.',
        remedy: 'Remove preset.',
      });
    }
  }
}

function itemsOf(value: JsonValue | undefined, name: string): readonly JsonValue[] {
  const items = isObject(value) ? value[name] : undefined;
  return Array.isArray(items) ? items : [];
}

function answerMemberNotice(wire: string, answerStructure: string): Finding {
  return {
    severity: 'notice',
    reason: 'no-effect',
    pointer: `/${wire}`,
    message: `${wire} is part of the service's answer (${answerStructure}), not of a request; it was left out.`,
    remedy: `Remove ${wire}.`,
  };
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
