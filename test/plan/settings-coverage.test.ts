/** Design D5: every leaf of the model is honoured or refused, and the documents say what is true. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobSettingsLeaves } from '../../src/contract/leaves.ts';
import { formatCoverageJson, formatCoverageMarkdown } from './coverage/coverage-document.ts';
import { isAt, measuredSettings } from './coverage/measured-settings.table.ts';
import { settingsCoverage } from './coverage/settings-coverage.ts';

const rows = settingsCoverage();

test('no leaf of the model is read and ignored', () => {
  expect(rows.filter(({ status }) => status === 'IGNORED')).toEqual([]);
});

test('the report has every leaf of the model once', () => {
  expect(rows.map(({ path }) => path)).toEqual(jobSettingsLeaves.map(({ path }) => path));
});

test('each leaf that is not honoured says why', () => {
  expect(rows.filter(({ status, reason }) => status !== 'honoured' && !reason)).toEqual([]);
});

test.each(Object.entries(measuredSettings))(
  '%s names the settings that it is said to measure',
  (file, settings) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').toLowerCase();
    for (const setting of settings) {
      const leaves = rows.filter(({ path }) => isAt(path, setting));
      expect(
        leaves.map(({ status }) => status),
        setting,
      ).toContain('honoured');
      expect(text, setting).toContain((setting.split('/').at(-1) ?? setting).toLowerCase());
    }
  },
);

test.each([
  ['settings.json', formatCoverageJson],
  ['settings.md', formatCoverageMarkdown],
])('docs/coverage/%s is up to date (node scripts/generate-coverage.mjs writes it)', (name, format) => {
  const written = readFileSync(new URL(`../../docs/coverage/${name}`, import.meta.url), 'utf8');
  expect(written === format(rows), `docs/coverage/${name} differs from what the planner does`).toBe(true);
});
