/** Presets and job templates as clients see them (spec api.md 9). Settings are shown as they were given. */
import type { SystemItem } from '../catalogue/system-items/system-item.ts';
import type { JsonObject } from '../database/job-repository.ts';
import type { TemplateRecord } from '../database/template-repository.ts';
import { type DeploymentIdentity, type ResourceKind, resourceArn } from '../identity/arn.ts';
import { withoutEmptyReferences } from './empty-references.ts';
import { toEpochSeconds } from './job-shape.ts';
import { referencedArn } from './resource-reference.ts';

/** The `Preset` of a record. */
export function toPreset(record: TemplateRecord, identity: DeploymentIdentity): JsonObject {
  return { ...named(record, 'presets', identity), settings: record.members['settings'] };
}

/** The `JobTemplate` of a record: queues as ARNs, and the two members the service always shows. */
export function toJobTemplate(record: TemplateRecord, identity: DeploymentIdentity): JsonObject {
  const { queue, hopDestinations, priority, statusUpdateInterval, ...others } = withoutEmptyReferences(
    record.members,
  );
  return {
    ...named(record, 'jobTemplates', identity),
    ...(typeof queue === 'string' ? { queue: referencedArn(queue, 'queues', identity) } : {}),
    ...(Array.isArray(hopDestinations)
      ? { hopDestinations: hopDestinations.map((hop) => withQueueArn(hop, identity)) }
      : {}),
    // Observed defaults (spec api.md 9).
    priority: priority ?? 0,
    statusUpdateInterval: statusUpdateInterval ?? 'SECONDS_60',
    ...others,
  };
}

/** A system item, or null for null. System templates show neither priority nor interval (observed in CLI examples). */
export function toSystemShape(
  item: SystemItem<object> | null,
  resource: ResourceKind,
  identity: DeploymentIdentity,
): JsonObject | null {
  if (item === null) return null;
  const { name, description, category, createdAtMs, settings } = item;
  return {
    arn: resourceArn(identity, resource, name),
    name,
    description,
    category,
    type: 'SYSTEM',
    createdAt: toEpochSeconds(createdAtMs),
    lastUpdated: toEpochSeconds(createdAtMs),
    settings,
  };
}

function named(record: TemplateRecord, resource: ResourceKind, identity: DeploymentIdentity): JsonObject {
  return {
    arn: resourceArn(identity, resource, record.name),
    name: record.name,
    ...(record.description === null ? {} : { description: record.description }),
    ...(record.category === null ? {} : { category: record.category }),
    type: 'CUSTOM',
    createdAt: toEpochSeconds(record.createdAtMs),
    lastUpdated: toEpochSeconds(record.lastUpdatedMs),
  };
}

function withQueueArn(hop: JsonObject, identity: DeploymentIdentity): JsonObject {
  const { queue } = hop;
  return typeof queue === 'string' ? { ...hop, queue: referencedArn(queue, 'queues', identity) } : hop;
}
