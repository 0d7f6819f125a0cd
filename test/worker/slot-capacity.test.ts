import { expect, test } from 'vitest';
import { capacityOfOneSlot } from '../../src/worker/slot-capacity.ts';
import { hdFacts } from '../plan/facts-fixtures.ts';
import { h264Video, mp4Job, mustPlan, onlyVideo } from '../plan/plan-fixtures.ts';

test('one slot has an equal share, and never less than a core', () => {
  expect(capacityOfOneSlot({ cores: 8, memoryBytes: 1000 }, 4)).toEqual({ cores: 2, memoryBytes: 250 });
  expect(capacityOfOneSlot({ cores: 2, memoryBytes: 1000 }, 4)).toEqual({ cores: 1, memoryBytes: 250 });
});

test('a plan for one slot encodes with fewer threads than one for the whole machine', () => {
  const machine = { cores: 16, memoryBytes: 64_000_000_000 };
  const threads = (capacity: typeof machine) =>
    onlyVideo(mustPlan(mp4Job(h264Video()), hdFacts(), { capacity })).encoder.threads;
  expect(threads(capacityOfOneSlot(machine, 8))).toBe(threads({ ...machine, cores: 2 }));
  expect(threads(capacityOfOneSlot(machine, 8))).toBeLessThan(threads(machine));
});
