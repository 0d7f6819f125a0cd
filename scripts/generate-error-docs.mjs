// Writes docs/errors.md and docs/coverage/errors.{json,md} from the catalogue. `--check`: writes nothing, fails
// when a page is not what the catalogue says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const { allJobErrors, allWarnings } = await tsImport('../src/catalogue/codes.ts', import.meta.url);

const pages = {
  'docs/errors.md': formatPage(),
  'docs/coverage/errors.json': formatCoverageJson(coverageRows()),
  'docs/coverage/errors.md': formatCoverageMarkdown(coverageRows()),
};
for (const [page, text] of Object.entries(pages)) {
  if (process.argv.includes('--check')) checkPage(page, text);
  else writePage(page, text);
}

function checkPage(page, text) {
  const file = path.join(root, page);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  console.log(`${page} differs from the catalogue: run \`node scripts/generate-error-docs.mjs\``);
  process.exitCode = 1;
}

function writePage(page, text) {
  const file = path.join(root, page);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
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
    `**${entry.name}.** Raised in: ${entry.phases.join(', ')}. ${retryNote(entry)}`,
    '',
    ...entry.causes.map((cause) => `- ${cause}`),
    '',
    `Remedy: ${entry.remedy}`,
    ...Object.entries(entry.remedyOf ?? {}).map(
      ([template, remedy]) => `Remedy of "${entry.templates[template]}": ${remedy}`,
    ),
    ...(entry.pointsAt === null ? [] : ['', `Points at: ${entry.pointsAt}.`]),
    ...(entry.mediaFact === null ? [] : ['', `Tells: ${entry.mediaFact}.`]),
    '',
    '```text',
    ...Object.values(entry.templates),
    '```',
    '',
    ...formatBlock('Sentences inside them:', Object.values(entry.sentences ?? {})),
    ...(entry.neverSaid ?? []).flatMap(({ text, instead }) =>
      formatBlock(`The service is known to say this; openconvert never does (${instead}):`, [text]),
    ),
    proof(entry),
    '',
  ];
}

function formatBlock(title, texts) {
  return texts.length === 0 ? [] : [title, '', '```text', ...texts, '```', ''];
}

function retryNote({ retriable, templates, finalTemplates = [] }) {
  if (!retriable) return 'Not tried again.';
  const except = finalTemplates.map((template) => `"${templates[template]}"`).join(', ');
  return `Tried again twice before the job fails${except === '' ? '' : `, except ${except}`}.`;
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

function proof({ provokedBy, awaits }) {
  return provokedBy === null ? `Not proved by a test yet: awaits ${awaits}.` : `Proved by \`${provokedBy}\`.`;
}

/** `docs/coverage/errors.json`: one row a line. */
function formatCoverageJson(rows) {
  return `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`;
}

/** The same for people. */
function formatCoverageMarkdown(rows) {
  const count = (status) => rows.filter((row) => row.status === status).length;
  return [
    '# Error and warning codes: which are proved',
    '',
    'Generated from `src/catalogue` by `scripts/generate-error-docs.mjs`; do not edit. A code is proved by a test that',
    'provokes it from a real cause; a code that belongs to a feature which is not built yet names the feature. What each',
    'code means is in [errors.md](../errors.md).',
    '',
    '| status | codes | meaning |',
    '|---|---:|---|',
    `| provoked | ${count('provoked')} | The test named provokes it through the command line or a server. |`,
    `| postponed | ${count('postponed')} | Nothing can raise it before the feature named is built. |`,
    '',
    '| code | name | status | test or reason |',
    '|---:|---|---|---|',
    ...rows.map(
      ({ code, name, status, test, reason }) => `| ${code} | ${name} | ${status} | ${test ?? reason} |`,
    ),
    '',
  ].join('\n');
}

function coverageRows() {
  return [...allJobErrors(), ...allWarnings()].map(({ code, name, provokedBy, awaits }) =>
    provokedBy === null
      ? { code, name, status: 'postponed', reason: `awaits ${awaits}` }
      : { code, name, status: 'provoked', test: provokedBy },
  );
}
