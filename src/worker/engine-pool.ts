/**
 * Warm engine children: one that has loaded its libraries and seen no job waits per free slot, because loading
 * costs 0.15–0.3 s and the way to the first frame must be short (design D2). While a slot works nothing is
 * started beside it; its next spare is started when the slot is free again. A command that runs one job starts one
 * child and keeps nothing warm.
 */
import { type EngineProcess, startEngine } from './engine-process.ts';
import type { Sandbox } from './sandbox.ts';

/** Hands out children that have seen no job. */
export interface EnginePool {
  readonly sandbox: Sandbox;
  /** A child for one attempt: a waiting one, or a new one. Give it back with `release`. */
  take(): EngineProcess;
  /** From now on so many children, less those at work, wait for an attempt. */
  keepWarm(slots: number): void;
  /** Ends a child that did its attempt; its slot's next spare is started. */
  release(engine: EngineProcess): Promise<void>;
  /** Children that wait, and children that work. */
  counts(): { readonly waiting: number; readonly working: number };
  /** Ends all children. `take` fails afterwards. */
  close(): Promise<void>;
}

/** Starts `spares` children at once. */
export function createEnginePool(options: {
  sandbox: Sandbox;
  scratchRoot: string;
  spares: number;
}): EnginePool {
  const { sandbox, scratchRoot, spares } = options;
  const waiting: EngineProcess[] = [];
  const working = new Set<EngineProcess>();
  let warmSlots = 0;
  let closed = false;
  const fillUp = (count: number): void => {
    while (!closed && waiting.length + working.size < count) waiting.push(startEngine(sandbox, scratchRoot));
  };
  fillUp(spares);
  return {
    sandbox,
    take() {
      if (closed) throw new Error('the engine pool is closed');
      let engine = waiting.shift();
      // A spare may have died while it waited; that is nobody's attempt.
      while (engine !== undefined && !engine.isAlive()) engine = waiting.shift();
      engine ??= startEngine(sandbox, scratchRoot);
      working.add(engine);
      return engine;
    },
    keepWarm(slots) {
      warmSlots = slots;
      fillUp(warmSlots);
    },
    async release(engine) {
      await engine.end();
      working.delete(engine);
      fillUp(warmSlots);
    },
    counts: () => ({ waiting: waiting.length, working: working.size }),
    async close() {
      closed = true;
      await Promise.all([...waiting, ...working].map((engine) => engine.end()));
      waiting.length = 0;
      working.clear();
    },
  };
}
