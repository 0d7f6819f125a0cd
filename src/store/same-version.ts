/** Whether two answers of a store are about one version of an object. */

/** What names a version; null: not told. */
export interface ObjectVersion {
  readonly eTag: string | null;
  readonly lastModifiedMs: number | null;
  readonly sizeBytes: number | null;
}

/** By size, and by entity tag or else by date: what only one of both names decides nothing. */
export function isSameVersion(a: ObjectVersion, b: ObjectVersion): boolean {
  if (a.sizeBytes !== null && b.sizeBytes !== null && a.sizeBytes !== b.sizeBytes) return false;
  if (a.eTag !== null && b.eTag !== null) return opaqueTag(a.eTag) === opaqueTag(b.eTag);
  if (a.lastModifiedMs !== null && b.lastModifiedMs !== null) return a.lastModifiedMs === b.lastModifiedMs;
  return true;
}

/** A weak tag of the same text is of the same version, for who wants the same media (RFC 9110, 8.8.3.2). */
function opaqueTag(eTag: string): string {
  return eTag.replace(/^W\//, '').replaceAll('"', '');
}
