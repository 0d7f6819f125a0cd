/**
 * Writes docs/coverage/settings.json and settings.md from what the planner really does with each setting. The
 * measuring is test code in TypeScript, loaded through tsx.
 */
import { writeFileSync } from 'node:fs';
import { tsImport } from 'tsx/esm/api';

const load = (path) => tsImport(path, import.meta.url);
const { settingsCoverage } = await load('../test/plan/coverage/settings-coverage.ts');
const { formatCoverageJson, formatCoverageMarkdown } = await load(
  '../test/plan/coverage/coverage-document.ts',
);

const rows = settingsCoverage();
const documents = { 'settings.json': formatCoverageJson(rows), 'settings.md': formatCoverageMarkdown(rows) };
for (const [name, text] of Object.entries(documents)) {
  writeFileSync(new URL(`../docs/coverage/${name}`, import.meta.url), text);
}

const counts = new Map();
for (const { status } of rows) counts.set(status, (counts.get(status) ?? 0) + 1);
console.log([...counts].map(([status, count]) => `${count} ${status}`).join(', '));
if (counts.has('IGNORED')) process.exitCode = 1;
