/** What the tag operations need of the database: the tags of any stored resource (spec api.md 10). */

/** A resource that can carry tags. `id` is a job's id, otherwise the resource's name. */
export interface TaggedResource {
  readonly type: 'job' | 'queue' | 'job-template' | 'preset';
  readonly id: string;
}

/** What adding tags came to; nothing was stored unless it is `tagged`. */
export type TagOutcome = 'tagged' | 'not-found' | 'too-many';

/** Tags, as the API operations read and change them. Every method is one transaction. */
export interface TagRepository {
  /** By key; null when there is no such resource. */
  listTags(resource: TaggedResource): Promise<Readonly<Record<string, string>> | null>;
  /** Adds tags and overwrites equal keys, unless the resource would then have more than `mostTags`. */
  addTags(
    resource: TaggedResource,
    tags: Readonly<Record<string, string>>,
    mostTags: number,
  ): Promise<TagOutcome>;
  /** Removes these keys, those that are there; false when there is no such resource. */
  removeTags(resource: TaggedResource, keys: readonly string[]): Promise<boolean>;
}
