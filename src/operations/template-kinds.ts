/**
 * Presets and job templates have the same life: five operations each, the same rules for names, pages and system items.
 * What differs is told here once; the operations are in files of their own.
 */
import type { SystemItem } from '../catalogue/system-items/system-item.ts';
import { systemJobTemplate, systemJobTemplateNames } from '../catalogue/system-items/system-job-templates.ts';
import { systemPreset, systemPresetNames } from '../catalogue/system-items/system-presets.ts';
import type { JsonObject } from '../database/job-repository.ts';
import type { TemplateKind, TemplateRecord } from '../database/template-repository.ts';
import type { DeploymentIdentity, ResourceKind } from '../identity/arn.ts';
import type { ApiFault } from './api-fault.ts';
import { jobTemplateNotFound, presetNotFound } from './not-found.ts';
import { toJobTemplate, toPreset, toSystemShape } from './template-shape.ts';

/** One of the two kinds. */
export interface KindOfTemplate {
  readonly kind: TemplateKind;
  /** As in ARNs. */
  readonly resource: Extract<ResourceKind, 'presets' | 'jobTemplates'>;
  /** For sentences. */
  readonly noun: 'preset' | 'job template';
  /** Members of a request that are stored as given. */
  readonly members: readonly string[];
  /** A stored item as clients see it. */
  toShape(record: TemplateRecord, identity: DeploymentIdentity): JsonObject;
  /** The system item of that name, or null. */
  systemItem(name: string): SystemItem<object> | null;
  /** The system item of that name as clients see it, or null. */
  systemShape(name: string, identity: DeploymentIdentity): JsonObject | null;
  /** Names that lists show, in order of code points; items of other names may exist (`systemItem`). */
  readonly systemNames: readonly string[];
  /** 404. */
  notFound(reference: string, identity: DeploymentIdentity): ApiFault;
}

/** Presets. */
export const presets: KindOfTemplate = {
  kind: 'preset',
  resource: 'presets',
  noun: 'preset',
  members: ['settings'],
  toShape: toPreset,
  systemItem: systemPreset,
  systemShape: (name, identity) => toSystemShape(systemPreset(name), 'presets', identity),
  systemNames: systemPresetNames,
  notFound: presetNotFound,
};

/** Job templates. */
export const jobTemplates: KindOfTemplate = {
  kind: 'job-template',
  resource: 'jobTemplates',
  noun: 'job template',
  members: [
    'settings',
    'queue',
    'priority',
    'accelerationSettings',
    'hopDestinations',
    'statusUpdateInterval',
  ],
  toShape: toJobTemplate,
  systemItem: systemJobTemplate,
  systemShape: (name, identity) => toSystemShape(systemJobTemplate(name), 'jobTemplates', identity),
  systemNames: systemJobTemplateNames,
  notFound: jobTemplateNotFound,
};
