/** Hostile media and documents people really use, through the whole product (../shared; skipped where it is absent). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InputFacts } from '../../src/plan/facts.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { corpusExceptions, jobExceptions } from '../probe/corpus-exceptions.table.ts';
import {
  describeResult,
  type HostileResult,
  type HostileRun,
  hasNeedlessAttempt,
  isDocumentedEnd,
  runHostile,
} from '../provocations/hostile-run.ts';
import { documentedCodes, mediaFolder, readManifest } from '../provocations/hostile-sources.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { type RealJob, readRealJobs } from './real-jobs.ts';
import { completeJob, fileOf, filesBelow } from './run-report.ts';
import { streamingExceptions } from './streaming-jobs.table.ts';
import { prepareData } from './tiny-jobs.ts';

const damaged = (readManifest() ?? []).filter(({ file }) => file.startsWith('broken/'));
if (damaged.length === 0) console.log(`skipped: no damaged media at ${mediaFolder}`);
/** One second: real ladders go up to 1080p in two passes. */
const second = 's3://media/second.mp4';
const realJobs = readRealJobs(second);

/** The brief of the product: whatever the input, an answer within a minute. */
const longestMs = 60_000;
/** What a job asks of a damaged file. */
const trackChoices = [
  { name: 'everything', hasVideo: true, hasAudio: true },
  { name: 'pictures', hasVideo: true, hasAudio: false },
  { name: 'sound', hasVideo: false, hasAudio: true },
] as const;

/** Of the collection in its state of 2026-11: documents that plan with a plain clip. It may grow, not shrink. */
const plannedAtLeast = 19;

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

describe.skipIf(damaged.length === 0)('damaged media', () => {
  let run: HostileRun;
  beforeAll(async () => {
    const cases = damaged.flatMap(({ file, documented }) =>
      trackChoices.map((choice) => () => ({
        ...choice,
        name: `${choice.name}-${path.basename(file)}`,
        recipe: documented,
        bytes: readFileSync(path.join(mediaFolder, file)),
      })),
    );
    run = await runHostile(path.join(data, 'damaged'), cases);
  }, 280_000);

  const endOf = (file: string, choice: string): HostileResult => {
    const result = run.results.find(({ name }) => name === `${choice}-${path.basename(file)}`);
    if (result === undefined) throw new Error(`${file} was not run`);
    return result;
  };

  test.each(damaged)('$file ends as documented: $documented', ({ file, documented }) => {
    // Who sends a sound file asks for sound.
    const result = endOf(file, /\.(?:aif|m4a|mp3|wav|wma)$/.test(file) ? 'sound' : 'everything');
    const end = result.code ?? result.status;
    // A file whose facts can be had is no exception yet: its job ends as documented.
    const probed = corpusExceptions[file]?.outcome;
    const exception = jobExceptions[file]?.end ?? (probed === 'facts' ? undefined : probed);
    const codes = documentedCodes(documented);
    if (exception !== undefined) {
      expect(end, describeResult(result)).toBe(exception);
      expect(codes, `${file} needs no exception`).not.toContain(end);
    } else if (codes.length > 0) expect(codes, describeResult(result)).toContain(end);
    else expect(documented).toMatch(/^not documented: (?:recoverable|decode errors|the guide does not say)/);
  });

  test.each(damaged)('$file ends soon and explained, whatever is asked of it', ({ file }) => {
    for (const { name } of trackChoices) {
      const result = endOf(file, name);
      expect(isDocumentedEnd(result), describeResult(result)).toBe(true);
      // The unknown error is documented too, but only an unrepairable input may give it, not our own mistakes.
      expect(result.message, describeResult(result)).not.toBe('Unknown error');
      expect(hasNeedlessAttempt(result)).toBe(false);
      for (const ms of result.attemptsMs) expect(ms).toBeLessThan(longestMs);
    }
  });

  test('leaves the server running, no scratch, and only whole outputs', async () => {
    expect({ end: run.serverEnd, troubles: run.troubles }).toEqual({ end: null, troubles: [] });
    expect(await filesBelow(path.join(data, 'damaged', 'scratch'))).toEqual([]);
    const complete = run.results
      .filter(({ status }) => status === 'COMPLETE')
      .map(({ name }) => `${name}.mp4`);
    expect(await filesBelow(path.join(data, 'damaged', 'buckets', 'out'))).toEqual(complete.sort());
  });

  test('no exception names a file that is not there', () => {
    expect(damaged.map(({ file }) => file)).toEqual(expect.arrayContaining(Object.keys(jobExceptions)));
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

  const streaming = realJobs.filter(
    ({ settings }) =>
      settings === null ||
      (settings.outputGroups ?? []).some(
        ({ outputGroupSettings }) => outputGroupSettings?.type !== 'FILE_GROUP_SETTINGS',
      ),
  );
  test.each(streaming)('streaming groups of $id run, or are refused as the table says', (job) => {
    const outcome = outcomeOf(job);
    const exception = streamingExceptions[job.id];
    if (exception === undefined) {
      // The test below runs it.
      expect(outcome).toBe('planned');
      return;
    }
    expect(outcome).toContain(exception.because);
    expect(/^\d+/.exec(outcome)?.[0]).toBe(`${exception.code}`);
  });

  test('no exception names a document that is not there', () => {
    expect(streaming.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(streamingExceptions)));
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
  const errors = findings.flatMap((finding) => (finding.severity === 'error' ? [finding] : []));
  expect(errors.length).toBeGreaterThan(0);
  for (const { pointer, message } of errors) expect(pointer, message).toMatch(/^\//);
  return errors.map(({ code, message }) => `${code} ${message}`).join('; ');
}
