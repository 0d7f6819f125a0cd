// Writes docs/errors.md from the catalogue. `--check`: writes nothing, fails when the page is not what the
// catalogue says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs', 'errors.md');
const { allJobErrors, allWarnings } = await tsImport('../src/catalogue/codes.ts', import.meta.url);

const text = formatPage();
if (process.argv.includes('--check')) checkPage();
else writePage();

function checkPage() {
  if (existsSync(page) && readFileSync(page, 'utf8') === text) return;
  console.log('docs/errors.md differs from the catalogue: run `node scripts/generate-error-docs.mjs`');
  process.exitCode = 1;
}

function writePage() {
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
}

function formatPage() {
  return [
    '# Error and warning codes',
    '',
    'Generated from `src/catalogue` by `scripts/generate-error-docs.mjs`; do not edit.',
    '',
    'A job that fails has one of the error codes below with its message; a warning is counted on the job and',
    'never stops it. `openconvert explain CODE` prints the same. In messages `{word}` stands for a value of the job.',
    '"Proved by" names the test that provokes the code from a real cause.',
    '',
    '## Job errors',
    '',
    '| Code | Title | Who acts | Retried |',
    '| --- | --- | --- | --- |',
    ...allJobErrors().map(
      ({ code, name, actor, retriable }) =>
        `| [${code}](#${code}) | ${name} | ${actor} | ${retriable ? 'yes' : 'no'} |`,
    ),
    '',
    ...allJobErrors().flatMap(formatError),
    '## Warnings',
    '',
    ...allWarnings().flatMap(formatWarning),
  ].join('\n');
}

function formatError(entry) {
  return [
    `### ${entry.code}`,
    '',
    `**${entry.name}.** Raised in: ${entry.phases.join(', ')}.`,
    '',
    ...entry.causes.map((cause) => `- ${cause}`),
    '',
    `Remedy: ${entry.remedy}`,
    '',
    '```text',
    ...Object.values(entry.templates),
    '```',
    '',
    proof(entry),
    '',
  ];
}

function formatWarning(entry) {
  return [
    `### ${entry.code}`,
    '',
    `**${entry.name}.** ${entry.cause}`,
    '',
    `Remedy: ${entry.remedy}`,
    '',
    '```text',
    entry.message,
    '```',
    '',
    proof(entry),
    '',
  ];
}

function proof({ provokedBy, unprovokedBecause }) {
  return provokedBy === null
    ? `Not proved by a test yet: ${unprovokedBecause}.`
    : `Proved by \`${provokedBy}\`.`;
}
