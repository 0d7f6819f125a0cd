/** Where library calls are made: on the event loop, until they are slow. */
import { expect, it } from 'vitest';
import { createBreather } from '../../src/engine/breathe.ts';
import { createInlineCall, decoding, filtering, type InlineLimits } from '../../src/engine/inline-call.ts';

/** A call that takes so many milliseconds each time on the event loop; tells where it was made. */
function timedCall(limits: InlineLimits | null, milliseconds: readonly number[]) {
  let clockMs = 0;
  const places: string[] = [];
  const call = createInlineCall<null, number>(
    {
      now() {
        clockMs += milliseconds[places.length] ?? 0;
        places.push('loop');
        return 0;
      },
      async pooled() {
        places.push('pool');
        return 0;
      },
    },
    limits,
    () => clockMs,
  );
  return { places, call };
}

it.each([
  ['quick pictures', decoding, [5, 12, 49, 50], ['loop', 'loop', 'loop', 'loop']],
  ['slow pictures, one at a time', decoding, [149, 5, 120, 5], ['loop', 'loop', 'loop', 'loop']],
  ['slow pictures in a row', decoding, [51, 60, 51, 5], ['loop', 'loop', 'loop', 'pool']],
  ['a picture that is too slow by itself', decoding, [5, 151, 5, 5], ['loop', 'loop', 'pool', 'pool']],
  ['quick filters', filtering, [2, 1, 29, 2], ['loop', 'loop', 'loop', 'loop']],
  ['slow filters', filtering, [2, 16, 15, 1], ['loop', 'loop', 'loop', 'pool']],
  ['what must never be tried there', null, [1, 1], ['pool', 'pool']],
] as const)('%s: %j, %j', async (_, limits, milliseconds, places) => {
  const { call, places: made } = timedCall(limits, milliseconds);
  for (const _call of milliseconds) expect(await call(null)).toBe(0);
  expect(made).toEqual(places);
});

it('lets everybody else run once ten milliseconds have passed', async () => {
  let clockMs = 0;
  const breathe = createBreather(() => clockMs);
  let others = 0;
  setImmediate(() => {
    others += 1;
  });
  clockMs = 10;
  expect(breathe()).toBeUndefined();
  clockMs = 11;
  await breathe();
  expect(others).toBe(1);
  expect(breathe()).toBeUndefined();
});
