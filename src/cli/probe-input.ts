/**
 * The Probe operation's way to the engine: opens the file through the deployment's stores, and probes it in a child of
 * its own. Children cost memory, so few run at once and few wait.
 */
import { JobFault } from '../catalogue/fault.ts';
import { apiFault } from '../operations/api-fault.ts';
import type { OperationContext, ProbedInput } from '../operations/operation.ts';
import { type AttemptResources, probeLocations } from '../worker/run-job.ts';

/** How many probes a server holds. */
export interface ProbeBounds {
  /** Probes that run at once; each may take 500 MB. */
  readonly mostRunning: number;
  /** Probes that may wait for them. */
  readonly mostWaiting: number;
}

/** Waiting ones: the service's burst (spec api.md 17). */
const defaultBounds: ProbeBounds = { mostRunning: 2, mostWaiting: 100 };

/** Makes `probeInput` of a server. `signal` ends all probes with the service. */
export function createProbeInput(
  resources: AttemptResources,
  signal: AbortSignal,
  bounds: ProbeBounds = defaultBounds,
): OperationContext['probeInput'] {
  const enter = createTurnstile(bounds);
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

type Turnstile = (signal: AbortSignal) => Promise<() => void>;

/** Lets so many in at once, in the order they came. Throws ApiFault 429 when too many wait. */
function createTurnstile({ mostRunning, mostWaiting }: ProbeBounds): Turnstile {
  let inside = 0;
  const outside: (() => void)[] = [];
  const leave = (): void => {
    const next = outside.shift();
    if (next === undefined) inside -= 1;
    else next();
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (inside < mostRunning) inside += 1;
    else {
      if (outside.length >= mostWaiting)
        throw apiFault('TooManyRequestsException', 'Too Many Requests', 'probe again when others have ended');
      await new Promise<void>((resolve) => outside.push(resolve));
    }
    return leave;
  };
}
