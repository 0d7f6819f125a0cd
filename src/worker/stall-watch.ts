/**
 * Tells an engine that works from one that hangs. Progress means that a counter moved; a message alone proves only
 * that the event loop lives. While a store owes the engine an answer nothing is its fault: those calls have deadlines
 * of their own, which explain more (`gateway.ts`). After an answer the engine has its whole time again.
 */
import type { EngineProgress } from '../engine/protocol.ts';

/** How long without progress is a stall. */
export interface StallLimits {
  /** While inputs are read and encoders work, in milliseconds. */
  readonly stallMs: number;
  /** After all encoding, in milliseconds: files are finished and published, and few counters tell of it. */
  readonly uploadStallMs: number;
  /** Milliseconds since a store last answered the engine: 0 while it owes an answer, Infinity when never asked. */
  readonly sinceServedMs: () => number;
}

/** Watches one task until `stop`. */
export interface StallWatch {
  /** Takes a report of the engine. */
  sign(progress: EngineProgress): void;
  stop(): void;
}

/** Starts the watch. `onStall` is called at most once, with the limit that passed. */
export function watchForStall(limits: StallLimits, onStall: (limitMs: number) => void): StallWatch {
  let last = '';
  let limitMs = limits.stallMs;
  let timer: NodeJS.Timeout;
  const arm = (waitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(judge, waitMs);
  };
  const judge = (): void => {
    const servedMs = limits.sinceServedMs();
    if (servedMs < limitMs) arm(limitMs - servedMs);
    else onStall(limitMs);
  };
  arm(limitMs);
  return {
    sign({ phase, framesDecoded, outputTimeUs, bytesRead, bytesWritten }) {
      const counters = `${phase} ${framesDecoded} ${outputTimeUs} ${bytesRead} ${bytesWritten}`;
      if (counters === last) return;
      last = counters;
      limitMs = phase === 'UPLOADING' ? limits.uploadStallMs : limits.stallMs;
      arm(limitMs);
    },
    stop: () => clearTimeout(timer),
  };
}
