/** What a request says beside action and resource: values of condition keys. */

/** Values by lower-case key; a key without values is absent. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** A context from keys as they are written; null and undefined values are absent. */
export function requestContext(
  values: Readonly<Record<string, string | readonly string[] | null | undefined>>,
): RequestContext {
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    const list = typeof value === 'string' ? [value] : value;
    if (list.length > 0) context.set(key.toLowerCase(), list);
  }
  return context;
}
