/**
 * Documents that hold presets and job templates as people keep them: the console's export and answers of the CLI (either
 * spelling, alone, wrapped or in lists), job documents (which become job templates), and CloudFormation templates or
 * single resources, in JSON.
 */
import type { Finding } from '../catalogue/finding.ts';
import { parseDocument } from '../contract/document.ts';
import { parseJsonText } from '../contract/json-text.ts';
import { structures } from '../contract/model.generated.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { UsageError } from './options.ts';

/** One item of a document. */
export interface DocumentItem {
  readonly kind: 'preset' | 'job-template';
  /** Where it stands in the document, for messages. */
  readonly place: string;
  /** Request that creates it, wire names; '' as name when the document gives none. */
  readonly request: JsonObject & { readonly name: string };
  readonly findings: readonly Finding[];
}

/** Items of a document's text. Throws UsageError for what is no such document, by name. */
export function readItems(text: string, file: string): readonly DocumentItem[] {
  if (/\.ya?ml$/i.test(file) || !/^\s*\{/.test(text))
    throw new UsageError(`${file}: only JSON is read; convert YAML to JSON first`);
  const parsed = parseJsonText(text);
  if (parsed.mistake !== undefined) {
    const { line, column, text: mistake } = parsed.mistake;
    throw new UsageError(`${file}: line ${line}, column ${column}: ${mistake}`);
  }
  const document = parsed.value as JsonObject;
  const items = isObject(document['Resources'])
    ? Object.entries(document['Resources']).flatMap(([name, resource]) => fromResource(name, resource, file))
    : typeof document['Type'] === 'string' && isObject(document['Properties'])
      ? fromResource('', document, file)
      : fromDocument(document);
  if (items.length === 0) throw new UsageError(`${file}: no preset and no job template in this document`);
  return items;
}

/** Resources of other services are none of ours; what is MediaConvert's and cannot be stored is refused by name. */
function fromResource(logicalId: string, resource: unknown, file: string): readonly DocumentItem[] {
  const { Type: type, Properties: properties } = isObject(resource) ? resource : {};
  if (typeof type !== 'string' || !type.startsWith('AWS::MediaConvert::')) return [];
  const place = logicalId === '' ? type : `Resources/${logicalId}`;
  const isPreset = type === 'AWS::MediaConvert::Preset';
  if (!isPreset && type !== 'AWS::MediaConvert::JobTemplate')
    throw new UsageError(`${file}: ${place}: ${type} is not imported, only Preset and JobTemplate are`);
  const intrinsic = findIntrinsic(properties, place);
  if (intrinsic !== null)
    throw new UsageError(`${file}: ${intrinsic} is a CloudFormation function; write the value it gives`);
  const { SettingsJson: settings, ...others } = isObject(properties) ? properties : {};
  const Settings = typeof settings === 'string' ? (parseJsonText(settings).value ?? settings) : settings;
  const named = { Name: logicalId, ...others, Settings };
  return [toItem(isPreset ? 'preset' : 'job-template', named, place)];
}

/** `{"Ref": …}` and `{"Fn::…": …}` stand for values that only CloudFormation knows. */
function findIntrinsic(value: unknown, place: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && /^(Ref|Fn::\w+)$/.test(only[0]))
    return `${place}/${only[0]}`;
  for (const [name, member] of entries) {
    const found = findIntrinsic(member, `${place}/${name}`);
    if (found !== null) return found;
  }
  return null;
}

function fromDocument(document: JsonObject): readonly DocumentItem[] {
  const lists = [
    ...fromList(memberOf(document, 'presets'), 'preset', 'Presets'),
    ...fromList(memberOf(document, 'jobTemplates'), 'job-template', 'JobTemplates'),
  ];
  if (lists.length > 0) return lists;
  const wrapped = (name: string) => {
    const value = memberOf(document, name);
    return isObject(value) ? value : null;
  };
  const preset = wrapped('preset');
  if (preset !== null) return [toItem('preset', preset, 'Preset')];
  const template = wrapped('jobTemplate');
  if (template !== null) return [toItem('job-template', template, 'JobTemplate')];
  const job = wrapped('job') ?? document;
  const settings = memberOf(job, 'settings') ?? job;
  const isPreset = ['containerSettings', 'videoDescription', 'audioDescriptions', 'captionDescriptions'].some(
    (name) => memberOf(settings, name) !== undefined,
  );
  const isTemplate = ['outputGroups', 'inputs'].some((name) => memberOf(settings, name) !== undefined);
  if (isPreset) return [toItem('preset', job, 'the document')];
  return isTemplate ? [toItem('job-template', job, 'the document')] : [];
}

function fromList(list: unknown, kind: DocumentItem['kind'], place: string): readonly DocumentItem[] {
  return Array.isArray(list) ? list.map((item, index) => toItem(kind, item, `${place}/${index}`)) : [];
}

function toItem(kind: DocumentItem['kind'], document: object, place: string): DocumentItem {
  const [structure, answer] =
    kind === 'preset' ? ['CreatePresetRequest', 'Preset'] : ['CreateJobTemplateRequest', 'Job'];
  const parsed = parseDocument<{ name: string }>(document, structure, answer);
  // A job template's answer has two members that a job's has not.
  const { type, lastUpdated, arn, Type, LastUpdated, Arn, ...request } = parsed.request as JsonObject & {
    readonly name?: string;
  };
  const findings: Finding[] = [...parsed.findings];
  const settings =
    kind === 'job-template' ? withoutFiles(request['settings'], findings) : request['settings'];
  return { kind, place, request: { ...request, settings, name: request.name ?? '' }, findings };
}

/** Inputs of templates name no files; what a job's inputs have beyond them is left out and told. */
function withoutFiles(settings: unknown, findings: Finding[]): unknown {
  if (!isObject(settings) || !Array.isArray(settings['inputs'])) return settings;
  const [jobs, templates] = [structures['Input']?.members ?? {}, structures['InputTemplate']?.members ?? {}];
  const inputs = settings['inputs'].map((input: unknown, index) => {
    if (!isObject(input)) return input;
    // Members that a template's inputs have not keep the spelling of the document.
    const left = Object.keys(input).filter(
      (name) => Object.hasOwn(jobs, lowerFirst(name)) && !Object.hasOwn(templates, lowerFirst(name)),
    );
    for (const name of left) {
      findings.push({
        severity: 'notice',
        reason: 'no-effect',
        pointer: `/inputs/${index}/${lowerFirst(name)}`,
        message: `Inputs of job templates have no ${lowerFirst(name)}; it was left out.`,
      });
    }
    return Object.fromEntries(Object.entries(input).filter(([name]) => !left.includes(name)));
  });
  return { ...settings, inputs };
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function memberOf(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined;
  return value[name] ?? value[name.charAt(0).toUpperCase() + name.slice(1)];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
