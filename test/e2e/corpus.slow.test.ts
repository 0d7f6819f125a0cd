/** Hostile media and documents people really use, through the whole product (../shared; skipped where it is absent). */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allJobErrors } from '../../src/catalogue/codes.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { type RealJob, readRealJobs } from './real-jobs.ts';
import { changed, completeJob, fileOf, filesBelow, runJob } from './run-report.ts';
import { mp4Settings, prepareData } from './tiny-jobs.ts';

const broken = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'media', 'broken');
const files = existsSync(broken) ? readdirSync(broken).sort() : [];
if (files.length === 0) console.log(`skipped: no damaged media at ${broken}`);
/** One second: real ladders go up to 1080p in two passes. */
const second = 's3://media/second.mp4';
const realJobs = readRealJobs(second);

/** The brief of the product: whatever the input, an answer within a minute. */
const longestMs = 60_000;
const documented = new Set<number | undefined>(allJobErrors().map(({ code }) => code));

/** Of the collection in its state of 2026-11: documents that plan with a plain clip. It may grow, not shrink. */
const plannedAtLeast = 15;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let facts: InputFacts;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  await openconvert('sample', fileOf(data, second), '--seconds', '1', '--size', '320x180');
  facts = JSON.parse((await openconvert('probe', second, '--data', data, '--json')).stdout) as InputFacts;
});

afterAll(() => folder?.[Symbol.asyncDispose]());

describe.skipIf(files.length === 0)('damaged media', () => {
  test.each(files)('%s ends with COMPLETE or a documented code within a minute', async (file) => {
    for (const kind of ['VideoDescription', 'AudioDescriptions'] as const) {
      const other = kind === 'VideoDescription' ? 'AudioDescriptions' : 'VideoDescription';
      const settings = changed(mp4Settings(`s3://made/${file}-${kind}`), {
        '/Inputs/0/FileInput': `s3://broken/${file}`,
        [`/OutputGroups/0/Outputs/0/${other}`]: undefined,
      });
      const { report } = await runJob(data, settings, '--bucket', `broken=${broken}`);
      const { status, errorCode, errorMessage, fault } = report;
      console.log(
        `${file} ${kind}: ${status} ${errorCode ?? ''} ${errorMessage ?? ''} (${report.timings.wallMs} ms)`,
      );
      expect(report.timings.wallMs).toBeLessThan(longestMs);
      if (status !== 'COMPLETE') {
        expect(status).toBe('ERROR');
        expect(documented).toContain(errorCode);
        // The unknown error is documented too, but only an unrepairable input may give it, not our own mistakes.
        expect(errorMessage, JSON.stringify(fault)).not.toBe('Unknown error');
        expect(await filesBelow(fileOf(data, 's3://made'))).not.toContain(`${file}-${kind}.mp4`);
      }
      expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]);
    }
  });
});

describe.skipIf(realJobs.length === 0)('documents people really use', () => {
  test('plan with a plain clip, or are refused by code, place and reason', () => {
    const outcomes = realJobs.map((job) => ({ job, outcome: outcomeOf(job) }));
    for (const { job, outcome } of outcomes) console.log(`${job.id}: ${outcome}`);
    const planned = outcomes.filter(({ outcome }) => outcome === 'planned');
    console.log(`${planned.length} of ${outcomes.length} documents plan`);
    expect(planned.length).toBeGreaterThanOrEqual(plannedAtLeast);
  });

  const plannable = realJobs.filter(({ settings }) => settings !== null);
  test.each(plannable)('$id runs to its end when it plans', async (job) => {
    if (job.settings === null || outcomeOf(job) !== 'planned') return;
    const { outputGroupDetails } = await completeJob(data, job.settings);
    for (const { outputDetails } of outputGroupDetails)
      for (const { durationInMs } of outputDetails) expect(durationInMs).toBeGreaterThan(0);
    expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]);
  });
});

function outcomeOf({ settings, refusals }: RealJob): string {
  if (settings === null) {
    expect(refusals.every(({ code, message }) => code === 400 && message !== '')).toBe(true);
    return `400 ${refusals.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')}`;
  }
  const { plan, findings } = planJob({
    settings,
    facts: (settings.inputs ?? []).map(() => facts),
    capacity: { cores: 2, memoryBytes: 8 * 1024 ** 3 },
    job: { startTimeMs: 0 },
  });
  if (plan !== null) return 'planned';
  const errors = findings.filter(({ severity }) => severity === 'error');
  expect(errors.length).toBeGreaterThan(0);
  for (const { pointer, message } of errors) expect(pointer, message).toMatch(/^\//);
  return errors.map(({ message }) => message).join('; ');
}
