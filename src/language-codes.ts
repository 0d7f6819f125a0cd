/** Codes of languages as containers hold them: three letters (ISO 639-2). */
import { iso6392, iso6392BTo2T } from 'iso-639-2';

/** Codes of two letters (ISO 639-1), and their terminologic ones (ISO 639-2/T). */
const codesOfTwoLetters: ReadonlyMap<string, string> = new Map(
  iso6392.flatMap(({ iso6391, iso6392T, iso6392B }) =>
    iso6391 === undefined ? [] : [[iso6391, iso6392T ?? iso6392B]],
  ),
);

/** The language of a code or tag (RFC 5646) as three letters in lower case; one that has no such code stays as it is. */
export function threeLetterCode(tag: string): string {
  const [primary = ''] = tag.toLowerCase().split('-');
  return codesOfTwoLetters.get(primary) ?? primary;
}

/**
 * The same in the terminologic form, which tells languages apart: `fr`, `fre`, `fra` and `fr-CA` are `fra`. null where the tag
 * names no language: private ones, `und`, what is no tag.
 */
export function languageCodeOf(tag: string): string | null {
  if (!/^[a-z]{2,3}(-[a-z0-9-]+)?$/i.test(tag)) return null;
  const code = threeLetterCode(tag);
  return code.length === 3 && code !== 'und' ? (iso6392BTo2T[code] ?? code) : null;
}
