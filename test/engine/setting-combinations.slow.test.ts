/**
 * No combination of settings that the planner accepts fails in an encoder or a muxer, and files are what the settings
 * ask for: a few seeds of each codec. Thousands, and any seed again: bench/setting-combinations.ts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Combinations, openCombinations } from './setting-combinations.ts';
import { subjects } from './setting-subjects.ts';

const seeds = [1, 2, 3, 4];

let combinations: Combinations;
beforeAll(() => {
  combinations = openCombinations();
});
afterAll(() => combinations?.close());

test.each(Object.keys(subjects))('%s', { timeout: 180_000 }, async (subject) => {
  let fine = 0;
  for (const seed of seeds) {
    const { outcome, reason, settings } = await combinations.attempt(subject, seed);
    expect(outcome, `seed ${seed}: ${reason}\n${JSON.stringify(settings)}`).not.toBe('failed');
    if (outcome === 'fine') fine += 1;
  }
  // A draw that is refused each time would prove nothing.
  expect(fine).toBeGreaterThanOrEqual(seeds.length / 2);
});
