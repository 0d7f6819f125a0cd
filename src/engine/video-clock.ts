/** How far the video of an input has come, for nodes that follow it. */

interface VideoProgress {
  /** Ticks of 1/frameRate that have a picture (or passed without one). */
  readonly ticks: bigint;
  readonly hasEnded: boolean;
}

/** Connects one video decoder with one node that follows it. */
export interface VideoClock {
  /** Called by the decoder node. */
  advance(ticks: bigint, hasEnded: boolean): void;
  /** Resolves at the next advance, at once when the video has ended or moved since the last call. */
  next(): Promise<VideoProgress>;
  /** Rejects whoever waits; called when the graph stops. */
  fail(reason: unknown): void;
}

/** A clock at zero. One node may wait on it. */
export function createVideoClock(): VideoClock {
  let progress: VideoProgress = { ticks: 0n, hasEnded: false };
  let seen = 0n;
  let waiting: { resolve(progress: VideoProgress): void; reject(reason: unknown): void } | null = null;
  return {
    advance(ticks, hasEnded) {
      progress = { ticks, hasEnded };
      if (waiting === null) return;
      seen = ticks;
      waiting.resolve(progress);
      waiting = null;
    },
    next() {
      if (progress.hasEnded || progress.ticks > seen) {
        seen = progress.ticks;
        return Promise.resolve(progress);
      }
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    fail(reason) {
      waiting?.reject(reason);
      waiting = null;
    },
  };
}
