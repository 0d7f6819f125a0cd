/** Languages by ISO 639-2, whatever tag a medium or a job names them by. */
import { expect, test } from 'vitest';
import { languageCodeOf, threeLetterCode } from '../src/language-codes.ts';

test.each([
  ['fr', 'fra'],
  ['FRE', 'fra'],
  ['fra', 'fra'],
  ['fr-CA', 'fra'],
  ['zh-Hant', 'zho'],
  ['qaa', 'qaa'],
  ['und', null],
  ['x-private', null],
  ['xx', null],
  ['english', null],
  ['', null],
])('%s is the language %s', (tag, code) => {
  expect(languageCodeOf(tag)).toBe(code);
});

test('a code that is written as it was asked for keeps its form', () => {
  expect(['ger', 'de', 'de-AT'].map(threeLetterCode)).toEqual(['ger', 'deu', 'deu']);
});
