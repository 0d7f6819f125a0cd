// Writes docs/coverage/packages.{json,md}: every package a job can ask for, made and taken apart, or refused.
import { writeFileSync } from 'node:fs';
import { tsImport } from 'tsx/esm/api';

const load = (file) => tsImport(file, import.meta.url);
const { quietLibraryLog } = await load('../src/engine/library-log.ts');
const { encodeTracks, packageRows } = await load('../test/package/coverage/package-rows.table.ts');
const { makePackageRow } = await load('../test/package/coverage/make-package-row.ts');
const { formatPackagesJson, formatPackagesMarkdown, packageCoverageRow } = await load(
  '../test/package/coverage/packages-document.ts',
);

quietLibraryLog();
const tracks = encodeTracks();
const rows = [];
for (const row of packageRows) rows.push(packageCoverageRow(row, await makePackageRow(row, tracks)));
for (const [name, text] of [
  ['packages.json', formatPackagesJson(rows)],
  ['packages.md', formatPackagesMarkdown(rows)],
])
  writeFileSync(new URL(`../docs/coverage/${name}`, import.meta.url), text);
for (const track of tracks.values()) track.free();
// The library crashes when its contexts outlive the loop.
process.exit();
