/** Pages of presets and job templates: custom ones from the database, system ones from the catalogue (spec api.md 5). */
import type { JsonObject, SortOrder } from '../database/job-repository.ts';
import type { TemplateCursor, TemplateRecord } from '../database/template-repository.ts';
import type { OperationContext } from './operation.ts';
import { fetchPage, type Page } from './page.ts';
import type { KindOfTemplate } from './template-kinds.ts';

/** Members of both list requests. */
export interface TemplateListRequest {
  readonly category?: string | undefined;
  readonly listBy?: 'NAME' | 'CREATION_DATE' | 'SYSTEM' | undefined;
  readonly order?: SortOrder | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page as clients see it: by name, ascending, unless asked otherwise. SYSTEM lists system items only, by name. */
export async function listItems(
  of: KindOfTemplate,
  request: TemplateListRequest,
  context: OperationContext,
): Promise<Page<JsonObject>> {
  const { category = null, listBy = 'NAME', order = 'ASCENDING', maxResults, nextToken } = request;
  const paging = {
    scope: JSON.stringify(['List', of.resource, listBy, order, category]),
    maxResults,
    nextToken,
    tokens: context.pageTokens,
  };
  if (listBy === 'SYSTEM') {
    return await fetchPage<JsonObject, { readonly name: string }>({
      ...paging,
      fetch: async (after, limit) => systemPage(of, { order, category, after, limit }, context),
      cursorOf: ({ name }) => ({ name: String(name) }),
    });
  }
  const { rows, ...rest } = await fetchPage<TemplateRecord, TemplateCursor>({
    ...paging,
    fetch: (after, limit) =>
      context.templates.listTemplates(of.kind, { listBy, order, category, after, limit }),
    cursorOf: ({ createdAtMs, name }) => ({ createdAtMs, name }),
  });
  return { rows: rows.map((record) => of.toShape(record, context.identity)), ...rest };
}

interface SystemQuery {
  readonly order: SortOrder;
  readonly category: string | null;
  readonly after: { readonly name: string } | null;
  readonly limit: number;
}

function systemPage(
  of: KindOfTemplate,
  { order, category, after, limit }: SystemQuery,
  { identity }: OperationContext,
): readonly JsonObject[] {
  const names = order === 'ASCENDING' ? of.systemNames : of.systemNames.toReversed();
  const isBehind = (name: string): boolean =>
    after === null || (order === 'ASCENDING' ? name > after.name : name < after.name);
  return names
    .filter((name) => isBehind(name) && (category === null || of.systemItem(name)?.category === category))
    .slice(0, limit)
    .flatMap((name): readonly JsonObject[] => {
      const shape = of.systemShape(name, identity);
      return shape === null ? [] : [shape];
    });
}
