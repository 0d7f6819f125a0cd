/** Bounds how many requests use an engine child at once: children cost memory. */
import { apiFault } from '../operations/api-fault.ts';

/** How many a server holds. */
export interface TurnstileBounds {
  /** At once; each may take 500 MB. */
  readonly mostRunning: number;
  /** Those that may wait for them. */
  readonly mostWaiting: number;
}

/** Waits for a turn; the result ends it. */
export type Turnstile = (signal: AbortSignal) => Promise<() => void>;

/** Lets so many in at once, in the order they came. Throws ApiFault 429 with this remedy when too many wait. */
export function createTurnstile({ mostRunning, mostWaiting }: TurnstileBounds, remedy: string): Turnstile {
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
        throw apiFault('TooManyRequestsException', 'Too Many Requests', remedy);
      await new Promise<void>((resolve) => outside.push(resolve));
    }
    return leave;
  };
}
