/**
 * The planner answers every combination of settings: with a plan, or with errors that name a place in the job and say
 * why. More seeds: bench/setting-combinations.ts with --plan-only.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Combinations, openCombinations } from './setting-combinations.ts';
import { subjects } from './setting-subjects.ts';

const seeds = Array.from({ length: 12 }, (_, index) => 1001 + index);

let combinations: Combinations;
beforeAll(() => {
  combinations = openCombinations();
});
afterAll(() => combinations?.close());

test.each(Object.keys(subjects))('%s', async (subject) => {
  let planned = 0;
  for (const seed of seeds) {
    const { outcome, reason, settings } = await combinations.attempt(subject, seed, { isRun: false });
    expect(outcome, `seed ${seed}: ${reason}\n${JSON.stringify(settings)}`).not.toBe('failed');
    if (outcome === 'planned') planned += 1;
  }
  // What is always refused is no combination.
  expect(planned).toBeGreaterThanOrEqual(seeds.length / 3);
});
