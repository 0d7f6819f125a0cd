// Writes docs/coverage/operations.{json,md}: for each operation what is proved of it and by which test. Proofs are the
// calls of `conformance` in the tests; errors that an operation never raises come with the reason from the table
// beside the tests. `--check`: writes nothing, fails when the files are not what the tests say.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, 'docs', 'coverage');
const { operations } = await tsImport('../src/contract/operations.ts', import.meta.url);
const { availableOperations } = await tsImport('../src/operations/operation-table.ts', import.meta.url);
const { declaredErrors, neverRaised, paginatedOperations } = await tsImport(
  '../test/operations/operation-outcomes.table.ts',
  import.meta.url,
);

const rows = coverageRows();
const files = {
  'operations.json': `${JSON.stringify(rows, null, 2)}\n`,
  'operations.md': formatPage(rows),
};
for (const [name, text] of Object.entries(files)) {
  const file = path.join(folder, name);
  if (!process.argv.includes('--check')) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.log(
      `docs/coverage/${name} differs from the tests: run \`node scripts/generate-operations-coverage.mjs\``,
    );
    process.exitCode = 1;
  }
}

/** One row per operation and outcome. */
function coverageRows() {
  const proofs = testFiles(path.join(root, 'test')).flatMap(conformanceCalls);
  const names = operations.map(({ name }) => name);
  const strangers = proofs.filter(({ operation }) => !names.includes(operation));
  if (strangers.length > 0)
    throw new Error(`tests of operations that do not exist: ${JSON.stringify(strangers)}`);
  return names.flatMap((operation) =>
    outcomesOf(operation, proofs).map((outcome) => {
      const tests = proofs
        .filter((proof) => proof.operation === operation && proof.outcome === outcome)
        .map(({ test }) => test)
        .sort();
      const reason = neverRaised(operation, outcome);
      if (tests.length > 0 && reason !== null)
        throw new Error(`${operation} raises ${outcome} in a test, and the table says never: ${reason}`);
      const status = tests.length > 0 ? 'proved' : reason === null ? 'missing' : 'never';
      const isAvailable = availableOperations.has(operation);
      return { operation, isAvailable, outcome, status, ...(reason === null ? {} : { reason }), test: tests };
    }),
  );
}

/** Success, pages where there are any, the declared errors, and whatever else a test proves. */
function outcomesOf(operation, proofs) {
  const others = proofs.filter((proof) => proof.operation === operation).map(({ outcome }) => outcome);
  const pages = paginatedOperations.includes(operation) ? ['pagination'] : [];
  return [...new Set(['success', ...pages, ...declaredErrors, ...others.sort()])];
}

function testFiles(below) {
  return readdirSync(below, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Calls of `conformance(operation, outcome, title, …)`; the first three are literals. */
function conformanceCalls(file) {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('conformance(')) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const place = path.relative(root, file);
  const calls = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'conformance') {
      const [operation, outcome, title] = node.arguments.slice(0, 3);
      if (
        ![operation, outcome].every((argument) => argument !== undefined && ts.isStringLiteralLike(argument))
      )
        throw new Error(
          `${place}: operation and outcome of a conformance test must be literals: ${node.getText().slice(0, 90)}`,
        );
      const words = ts.isStringLiteralLike(title) ? title.text : title.getText();
      calls.push({ operation: operation.text, outcome: outcome.text, test: `${place}: ${words}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}

function formatPage(all) {
  const names = [...new Set(all.map(({ operation }) => operation))];
  const count = (status) => all.filter((row) => row.status === status).length;
  const available = names.filter((name) => all.some((row) => row.operation === name && row.isAvailable));
  return [
    '# Operations: what is proved of each',
    '',
    'Generated from the tests by `scripts/generate-operations-coverage.mjs`; do not edit. Every test goes through the real',
    'AWS SDK against a running server. An error is declared by the service model for every operation; where an operation',
    'never raises it, the reason is given.',
    '',
    `${available.length} of ${names.length} operations are available. Outcomes: ${count('proved')} proved, ${count('never')} never raised, ${count('missing')} without a test.`,
    '',
    ...names.flatMap((name) =>
      formatOperation(
        name,
        all.filter(({ operation }) => operation === name),
      ),
    ),
  ].join('\n');
}

function formatOperation(name, outcomes) {
  return [
    `## ${name}`,
    '',
    ...(outcomes[0]?.isAvailable ? [] : ['Not available in this release.', '']),
    '| outcome | | |',
    '| --- | --- | --- |',
    ...outcomes.map(
      ({ outcome, status, reason, test }) =>
        `| ${outcome} | ${status} | ${(reason ?? test.join('<br>')).replaceAll('|', '\\|')} |`,
    ),
    '',
  ];
}
