/** The dry run's way to the engine: a submitted job is checked as its attempt on this machine would begin. */
import type { OperationContext } from '../operations/operation.ts';
import { checkJob } from '../worker/check-job.ts';
import type { AttemptResources } from '../worker/run-job.ts';
import { capacityOfOneSlot } from '../worker/slot-capacity.ts';
import { createTurnstile, type TurnstileBounds } from './turnstile.ts';

/** One at a time: Probe has children of its own, and jobs go first. */
const defaultBounds: TurnstileBounds = { mostRunning: 1, mostWaiting: 100 };

/** Makes `checkJob` of a server whose worker has so many slots. `signal` ends all checks with the service. */
export function createCheckSubmission(
  resources: AttemptResources,
  slots: number,
  signal: AbortSignal,
  bounds: TurnstileBounds = defaultBounds,
): OperationContext['checkJob'] {
  const enter = createTurnstile(bounds, 'ask again when others have ended');
  return async ({ hasOneSlot, ...job }) => {
    const leave = await enter(signal);
    try {
      const capacity = hasOneSlot ? capacityOfOneSlot(resources.capacity, slots) : resources.capacity;
      return await checkJob(job, { ...resources, capacity }, signal);
    } finally {
      leave();
    }
  };
}
