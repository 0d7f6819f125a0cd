/** Where a decoder is given its packets: on the event loop, until it is slow. */
import { expect, it } from 'vitest';
import { createBreather } from '../../src/engine/breathe.ts';
import { createPacketSender } from '../../src/engine/packet-sender.ts';

/** A decoder that takes so many milliseconds for each packet on the event loop; tells where they were decoded. */
function fakeDecoder(milliseconds: readonly number[]) {
  let clockMs = 0;
  const places: string[] = [];
  return {
    places,
    now: () => clockMs,
    sendPacketSync: () => {
      clockMs += milliseconds[places.length] ?? 0;
      places.push('loop');
      return 0;
    },
    sendPacket: async () => {
      places.push('pool');
      return 0;
    },
  };
}

it.each([
  ['quick pictures', [5, 12, 49, 50], ['loop', 'loop', 'loop', 'loop']],
  ['slow pictures, one at a time', [149, 5, 120, 5], ['loop', 'loop', 'loop', 'loop']],
  ['slow pictures in a row', [51, 60, 51, 5], ['loop', 'loop', 'loop', 'pool']],
  ['a picture that is too slow by itself', [5, 151, 5, 5], ['loop', 'loop', 'pool', 'pool']],
] as const)('%s: %j', async (_, milliseconds, places) => {
  const decoder = fakeDecoder(milliseconds);
  const send = createPacketSender(decoder, true, decoder.now);
  for (const _packet of milliseconds) expect(await send(null)).toBe(0);
  expect(decoder.places).toEqual(places);
});

it('never tries the loop where it must not', async () => {
  const decoder = fakeDecoder([1, 1]);
  const send = createPacketSender(decoder, false, decoder.now);
  await send(null);
  expect(decoder.places).toEqual(['pool']);
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
