/** `docs/coverage/containers.*` says what becomes of every container and codec (spec inputs.md 2–4, 7). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { containerRows } from './coverage/container-rows.table.ts';
import {
  type CoverageRow,
  coverageRow,
  formatContainersJson,
  formatContainersMarkdown,
} from './coverage/containers-document.ts';
import { runContainerRow, sharedMedia } from './coverage/run-container-row.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/coverage/${name}`, import.meta.url), 'utf8');
const committed = JSON.parse(read('containers.json')) as readonly CoverageRow[];

let folder: string;
beforeAll(() => {
  quietLibraryLog();
  folder = mkdtempSync(path.join(tmpdir(), 'openconvert-containers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cases = containerRows.map((row, index) => ({ row, index, title: `${row.container}: ${row.codec}` }));

test.each(cases)('$title', { timeout: 60_000 }, async ({ row, index }) => {
  const outcome = await runContainerRow(row, folder);
  if (outcome.status === 'not-here')
    return console.log(`skipped: ${row.codec} needs media of ${sharedMedia}`);
  if (outcome.status === 'decoded') expect(outcome.codec).toBe(row.name);
  if (outcome.status !== 'no-source') {
    expect(outcome.status === 'refused' ? outcome.code : 'decoded').toBe(row.refused ?? 'decoded');
  }
  expect(committed[index]).toEqual(coverageRow(row, outcome));
});

test('the page is what the rows say (node scripts/generate-containers-coverage.mjs writes both)', () => {
  expect(committed).toHaveLength(containerRows.length);
  expect(read('containers.json') === formatContainersJson(committed)).toBe(true);
  expect(read('containers.md') === formatContainersMarkdown(committed)).toBe(true);
});
