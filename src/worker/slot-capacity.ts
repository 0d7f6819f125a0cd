import type { PlanCapacity } from '../plan/plan-job.ts';

/**
 * What a reserved transcode slot is here: an equal share of the worker's cores and memory, at least one core. A job
 * gets it whether the other slots are busy or not, so that a queue with one slot is as fast as each slot of a large
 * one (spec queues-and-lifecycle.md 5). The share bounds the plan's threads; nothing else of the machine is set aside.
 */
export function capacityOfOneSlot({ cores, memoryBytes }: PlanCapacity, slots: number): PlanCapacity {
  return {
    cores: Math.max(1, Math.floor(cores / slots)),
    memoryBytes: Math.floor(memoryBytes / slots),
  };
}
