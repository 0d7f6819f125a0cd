/** Every package a job can ask for is made, decrypted and compared, or refused: `docs/coverage/packages.json` says which. */
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { makePackageRow } from './coverage/make-package-row.ts';
import { encodeTracks, packageRows, rowNameOf } from './coverage/package-rows.table.ts';
import {
  formatPackagesJson,
  formatPackagesMarkdown,
  type PackageCoverageRow,
  packageCoverageRow,
} from './coverage/packages-document.ts';
import { isForBrowsers } from './coverage/row-proofs.ts';
import { hasPackager } from './support/decrypt.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/coverage/${name}`, import.meta.url), 'utf8');
const committed = JSON.parse(read('packages.json')) as readonly PackageCoverageRow[];
if (!hasPackager) console.log('packages-coverage.test.ts: encrypted rows need the binary of shaka-packager');

const tracks = encodeTracks();
afterAll(() => {
  for (const track of tracks.values()) track.free();
});

const needsPackager = ({ group, encryption }: (typeof packageRows)[number]): boolean =>
  encryption !== 'none' && (group === 'CMAF' || group === 'DASH_ISO');

test.each(packageRows.map((row) => [rowNameOf(row), row] as const))('%s', async (name, row) => {
  if (needsPackager(row) && !hasPackager) return;
  const outcome = await makePackageRow(row, tracks);
  expect(packageCoverageRow(row, outcome)).toEqual(committed.find((each) => rowNameOf(each) === name));
});

test('the page is what the rows say (node scripts/generate-packages-coverage.mjs writes both)', () => {
  expect(committed.map(rowNameOf)).toEqual(packageRows.map(rowNameOf));
  expect(read('packages.json') === formatPackagesJson(committed)).toBe(true);
  expect(read('packages.md') === formatPackagesMarkdown(committed)).toBe(true);
});

test('all that a browser decodes is played in one, and nothing else is called so', () => {
  for (const row of committed) {
    const expected = row.status === 'packaged' && isForBrowsers(row);
    expect([rowNameOf(row), row.players !== undefined]).toEqual([rowNameOf(row), expected]);
  }
});
