/** Presets, job templates and tags, on both databases. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { TagRepository } from '../../src/database/tag-repository.ts';
import type {
  TemplateKind,
  TemplateListQuery,
  TemplateRecord,
  TemplateRepository,
} from '../../src/database/template-repository.ts';
import { createTemplateRepository } from '../../src/database/template-store.ts';
import { describeOnBoth } from './implementations.ts';

const record = (name: string, createdAtMs = 1000, category: string | null = null): TemplateRecord => ({
  name,
  description: null,
  category,
  createdAtMs,
  lastUpdatedMs: createdAtMs,
  members: { settings: { videoDescription: { width: 640, sharpness: 0 } }, priority: -3 },
});

describeOnBoth('presets, job templates and tags', (under) => {
  let store: TemplateRepository & TagRepository;
  beforeAll(() => {
    store = createTemplateRepository(under.database);
  });

  async function names(kind: TemplateKind, query: Partial<TemplateListQuery>): Promise<readonly string[]> {
    const rows = await store.listTemplates(kind, {
      listBy: 'NAME',
      order: 'ASCENDING',
      category: 'pages',
      after: null,
      limit: 100,
      ...query,
    });
    return rows.map(({ name }) => name);
  }

  describe.each(['preset', 'job-template'] as const)('%s', (kind) => {
    it('gives back what was stored, with names exact', async () => {
      const stored = { ...record('Exact name'), description: '' };
      expect(await store.createTemplate(kind, stored, { a: 'b' })).toBe('created');
      expect(await store.findTemplate(kind, 'Exact name')).toEqual(stored);
      expect(await store.findTemplate(kind, 'exact name')).toBeNull();
      expect(await store.findTemplate(kind, 'no\0name')).toBeNull();
      expect(await store.listTags({ type: kind, id: 'Exact name' })).toEqual({ a: 'b' });
    });

    it('keeps the first of two with one name, with its tags', async () => {
      await store.createTemplate(kind, record('Taken', 1), { owner: 'first' });
      const outcomes = await Promise.all(
        [2, 3].map((at) => store.createTemplate(kind, record('Taken', at), { owner: 'later', more: 'x' })),
      );
      expect(outcomes).toEqual(['exists', 'exists']);
      expect((await store.findTemplate(kind, 'Taken'))?.createdAtMs).toBe(1);
      expect(await store.listTags({ type: kind, id: 'Taken' })).toEqual({ owner: 'first' });
    });

    it('counts under a lock: of creations at once above what may exist, none is stored', async () => {
      const existing = await store.listTemplates(kind, {
        listBy: 'NAME',
        order: 'ASCENDING',
        category: null,
        after: null,
        limit: 100,
      });
      const outcomes = await Promise.all(
        ['Full 1', 'Full 2', 'Full 3'].map((name) =>
          store.createTemplate(kind, record(name), {}, existing.length + 1),
        ),
      );
      expect(outcomes.toSorted()).toEqual(['created', 'too-many', 'too-many']);
    });

    it('changes only what is given, and two changes at once both count', async () => {
      await store.createTemplate(kind, { ...record('Changing', 1, 'old'), description: 'kept' }, {});
      await Promise.all([
        store.updateTemplate(kind, 'Changing', { category: 'new', members: {} }, 5),
        store.updateTemplate(kind, 'Changing', { members: { settings: { audioDescriptions: [] } } }, 5),
      ]);
      expect(await store.findTemplate(kind, 'Changing')).toEqual({
        name: 'Changing',
        description: 'kept',
        category: 'new',
        createdAtMs: 1,
        lastUpdatedMs: 5,
        members: { settings: { audioDescriptions: [] }, priority: -3 },
      });
      expect(await store.updateTemplate(kind, 'Nobody', { members: {} }, 5)).toBeNull();
    });

    it('removes an item with its tags, once', async () => {
      await store.createTemplate(kind, record('Going'), { a: 'b' });
      expect(await store.deleteTemplate(kind, 'Going')).toBe(true);
      expect(await store.deleteTemplate(kind, 'Going')).toBe(false);
      await store.createTemplate(kind, record('Going'), {});
      expect(await store.listTags({ type: kind, id: 'Going' })).toEqual({});
    });

    it('pages by name and by creation, untouched by items that come and go', async () => {
      for (const [name, at] of [
        ['b', 3],
        ['B', 2],
        ['a', 3],
        ['ä', 1],
      ] as const) {
        await store.createTemplate(kind, record(name, at, 'pages'), {});
      }
      await store.createTemplate(kind, record('elsewhere', 1, 'Pages'), {});
      expect(await names(kind, {})).toEqual(['B', 'a', 'b', 'ä']);
      expect(await names(kind, { order: 'DESCENDING', limit: 2 })).toEqual(['ä', 'b']);
      expect(await names(kind, { listBy: 'CREATION_DATE' })).toEqual(['ä', 'B', 'a', 'b']);
      const after = { createdAtMs: 3, name: 'a' };
      await store.createTemplate(kind, record('aa', 3, 'pages'), {});
      await store.createTemplate(kind, record('0', 0, 'pages'), {});
      await store.deleteTemplate(kind, 'a');
      expect(await names(kind, { listBy: 'CREATION_DATE', after })).toEqual(['aa', 'b']);
      expect(await names(kind, { after })).toEqual(['aa', 'b', 'ä']);
      expect(await names(kind, { after, order: 'DESCENDING' })).toEqual(['B', '0']);
    });
  });

  it('adds, overwrites and removes tags of a queue, and refuses what would be too many as a whole', async () => {
    const queue = { type: 'queue', id: 'Default' } as const;
    expect(await store.addTags(queue, { a: '1', b: '2' }, 3)).toBe('tagged');
    expect(await store.addTags(queue, { b: '', c: '3' }, 3)).toBe('tagged');
    expect(await store.addTags(queue, { c: '4', d: '5' }, 3)).toBe('too-many');
    expect(await store.listTags(queue)).toEqual({ a: '1', b: '', c: '3' });
    expect(await store.removeTags(queue, ['a', 'nothing', '\0'])).toBe(true);
    expect(await store.listTags(queue)).toEqual({ b: '', c: '3' });
  });

  it('counts tags under a lock: of adds at once that do not fit together, one is refused', async () => {
    await store.createTemplate('preset', record('Crowded'), {});
    const preset = { type: 'preset', id: 'Crowded' } as const;
    const outcomes = await Promise.all(
      [
        { a: '1', b: '1' },
        { c: '1', d: '1' },
      ].map((tags) => store.addTags(preset, tags, 3)),
    );
    expect(outcomes.toSorted()).toEqual(['tagged', 'too-many']);
    expect(Object.keys((await store.listTags(preset)) ?? {})).toHaveLength(2);
  });

  it('knows no tags of what does not exist', async () => {
    for (const type of ['job', 'queue', 'job-template', 'preset'] as const) {
      const resource = { type, id: 'nobody' };
      expect(await store.listTags(resource)).toBeNull();
      expect(await store.addTags(resource, { a: 'b' }, 50)).toBe('not-found');
      expect(await store.removeTags(resource, ['a'])).toBe(false);
    }
  });
});
