/**
 * What a request needs to be allowed: one or more pairs of action and resource, each with its condition keys. Requests
 * are read as they come, before validation: what has the wrong type names nothing here and is refused later.
 */
import { systemJobTemplate } from '../catalogue/system-items/system-job-templates.ts';
import type { JsonObject } from '../database/job-repository.ts';
import type { TaggedResource } from '../database/tag-repository.ts';
import {
  objectArn,
  parseMediaConvertArn,
  partitionOf,
  type ResourceKind,
  resourceArn,
} from '../identity/arn.ts';
import { servicePrincipal } from '../identity/role-book.ts';
import { type NamedResource, type OperationRights, operationRights } from './authorization.table.ts';
import { elements, member } from './json-members.ts';
import type { OperationContext } from './operation.ts';
import { readReference, referencedArn } from './resource-reference.ts';
import { defaultQueueName } from './submission-rules.ts';

/** Values of condition keys. */
type ContextValues = Readonly<Record<string, string | readonly string[]>>;

/** One thing that must be allowed. */
export interface NeededRight {
  /** Such as `mediaconvert:CreateJob`. */
  readonly action: string;
  readonly resource: string;
  readonly context: ContextValues;
}

/** What authorization looks up. */
export type AuthorizationFacts = Pick<
  OperationContext,
  'account' | 'tags' | 'templates' | 'identity' | 'strictArns'
>;

/** Everything the request needs, in the order in which a denial is reported. */
export async function neededRights(
  operation: string,
  input: JsonObject,
  facts: AuthorizationFacts,
): Promise<readonly NeededRight[]> {
  const rights = operationRights[operation];
  if (rights === undefined) throw new RangeError(`no rights are known for ${operation}`);
  const action = `mediaconvert:${operation}`;
  const shared = await requestContextOf(rights, input, facts);
  const resources = await namedResources(rights, input, facts);
  const own = await Promise.all(
    (resources.length === 0 ? [null] : resources).map(async (resource): Promise<NeededRight> => {
      if (resource === null)
        return { action, resource: collectionArn(rights.collection, facts), context: shared };
      return { action, resource, context: { ...shared, ...(await tagContext(resource, facts)) } };
    }),
  );
  return [...own, ...passedRole(rights, input), ...readObjects(rights, input, facts)];
}

/** ARNs of the resources a request names, each once. */
async function namedResources(
  { named }: OperationRights,
  input: JsonObject,
  facts: AuthorizationFacts,
): Promise<readonly string[]> {
  const ofTemplate = await templateMembers(input['jobTemplate'], facts);
  const arns = named.flatMap((resource) =>
    referencesOf(resource, input, ofTemplate).map((reference) => arnOf(reference, resource.kind, facts)),
  );
  return [...new Set(arns)];
}

/** What the template of a job refers to, the job refers to as well. */
async function templateMembers(reference: unknown, facts: AuthorizationFacts): Promise<JsonObject> {
  if (!isName(reference)) return {};
  const { name } = readReference(reference, 'jobTemplates', facts);
  const system = name === null ? null : systemJobTemplate(name);
  if (system !== null) return { settings: system.settings };
  const record = name === null ? null : await facts.templates.findTemplate('job-template', name);
  return record?.members ?? {};
}

function referencesOf(resource: NamedResource, input: JsonObject, ofTemplate: JsonObject): readonly string[] {
  if ('inSettings' in resource)
    return [...presetsOf(input['settings']), ...presetsOf(ofTemplate['settings'])];
  if ('inHops' in resource)
    return elements(input['hopDestinations'] ?? ofTemplate['hopDestinations']).map((hop) => {
      const queue = member(hop, 'queue');
      return isName(queue) ? queue : defaultQueueName;
    });
  const given = [input[resource.member], ofTemplate[resource.member]].find(isName);
  if (given !== undefined) return [given];
  return 'whenAbsent' in resource && resource.whenAbsent !== undefined ? [resource.whenAbsent] : [];
}

