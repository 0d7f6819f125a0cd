/** Loops that never wait must step aside for messages (cancel) and finished calls now and then. */

const breatheEveryMs = 10;

/** Makes the pause of one loop: asked between two steps, it lets everybody else run when ten milliseconds have passed. */
export function createBreather(now: () => number = () => performance.now()): () => Promise<void> | void {
  let breathedAt = now();
  return () => {
    if (now() - breathedAt <= breatheEveryMs) return;
    return new Promise((resolve) => {
      setImmediate(() => {
        breathedAt = now();
        resolve();
      });
    });
  };
}
