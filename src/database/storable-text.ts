/**
 * PostgreSQL text and jsonb have no NUL. Names from clients that contain one are never found; messages built from
 * hostile media lose it.
 */

/** False: nothing stored can be equal to `text`, and asking would be an error instead of an answer. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** The text as it can be stored. */
export function toStorable(text: string): string {
  return text.replaceAll('\0', '');
}
