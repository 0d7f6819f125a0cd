/** How far the video of a clip has come, for nodes that follow it. */

interface VideoProgress {
  /** Ticks of 1/frameRate that have a picture (or passed without one). */
  readonly ticks: bigint;
  readonly hasEnded: boolean;
}

/** A follower's own view on a clock. */
export interface VideoFollower {
  /** Resolves at the next advance, at once when the video has ended or moved since the last call. */
  next(): Promise<VideoProgress>;
}

/** Connects one video decoder with the nodes that follow it. */
export interface VideoClock {
  /** Called by the decoder node. */
  advance(ticks: bigint, hasEnded: boolean): void;
  follow(): VideoFollower;
  /** Rejects whoever waits; called when the graph stops. */
  fail(reason: unknown): void;
}

/** A clock at zero. */
export function createVideoClock(): VideoClock {
  let progress: VideoProgress = { ticks: 0n, hasEnded: false };
  let failure: { readonly reason: unknown } | null = null;
  let waiting: { resolve(): void; reject(reason: unknown): void }[] = [];
  const moved = (): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  return {
    advance(ticks, hasEnded) {
      progress = { ticks, hasEnded };
      const woken = waiting;
      waiting = [];
      for (const one of woken) one.resolve();
    },
    follow() {
      let seen = 0n;
      return {
        async next() {
          if (failure !== null) throw failure.reason;
          if (!progress.hasEnded && progress.ticks <= seen) await moved();
          seen = progress.ticks;
          return progress;
        },
      };
    },
    fail(reason) {
      failure = { reason };
      const woken = waiting;
      waiting = [];
      for (const one of woken) one.reject(reason);
    },
  };
}
