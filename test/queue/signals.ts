/** Things that happen, for tests to wait for by name instead of by time. */
export interface Signals<T> {
  emit(value: T): void;
  /** The next one that nobody has taken yet, in the order they happened. */
  next(): Promise<T>;
}

/** Nothing has happened yet. */
export function createSignals<T>(): Signals<T> {
  const happened: T[] = [];
  const waiting: ((value: T) => void)[] = [];
  return {
    emit(value) {
      const taker = waiting.shift();
      if (taker === undefined) happened.push(value);
      else taker(value);
    },
    next: () =>
      new Promise((resolve) => {
        const first = happened.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}
