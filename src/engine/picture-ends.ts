/** When the pictures of each video rendition end, for sound that ends with them. */

/** Connects the encoders of a pass with the sound that follows them. */
export interface PictureEnds {
  /** The rendition's last picture has been delivered: its end on the output timeline, microseconds. */
  report(renditionId: string, endUs: number): void;
  /** Resolves with the end. Rejects when the graph stops. */
  endOf(renditionId: string): Promise<number>;
  fail(reason: unknown): void;
}

/** Nothing has ended. */
export function createPictureEnds(): PictureEnds {
  const ends = new Map<string, PromiseWithEnd>();
  const endFor = (renditionId: string): PromiseWithEnd => {
    const known = ends.get(renditionId);
    if (known !== undefined) return known;
    const made = promiseWithEnd();
    ends.set(renditionId, made);
    return made;
  };
  return {
    report: (renditionId, endUs) => endFor(renditionId).resolve(endUs),
    endOf: (renditionId) => endFor(renditionId).promise,
    fail(reason) {
      for (const end of ends.values()) end.reject(reason);
    },
  };
}

interface PromiseWithEnd {
  readonly promise: Promise<number>;
  resolve(endUs: number): void;
  reject(reason: unknown): void;
}

function promiseWithEnd(): PromiseWithEnd {
  let resolve: (endUs: number) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<number>((onEnd, onFailure) => {
    resolve = onEnd;
    reject = onFailure;
  });
  // A graph that stops may have nobody waiting.
  promise.catch(() => {});
  return { promise, resolve: (endUs) => resolve(endUs), reject: (reason) => reject(reason) };
}
