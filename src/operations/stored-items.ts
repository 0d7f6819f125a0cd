/** Templates and presets of a deployment, as jobs refer to them: system items and stored ones. */
import { systemJobTemplate } from '../catalogue/system-items/system-job-templates.ts';
import { systemPreset } from '../catalogue/system-items/system-presets.ts';
import type { JsonObject } from '../database/job-repository.ts';
import type { TemplateRecord } from '../database/template-repository.ts';
import { withoutEmptyReferences } from './empty-references.ts';
import type { ItemSource, TemplateMembers } from './merge-job.ts';
import { jobTemplateNotFound, presetNotFound } from './not-found.ts';
import type { OperationContext } from './operation.ts';
import { readReference } from './resource-reference.ts';

/** Looks items up in the catalogue, then in the database. Throws ApiFault 404 for references that name nothing. */
export function storedItems(
  context: Pick<OperationContext, 'templates' | 'identity' | 'strictArns'>,
): ItemSource {
  const { templates, identity } = context;
  // A ladder names one preset in several outputs, and a template may be large: each is read once.
  const presets = new Map<string, JsonObject>();

  async function findPreset(name: string): Promise<JsonObject | null> {
    const system = systemPreset(name);
    if (system !== null) return system.settings as unknown as JsonObject;
    const record = await templates.findTemplate('preset', name);
    return record === null ? null : settingsOf(record);
  }

  return {
    async jobTemplate(reference) {
      const { name } = readReference(reference, 'jobTemplates', context);
      if (name === null) throw jobTemplateNotFound(reference, identity);
      const system = systemJobTemplate(name);
      if (system !== null) return { settings: system.settings };
      const record = await templates.findTemplate('job-template', name);
      if (record === null) throw jobTemplateNotFound(reference, identity);
      // Validated as a job template before it was stored.
      return withoutEmptyReferences(record.members) as unknown as TemplateMembers;
    },
    async preset(reference) {
      const { name } = readReference(reference, 'presets', context);
      const settings = name === null ? null : (presets.get(name) ?? (await findPreset(name)));
      if (name === null || settings === null) throw presetNotFound(reference, identity);
      presets.set(name, settings);
      return settings;
    },
  };
}

function settingsOf({ members }: TemplateRecord): JsonObject {
  return members['settings'] as JsonObject;
}
