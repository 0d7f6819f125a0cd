import type { Database } from './database.ts';
import { addTags, listTags, removeTags } from './statements/tags.ts';
import {
  createTemplate,
  deleteTemplate,
  findTemplate,
  listTemplates,
  updateTemplate,
} from './statements/templates.ts';
import { isStorable } from './storable-text.ts';
import type { TagRepository } from './tag-repository.ts';
import type { TemplateRepository } from './template-repository.ts';

/** Presets, job templates and tags, the same on both implementations of the database. */
export function createTemplateRepository({ sql }: Database): TemplateRepository & TagRepository {
  return {
    createTemplate: (kind, record, tags, mostItems = null) =>
      createTemplate(sql, kind, record, tags, mostItems),
    findTemplate: async (kind, name) => (isStorable(name) ? await findTemplate(sql, kind, name) : null),
    listTemplates: async (kind, query) =>
      isStorable(query.category ?? '') ? await listTemplates(sql, kind, query) : [],
    updateTemplate: async (kind, name, change, nowMs, permit = () => {}) =>
      isStorable(name) ? await updateTemplate(sql, kind, name, { change, nowMs, permit }) : null,
    deleteTemplate: async (kind, name) => isStorable(name) && (await deleteTemplate(sql, kind, name)),
    listTags: async (resource) => (isStorable(resource.id) ? await listTags(sql, resource) : null),
    addTags: async (resource, tags, mostTags) =>
      isStorable(resource.id) ? await addTags(sql, resource, tags, mostTags) : 'not-found',
    removeTags: async (resource, keys) =>
      isStorable(resource.id) && (await removeTags(sql, resource, keys.filter(isStorable))),
  };
}
