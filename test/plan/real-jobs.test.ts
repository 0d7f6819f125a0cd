/** Job documents from public repositories: they plan, or name what this release does not have. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseJobDocument } from '../../src/contract/document.ts';
import { validateRelations } from '../../src/contract/relations.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { validateRequest } from '../../src/contract/validate.ts';
import { errorsOf, planOf } from './plan-fixtures.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'jobs');
const hasJobs = existsSync(path.join(folder, 'MANIFEST.tsv'));
if (!hasJobs) console.log('skipped: the collection of public job documents is not beside the repository');

/** Programs fill in inputs and destinations at run time; here they get places of ours. */
function complete(settings: JobSettings): JobSettings {
  const isLocation = (text: string | undefined): boolean => text?.startsWith('s3://') ?? false;
  const inputs =
    (settings.inputs ?? []).length > 0
      ? (settings.inputs ?? [])
      : [{ audioSelectors: { 'Audio Selector 1': {} } }];
  return {
    ...settings,
    inputs: inputs.map((input) =>
      isLocation(input.fileInput) ? input : { ...input, fileInput: 's3://in/film.mp4' },
    ),
    outputGroups: (settings.outputGroups ?? []).map((group, index) => {
      const entries = Object.entries(group.outputGroupSettings ?? {}).map(([name, block]) => {
        const isBlock =
          typeof block === 'object' && !isLocation((block as { readonly destination?: string }).destination);
        return [name, isBlock ? { ...block, destination: `s3://out/${index}/` } : block];
      });
      return { ...group, outputGroupSettings: Object.fromEntries(entries) };
    }),
  };
}

/** Kind `job` of the collection whose settings the contract accepts. */
function validJobs(): readonly (readonly [string, JobSettings])[] {
  const rows = readFileSync(path.join(folder, 'MANIFEST.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split('\t'));
  return rows
    .filter(([, , , kind]) => kind === 'job')
    .map(([id = '']) => {
      const { request } = parseJobDocument(readFileSync(path.join(folder, `${id}.json`), 'utf8'));
      return [id, complete(structuredClone(request.settings ?? {}))] as const;
    })
    .filter(
      ([, settings]) =>
        validateRequest('JobSettings', settings).length + validateRelations(settings).length === 0,
    );
}

test.skipIf(!hasJobs)('real jobs plan, or are refused for features by name', () => {
  const jobs = validJobs();
  const refused = jobs.flatMap(([id, settings]) => {
    const result = planOf(settings);
    return result.plan === null ? [[id, errorsOf(result)] as const] : [];
  });
  for (const [id, errors] of refused) console.log(`refused: ${id}: ${errors.join(' | ').slice(0, 300)}`);
  console.log(`${jobs.length - refused.length} of ${jobs.length} valid job documents plan`);
  expect(jobs.length - refused.length).toBeGreaterThanOrEqual(11);
  for (const [, errors] of refused) {
    for (const error of errors)
      expect(error).toMatch(/^1040 (Setting \[\/.+\]|Invalid selector_sequence_id)/);
  }
});
