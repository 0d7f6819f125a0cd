/**
 * Damaged media by the thousand through a running server: what the slow suite `test/provocations/hostile.slow.test.ts`
 * holds for 200 seeds, for as many as wanted and for larger files. Ends with 1 when a promise is broken.
 *
 *   npx tsx bench/hostile.ts [--count 2000] [--seed 1000] [--slots 2] [--largest 400000] [--json FILE]
 *
 * `--seed N --count 1` makes and runs one finding again. Prints each unknown error, and every end as it comes with
 * `--verbose`.
 */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { quietLibraryLog } from '../src/engine/library-log.ts';
import {
  describeResult,
  hasNeedlessAttempt,
  hostileLimits,
  isDocumentedEnd,
  runHostile,
} from '../test/provocations/hostile-run.ts';
import {
  damageSource,
  makeHostileSources,
  mediaFolder,
  readRealSources,
} from '../test/provocations/hostile-sources.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1000' },
    slots: { type: 'string', default: '2' },
    largest: { type: 'string', default: '400000' },
    verbose: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const count = Number(values.count);
const firstSeed = Number(values.seed);

quietLibraryLog();
const folder = await mkdtemp(path.join(os.tmpdir(), 'openconvert-hostile-'));
try {
  const clips = path.join(folder, 'clips');
  mkdirSync(clips);
  const real = readRealSources(Number(values.largest));
  if (real === null) console.log(`no real media at ${mediaFolder}: only generated clips are damaged`);
  const sources = [...makeHostileSources(clips), ...(real ?? [])];
  const cases = Array.from({ length: count }, (_, index) => () => damageSource(sources, firstSeed + index));
  const began = performance.now();
  const run = await runHostile(path.join(folder, 'data'), cases, {
    slots: Number(values.slots),
    onEnd: (result) => {
      if (values.verbose || result.code === 1999 || result.code === 1522 || !isDocumentedEnd(result))
        console.log(describeResult(result));
    },
  });
  const wallSeconds = Math.round((performance.now() - began) / 1000);
  await report(run, sources.length, wallSeconds);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function report(
  { results, peakMemoryBytes, troubles, serverEnd }: Awaited<ReturnType<typeof runHostile>>,
  sources: number,
  wallSeconds: number,
): Promise<void> {
  const ends: Record<string, number> = {};
  for (const { status, code } of results) {
    const end = String(code ?? status);
    ends[end] = (ends[end] ?? 0) + 1;
  }
  const longestMs = Math.max(...results.flatMap(({ attemptsMs }) => attemptsMs));
  const figures = {
    files: results.length,
    sources,
    load: os.loadavg()[0],
    wallSeconds,
    ends,
    undocumented: results.filter((result) => !isDocumentedEnd(result)).length,
    unknownPercent: (100 * (ends['1999'] ?? 0)) / results.length,
    crashes: results.filter(({ signals }) => signals.length > 0).length,
    needlessAttempts: results.filter(hasNeedlessAttempt).length,
    longestAttemptSeconds: longestMs / 1000,
    peakMemoryMiB: Math.round(peakMemoryBytes / 1024 / 1024),
    serverEnd,
    troubles: troubles.length,
  };
  for (const trouble of troubles) console.log(`server: ${trouble}`);
  console.table(
    Object.entries(figures).map(([what, value]) => ({
      what,
      value: typeof value === 'object' ? JSON.stringify(value) : value,
    })),
  );
  const isKept =
    figures.undocumented + figures.needlessAttempts + figures.troubles === 0 &&
    serverEnd === null &&
    figures.unknownPercent < 2 &&
    figures.longestAttemptSeconds <= hostileLimits.jobSeconds + 5 &&
    figures.peakMemoryMiB <= hostileLimits.engineMemoryMiB;
  console.log(JSON.stringify(figures));
  if (values.json !== undefined)
    await writeFile(values.json, JSON.stringify({ ...figures, results }, null, 2));
  if (!isKept) process.exitCode = 1;
}
