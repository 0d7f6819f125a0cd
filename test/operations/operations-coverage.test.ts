/** `docs/coverage/operations.*` says what the tests prove. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { operations } from '../../src/contract/operations.ts';
import { declaredErrors, neverRaised } from './operation-outcomes.table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the pages are what the generator makes of the tests', () => {
  const check = spawnSync(process.execPath, ['scripts/generate-operations-coverage.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(check.stdout + check.stderr).toBe('');
  expect(check.status).toBe(0);
});

test('every operation of the contract has a row for success and for each declared error', () => {
  const rows = JSON.parse(
    readFileSync(new URL('../../docs/coverage/operations.json', import.meta.url), 'utf8'),
  ) as {
    operation: string;
    outcome: string;
    status: string;
    test: string[];
  }[];
  expect(operations).toHaveLength(34);
  for (const { name } of operations) {
    const outcomes = rows.filter(({ operation }) => operation === name).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(expect.arrayContaining(['success', ...declaredErrors]));
  }
  for (const { operation, outcome, status, test: tests } of rows) {
    expect(tests.length > 0, `${operation} ${outcome}`).toBe(status === 'proved');
    expect(neverRaised(operation, outcome) !== null, `${operation} ${outcome}`).toBe(status === 'never');
  }
});
