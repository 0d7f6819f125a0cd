/** What creating, reading, changing and removing presets and job templates have in common. */
import type { JsonObject } from '../database/job-repository.ts';
import { apiFault } from './api-fault.ts';
import type { OperationContext } from './operation.ts';
import { readReference } from './resource-reference.ts';
import type { KindOfTemplate } from './template-kinds.ts';

/** A request that creates an item, validated. */
export interface TemplateToCreate {
  readonly name: string;
  readonly description?: string | undefined;
  readonly category?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Stores a new item and returns it as clients see it. Throws ApiFault: 409 when the name is taken, 402 above the quota. */
export async function createItem(
  of: KindOfTemplate,
  request: TemplateToCreate,
  context: OperationContext,
): Promise<JsonObject> {
  const { templates, identity, now, quotas } = context;
  const nowMs = now();
  const record = {
    name: request.name,
    description: request.description ?? null,
    category: request.category ?? null,
    createdAtMs: nowMs,
    lastUpdatedMs: nowMs,
    members: givenMembers(of, request),
  };
  const mostItems = quotas === null ? null : of.kind === 'preset' ? quotas.presets : quotas.jobTemplates;
  switch (await templates.createTemplate(of.kind, record, request.tags ?? {}, mostItems)) {
    case 'created':
      return of.toShape(record, identity);
    case 'exists':
      throw apiFault(
        'ConflictException',
        `A ${of.noun} with the name ${request.name} already exists.`,
        `choose another name, or change the ${of.noun} that is there`,
      );
    case 'too-many':
      throw apiFault(
        'ServiceQuotaExceededException',
        `You have reached the maximum number of custom ${of.noun}s: ${mostItems}.`,
        `delete a ${of.noun}, or raise 'quotas' in the server configuration`,
      );
  }
}

/** The item as clients see it: a system item or a stored one. Throws ApiFault 404. */
export async function getItem(
  of: KindOfTemplate,
  reference: string,
  context: OperationContext,
): Promise<JsonObject> {
  const { templates, identity } = context;
  const { name } = readReference(reference, of.resource, context);
  if (name === null) throw of.notFound(reference, identity);
  const systemItem = of.systemShape(name, identity);
  if (systemItem !== null) return systemItem;
  const record = await templates.findTemplate(of.kind, name);
  if (record === null) throw of.notFound(reference, identity);
  return of.toShape(record, identity);
}

/**
 * Changes what the request gives and returns the item as it is then. `permit` sees the members that would be stored, and
 * throws to refuse. Throws ApiFault: 400 for system items, 404.
 */
export async function updateItem(
  of: KindOfTemplate,
  request: TemplateToCreate,
  context: OperationContext,
  permit?: (members: JsonObject) => void,
): Promise<JsonObject> {
  const { templates, identity, now } = context;
  const name = customName(of, request.name, 'changed', context);
  const { description, category } = request;
  const change = {
    ...(description === undefined ? {} : { description }),
    ...(category === undefined ? {} : { category }),
    members: givenMembers(of, request),
  };
  const record = await templates.updateTemplate(of.kind, name, change, now(), permit);
  if (record === null) throw of.notFound(request.name, identity);
  return of.toShape(record, identity);
}

/** Removes an item; jobs that were made from it keep what they took. Throws ApiFault: 400 for system items, 404. */
export async function deleteItem(
  of: KindOfTemplate,
  reference: string,
  context: OperationContext,
): Promise<JsonObject> {
  const name = customName(of, reference, 'deleted', context);
  const isDeleted = await context.templates.deleteTemplate(of.kind, name);
  if (!isDeleted) throw of.notFound(reference, context.identity);
  return {};
}

function customName(
  of: KindOfTemplate,
  reference: string,
  verb: 'changed' | 'deleted',
  context: OperationContext,
): string {
  const { name } = readReference(reference, of.resource, context);
  if (name === null) throw of.notFound(reference, context.identity);
  if (of.systemItem(name) !== null) {
    throw apiFault(
      'BadRequestException',
      `The system ${of.noun} ${name} can't be ${verb}.`,
      `create a ${of.noun} of your own with its settings`,
    );
  }
  return name;
}

function givenMembers(of: KindOfTemplate, request: TemplateToCreate): JsonObject {
  const given = request as unknown as JsonObject;
  return Object.fromEntries(
    of.members.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
}
