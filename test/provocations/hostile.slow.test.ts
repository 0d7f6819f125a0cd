/**
 * Hostile media on a running server: 150 files damaged by seed. Whatever is in them, each job completes or ends in a
 * documented code, no attempt outlives its limit, engines stay within their memory, and the server goes on.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { temporaryFolder } from '../e2e/openconvert-process.ts';
import { filesBelow } from '../e2e/run-report.ts';
import {
  describeResult,
  type HostileRun,
  hasNeedlessAttempt,
  hostileLimits,
  isDocumentedEnd,
  runHostile,
} from './hostile-run.ts';
import {
  damageSource,
  type HostileSource,
  makeHostileSources,
  mediaFolder,
  readRealSources,
} from './hostile-sources.ts';

const mutations = 150;
/** Small real files keep the suite short; the bench takes larger ones too. */
const longestBytes = 60_000;
/** Unknown errors may be so many of a hundred. */
const unknownPercent = 2;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sources: readonly HostileSource[];
let run: HostileRun;

beforeAll(async () => {
  quietLibraryLog();
  folder = await temporaryFolder();
  const clips = path.join(folder.path, 'clips');
  mkdirSync(clips);
  const real = readRealSources(longestBytes);
  if (real === null)
    console.log(`skipped: no real media at ${mediaFolder}, only generated clips are damaged`);
  sources = [...makeHostileSources(clips), ...(real ?? [])];
  const healthy = sources.map((source) => () => ({
    ...source,
    name: `healthy-${source.name}`,
    recipe: 'healthy',
  }));
  const damaged = Array.from({ length: mutations }, (_, seed) => () => damageSource(sources, seed));
  run = await runHostile(path.join(folder.path, 'data'), [...healthy, ...damaged]);
  // So long that only a hang reaches it: the suite takes five minutes beside another on two busy cores.
}, 1_200_000);
afterAll(() => folder?.[Symbol.asyncDispose]());

const damagedResults = () => run.results.filter(({ recipe }) => recipe !== 'healthy');

describe('damaged files', () => {
  test('are made of files that complete when they are whole', () => {
    const healthy = run.results.filter(({ recipe }) => recipe === 'healthy');
    expect(healthy).toHaveLength(sources.length);
    expect(healthy.filter(({ status }) => status !== 'COMPLETE').map(describeResult)).toEqual([]);
  });

  test('each complete or end in a documented code', () => {
    const results = damagedResults();
    const ends = new Map<string, number>();
    for (const { status, code } of results)
      ends.set(`${code ?? status}`, (ends.get(`${code ?? status}`) ?? 0) + 1);
    console.log(`${results.length} damaged files: ${JSON.stringify(Object.fromEntries(ends))}`);
    expect(results).toHaveLength(mutations);
    expect(results.filter((result) => !isDocumentedEnd(result)).map(describeResult)).toEqual([]);
    // Damage that nothing notices, or that nothing survives, would prove little.
    expect(ends.get('COMPLETE')).toBeGreaterThan(mutations / 10);
    expect(ends.get('COMPLETE')).toBeLessThan(mutations);
    expect(ends.size).toBeGreaterThan(4);
  });

  test('are told as an unknown error in less than two of a hundred, each listed', () => {
    const unknown = damagedResults().filter(({ code }) => code === 1999);
    for (const result of unknown) console.log(`1999: ${describeResult(result)}`);
    expect(unknown.length, unknown.map(describeResult).join('\n')).toBeLessThan(
      (mutations * unknownPercent) / 100,
    );
  });

  test('take no attempt beyond its limit, and none that can only crash again', () => {
    const limitMs = (hostileLimits.jobSeconds + 5) * 1000;
    const late = run.results.filter(({ attemptsMs }) => attemptsMs.some((ms) => ms > limitMs));
    expect(late.map(describeResult)).toEqual([]);
    expect(run.results.filter(hasNeedlessAttempt).map(describeResult)).toEqual([]);
    const longest = Math.max(...run.results.flatMap(({ attemptsMs }) => attemptsMs));
    console.log(`longest attempt ${longest} ms`);
  });

  test('keep every engine within its memory', () => {
    const mebibytes = Math.round(run.peakMemoryBytes / 1024 / 1024);
    console.log(`highest resident memory of an engine ${mebibytes} MiB`);
    expect(mebibytes).toBeGreaterThan(0);
    expect(mebibytes).toBeLessThanOrEqual(hostileLimits.engineMemoryMiB);
  });

  test('leave the server running, its log without trouble and its scratch folder empty', async () => {
    expect(run.serverEnd).toBeNull();
    expect(run.troubles).toEqual([]);
    expect(await filesBelow(path.join(folder.path, 'data', 'scratch'))).toEqual([]);
    const complete = run.results
      .filter(({ status }) => status === 'COMPLETE')
      .map(({ name }) => `${name}.mp4`);
    const written = await filesBelow(path.join(folder.path, 'data', 'buckets', 'out'));
    expect(written).toEqual(complete.sort());
  });
});
