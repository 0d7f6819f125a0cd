// `npm test`: everything a change must pass, on a clean checkout. Installs and builds what is missing, checks
// layers, doc comments, types and style, then runs the suites. `--slow` runs only the slow suites.
// The last line is `N passed, N failed, N skipped` over all suites that ran.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const slow = process.argv.includes('--slow');
const node = (...args) => ({ command: process.execPath, args });
const bin = (name) => path.join('node_modules', '.bin', name);

const checks = slow
  ? []
  : [
      { name: 'layers', ...node('scripts/check-layers.mjs') },
      { name: 'doc comments', ...node('scripts/check-docblocks.mjs') },
      { name: 'types', command: bin('tsc'), args: ['-p', 'tsconfig.json'] },
      { name: 'style', command: bin('biome'), args: ['ci', '.', '--max-diagnostics=50'] },
    ];

prepare(root);
const failedChecks = checks.filter((check) => !passes(check));
const suites = runSuites(slow ? ['--config', 'vitest.slow.config.ts'] : []);
const passed = suites.passed + checks.length - failedChecks.length;
const failed = suites.failed + failedChecks.length;
for (const check of failedChecks) console.log(`check failed: ${check.name}`);
console.log(`${passed} passed, ${failed} failed, ${suites.skipped} skipped`);
process.exitCode = failed > 0 || suites.passed === 0 ? 1 : 0;

function passes({ name, command, args }) {
  console.log(`# ${name}`);
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

function runSuites(extra) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-test-'));
  const report = path.join(folder, 'report.json');
  try {
    const result = spawnSync(
      bin('vitest'),
      ['run', ...extra, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
      },
    );
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    const brokenSuites = result.status === 0 ? 0 : Math.max(1 - counts.numFailedTests, 0);
    return {
      passed: counts.numPassedTests,
      failed: counts.numFailedTests + brokenSuites,
      skipped: counts.numPendingTests + counts.numTodoTests,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
