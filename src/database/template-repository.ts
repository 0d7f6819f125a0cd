/**
 * What the API operations need of the database for presets and job templates: settings documents stored under a name.
 * Both kinds live alike, in tables of their own; what differs is inside `members`. System items are never stored: they
 * follow from their names (`catalogue/system-items`).
 *
 * Every instant is an integer of milliseconds since the Unix epoch, given by the caller.
 */
import type { JsonObject, SortOrder } from './job-repository.ts';

/** Which of the two. */
export type TemplateKind = 'preset' | 'job-template';

/** A stored preset or job template. */
export interface TemplateRecord {
  /** Unique in its kind; names compare by code point and exactly. */
  readonly name: string;
  /** Null when not given, which differs from ''. */
  readonly description: string | null;
  readonly category: string | null;
  readonly createdAtMs: number;
  readonly lastUpdatedMs: number;
  /**
   * The other members of the request under their wire names, as given: `settings`, and for job templates `queue`,
   * `priority`, `accelerationSettings`, `hopDestinations` and `statusUpdateInterval`.
   */
  readonly members: JsonObject;
}

/** What an update gives; absent members keep their stored value, `members` one by one and each as a whole. */
export interface TemplateChange {
  readonly description?: string;
  readonly category?: string;
  readonly members: JsonObject;
}

/** What a creation came to; `too-many`: there are as many items of the kind as there may be. */
export type CreateTemplateOutcome = 'created' | 'exists' | 'too-many';

/** A place in a list: the last item of the page before. */
export interface TemplateCursor {
  readonly createdAtMs: number;
  readonly name: string;
}

/** Which items come next, in which order. */
export interface TemplateListQuery {
  /** NAME: by name; CREATION_DATE: by (createdAtMs, name). */
  readonly listBy: 'NAME' | 'CREATION_DATE';
  readonly order: SortOrder;
  /** Exact; null: all. */
  readonly category: string | null;
  /** Only items strictly behind this place in `order`; the place need not exist any more. */
  readonly after: TemplateCursor | null;
  /** At most so many rows, ≥ 1. */
  readonly limit: number;
}

/** Presets and job templates, as the API operations read and change them. Every method is one transaction. */
export interface TemplateRepository {
  /** Stores the item with its tags, or neither. `mostItems` of the kind may exist; absent or null: any number. */
  createTemplate(
    kind: TemplateKind,
    record: TemplateRecord,
    tags: Readonly<Record<string, string>>,
    mostItems?: number | null,
  ): Promise<CreateTemplateOutcome>;
  findTemplate(kind: TemplateKind, name: string): Promise<TemplateRecord | null>;
  listTemplates(kind: TemplateKind, query: TemplateListQuery): Promise<readonly TemplateRecord[]>;
  /**
   * The item after the change, or null when there is none of that name. `permit` sees all members as they would be, and
   * throws to leave the item as it is.
   */
  updateTemplate(
    kind: TemplateKind,
    name: string,
    change: TemplateChange,
    nowMs: number,
    permit?: (members: JsonObject) => void,
  ): Promise<TemplateRecord | null>;
  /** Removes the item and its tags; false when there is none of that name. */
  deleteTemplate(kind: TemplateKind, name: string): Promise<boolean>;
}
