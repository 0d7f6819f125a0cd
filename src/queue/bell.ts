/** A bell: whoever waits goes on when it rings; a ring while nobody waits is remembered once. */
export interface Bell {
  /** Wakes the waiter, or the next one. */
  ring(): void;
  /** Resolves at the next ring, after `limitMs`, or when `signal` aborts. Never rejects. */
  wait(limitMs: number, signal: AbortSignal): Promise<void>;
}

/** A silent bell for one waiter. */
export function createBell(): Bell {
  let rang = false;
  let wake = () => {};
  return {
    ring() {
      rang = true;
      wake();
    },
    async wait(limitMs, signal) {
      if (!rang && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, limitMs);
          timer.unref();
          signal.addEventListener('abort', resolve as () => void, { once: true });
          wake = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', resolve as () => void);
            resolve();
          };
        });
        wake();
        wake = () => {};
      }
      rang = false;
    },
  };
}
