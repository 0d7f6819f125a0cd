/** The stall watch on a clock the test turns. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineProgress } from '../../src/engine/protocol.ts';
import { type StallLimits, watchForStall } from '../../src/worker/stall-watch.ts';

const limits: StallLimits = {
  stallMs: 1000,
  uploadStallMs: 5000,
  sinceServedMs: () => Number.POSITIVE_INFINITY,
};
const report: EngineProgress = {
  phase: 'TRANSCODING',
  framesDecoded: 1,
  outputTimeUs: 0,
  percent: 0,
  bytesRead: 100,
  bytesWritten: 0,
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('an engine that never reports stalls at the limit, once', () => {
  const onStall = vi.fn();
  watchForStall(limits, onStall);
  vi.advanceTimersByTime(999);
  expect(onStall).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(onStall.mock.calls).toEqual([[1000]]);
});

test('reports whose counters stand still are no sign of life; one counter that moves is', () => {
  const onStall = vi.fn();
  const watch = watchForStall(limits, onStall);
  for (let bytesRead = 0; bytesRead < 5; bytesRead += 1) {
    watch.sign({ ...report, bytesRead });
    vi.advanceTimersByTime(900);
  }
  expect(onStall).not.toHaveBeenCalled();
  watch.sign({ ...report, bytesRead: 4 });
  vi.advanceTimersByTime(100);
  expect(onStall).toHaveBeenCalledOnce();
});

test('files are finished and published under the longer limit', () => {
  const onStall = vi.fn();
  const watch = watchForStall(limits, onStall);
  watch.sign({ ...report, phase: 'UPLOADING' });
  vi.advanceTimersByTime(4999);
  expect(onStall).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onStall.mock.calls).toEqual([[5000]]);
});

test('while a store owes an answer the engine has not stalled; after it the engine has its whole time', () => {
  const onStall = vi.fn();
  let answeredAtMs: number | null = null;
  const sinceServedMs = (): number => (answeredAtMs === null ? 0 : performance.now() - answeredAtMs);
  watchForStall({ ...limits, sinceServedMs }, onStall);
  vi.advanceTimersByTime(2999);
  answeredAtMs = performance.now();
  vi.advanceTimersByTime(999);
  expect(onStall).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onStall).toHaveBeenCalledOnce();
});

test('a stopped watch says nothing', () => {
  const onStall = vi.fn();
  watchForStall(limits, onStall).stop();
  vi.advanceTimersByTime(60_000);
  expect(onStall).not.toHaveBeenCalled();
});
