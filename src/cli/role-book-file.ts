/** The role book of a data folder: `roles.json`, read by `serve`, `run` and `check` alike (docs/serve.md, "Roles"). */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Role } from '../identity/role-book.ts';
import { roles } from '../wire/role-configuration.ts';
import { UsageError } from './options.ts';

/**
 * The roles of `<data>/roles.json`, or those of the configuration; null when neither has any. Throws UsageError for a
 * book in two places, and for one that is not valid, with every mistake.
 */
export async function readRoleBook(
  dataFolder: string,
  configured: readonly Role[] | null,
): Promise<readonly Role[] | null> {
  const file = path.join(dataFolder, 'roles.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new UsageError(`cannot read ${file}: ${error.message}`);
  });
  if (text === null) return configured;
  if (configured !== null)
    throw new UsageError(`${file} and 'roles' of the configuration both define roles: remove one of them`);
  return parseRoleBook(text, file);
}

function parseRoleBook(text: string, file: string): readonly Role[] {
  const problems: string[] = [];
  let book: readonly Role[] = [];
  try {
    book = roles(JSON.parse(text), '', problems);
  } catch (error) {
    problems.push(
      error instanceof SyntaxError ? error.message : `the book must be ${(error as Error).message}`,
    );
  }
  if (problems.length > 0) throw new UsageError(`${file} is not valid:\n  ${problems.join('\n  ')}`);
  return book;
}