function presetsOf(settings: unknown): readonly string[] {
  return elements(member(settings, 'outputGroups'))
    .flatMap((group) => elements(member(group, 'outputs')))
    .map((output) => member(output, 'preset'))
    .filter(isName);
}

/** The ARN a reference is authorized under: ours where it names one of ours, otherwise as written. */
function arnOf(reference: string, kind: NamedResource['kind'], facts: AuthorizationFacts): string {
  if (kind === 'certificates') return serviceArn(`certificates/${reference}`, facts);
  if (kind === 'any') {
    const named = parseMediaConvertArn(reference)?.kind;
    return isTaggedKind(named) ? arnOf(reference, named, facts) : reference;
  }
  const { name } = readReference(reference, kind, facts);
  return name === null
    ? referencedArn(reference, kind, facts.identity)
    : resourceArn(facts.identity, kind, name);
}

function collectionArn(collection: string, facts: AuthorizationFacts): string {
  return serviceArn(`${collection}/*`, facts);
}

function serviceArn(resource: string, { identity: { region, accountId } }: AuthorizationFacts): string {
  return `arn:${partitionOf(region)}:mediaconvert:${region}:${accountId}:${resource}`;
}

/** Condition keys that hold for the whole request. */
async function requestContextOf(
  rights: OperationRights,
  input: JsonObject,
  { account }: AuthorizationFacts,
): Promise<ContextValues> {
  const tags = rights.requestTags === undefined ? [] : stringEntries(input[rights.requestTags]);
  const keys = rights.tagKeys === undefined ? [] : elements(input[rights.tagKeys]).filter(isText);
  const policy = rights.inputPolicy === true ? await account.readInputPolicy() : null;
  return {
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(rights.tagsOfCreated === true
      ? Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value]))
      : {}),
    'aws:TagKeys': [...tags.map(([key]) => key), ...keys],
    ...(policy === null
      ? {}
      : {
          'mediaconvert:HttpInputsAllowed': String(policy.httpInputs === 'ALLOWED'),
          'mediaconvert:HttpsInputsAllowed': String(policy.httpsInputs === 'ALLOWED'),
          'mediaconvert:S3InputsAllowed': String(policy.s3Inputs === 'ALLOWED'),
        }),
  };
}

const tagTypes: Readonly<Record<ResourceKind, TaggedResource['type']>> = {
  jobs: 'job',
  queues: 'queue',
  jobTemplates: 'job-template',
  presets: 'preset',
};

async function tagContext(
  resource: string,
  { tags: repository }: AuthorizationFacts,
): Promise<ContextValues> {
  const arn = parseMediaConvertArn(resource);
  if (arn === null || !isTaggedKind(arn.kind)) return {};
  const tags = await repository.listTags({ type: tagTypes[arn.kind], id: arn.name });
  return Object.fromEntries(
    Object.entries(tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
  );
}

function passedRole({ passesRole }: OperationRights, input: JsonObject): readonly NeededRight[] {
  const role = passesRole === undefined ? undefined : input[passesRole];
  if (!isName(role)) return [];
  return [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': servicePrincipal } }];
}

/** Probe reads with the caller's rights, not with a role's (spec api.md 15). HTTP files are nobody's to allow. */
function readObjects(
  { readsFiles }: OperationRights,
  input: JsonObject,
  { identity }: AuthorizationFacts,
): readonly NeededRight[] {
  const files = readsFiles === undefined ? [] : elements(input[readsFiles]);
  return files.flatMap((file) => {
    const url = member(file, 'fileUrl');
    const resource = isName(url) ? objectArn(url, identity) : null;
    return resource === null ? [] : [{ action: 's3:GetObject', resource, context: {} }];
  });
}

function isTaggedKind(kind: string | undefined): kind is ResourceKind {
  return kind !== undefined && Object.hasOwn(tagTypes, kind);
}

function stringEntries(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1]));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
