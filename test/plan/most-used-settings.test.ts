/** The settings that people use most are honoured, by the report that the coverage test holds to the truth. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  mostUsedExceptions,
  mostUsedLeaves,
  mostUsedOfTheJob,
  mostUsedParts,
} from './coverage/most-used-settings.table.ts';

const root = new URL('../../', import.meta.url);
const rows = JSON.parse(readFileSync(new URL('docs/coverage/settings.json', root), 'utf8')) as readonly {
  readonly path: string;
  readonly status: string;
}[];
const statusOf = (path: string) => rows.find((row) => row.path === path)?.status;

test('the table has the 150 paths', () => {
  const paths = [...mostUsedLeaves, ...mostUsedParts, ...Object.keys(mostUsedOfTheJob)];
  expect(new Set(paths).size).toBe(150);
});

test('each leaf is honoured, or is an exception with a reason', () => {
  const others = mostUsedLeaves.filter((path) => statusOf(path) !== 'honoured');
  expect(others.filter((path) => mostUsedExceptions[path] === undefined)).toEqual([]);
});

test('exceptions are leaves of the table that are not honoured', () => {
  const isException = (path: string) => mostUsedLeaves.includes(path) && statusOf(path) !== 'honoured';
  expect(Object.keys(mostUsedExceptions).filter((path) => !isException(path))).toEqual([]);
});

test.each(mostUsedParts)('of %s something is honoured', (part) => {
  const inside = rows.filter(({ path }) => path.startsWith(`${part}/`) || path.startsWith(`${part}[]/`));
  expect(inside.some(({ status }) => status === 'honoured')).toBe(true);
});

test.each(Object.entries(mostUsedOfTheJob))('%s of the job is proved by %s', (_member, file) => {
  expect(existsSync(new URL(file, root))).toBe(true);
});
