/** How much waits on an edge: items, and bytes of them. */
import { expect, it } from 'vitest';
import { createEdge } from '../../src/engine/edge.ts';

/** Puts sizes until a put has to wait. Gives how many are there before that. */
function countUntilFull(bytes: number, sizes: readonly number[]): number {
  const edge = createEdge<number>({ items: 4, bytes, sizeOf: (size) => size }, () => {});
  return sizes.findIndex((size) => edge.put(size) instanceof Promise);
}

it.each([
  ['as many items as it holds', 100, [1, 1, 1, 1, 1], 4],
  ['as many bytes as it holds', 100, [60, 40, 1], 2],
  ['an item that is larger than all of it', 100, [500, 1], 1],
  ['the last item goes over its bytes', 100, [99, 500, 1], 2],
])('%s', (_, bytes, sizes, held) => {
  expect(countUntilFull(bytes, sizes)).toBe(held);
});

it('has room again for as many bytes as were taken', async () => {
  const edge = createEdge<number>({ items: 4, bytes: 100, sizeOf: (size) => size }, () => {});
  edge.put(100);
  const waiting = edge.put(70);
  expect(waiting).toBeInstanceOf(Promise);
  expect(edge.take()).toBe(100);
  await waiting;
  expect(edge.put(30)).toBeUndefined();
  expect(edge.put(1)).toBeInstanceOf(Promise);
});
