/**
 * The Probe operation's way to the engine: opens the file through the deployment's stores, and probes it in a child of
 * its own. Children cost memory, so few run at once and few wait.
 */
import { JobFault } from '../catalogue/fault.ts';
import type { OperationContext, ProbedInput } from '../operations/operation.ts';
import { type AttemptResources, probeLocations } from '../worker/run-job.ts';
import { createTurnstile, type TurnstileBounds } from './turnstile.ts';

/** Waiting ones: the service's burst (spec api.md 17). */
const defaultBounds: TurnstileBounds = { mostRunning: 2, mostWaiting: 100 };

/** Makes `probeInput` of a server. `signal` ends all probes with the service. */
export function createProbeInput(
  resources: AttemptResources,
  signal: AbortSignal,
  bounds: TurnstileBounds = defaultBounds,
): OperationContext['probeInput'] {
  const enter = createTurnstile(bounds, 'probe again when others have ended');
  return async (location) => {
    const leave = await enter(signal);
    try {
      return await probeFile(location, resources, signal);
    } finally {
      leave();
    }
  };
}

async function probeFile(
  location: string,
  resources: AttemptResources,
  signal: AbortSignal,
): Promise<ProbedInput> {
  signal.throwIfAborted();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(resources.limits.probeMs)]);
  const reader = await resources.stores.open(location, deadline);
  await reader.close();
  const { head } = reader;
  try {
    const [facts] = await probeLocations([location], resources, signal);
    if (facts === undefined) throw new TypeError('the engine returned no facts');
    return { facts, head };
  } catch (error) {
    // Bytes of no known format: documented to have a blank one.
    if (error instanceof JobFault && error.code === 1010 && error.record.template === 'no-parser')
      return { facts: null, head };
    throw error;
  }
}
