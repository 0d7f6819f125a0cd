/** Tables and images looked at before the run, in the engine: what no run can use is a fault with its object. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookAtSideObjects } from '../../src/engine/look-at-side-objects.ts';
import { whitePng } from '../signals/support/png.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
  writeFileSync(workshop.inputPath('white.png'), whitePng({ widthPx: 64, heightPx: 48 }));
  writeFileSync(workshop.inputPath('no.png'), 'no picture');
  writeFileSync(workshop.inputPath('no.cube'), 'no table');
  // The header of a picture of 400 million pixels: what lies behind it is never decoded.
  const vast = whitePng({ widthPx: 8, heightPx: 8 });
  vast.writeUInt32BE(20_000, 16);
  vast.writeUInt32BE(20_000, 20);
  writeFileSync(workshop.inputPath('vast.png'), vast);
});
afterAll(() => workshop.close());

async function look(keys: readonly string[], sizes: readonly (readonly [number, number])[] = []) {
  const sources = keys.map((key) => ({ location: `s3://inputs/${key}` }));
  return lookAtSideObjects(
    await workshop.objects(),
    {
      kind: 'look',
      sources: sources as never,
      tables: sources.map(({ location }) => location).filter((location) => location.endsWith('.cube')),
      blank: {
        location: 's3://inputs/white.png',
        sizes: sizes.map(([widthPx, heightPx]) => ({ widthPx, heightPx })),
      },
    },
    new AbortController().signal,
  );
}

test('all that is no table and no picture is told, in order; a picture is not', async () => {
  expect(await look(['white.png', 'no.png', 'no.cube'])).toMatchObject([
    { code: 1010, location: 's3://inputs/no.png' },
    { code: 1010, location: 's3://inputs/no.cube' },
  ]);
});

test('the image of ad avails fits into every output, or is 1040 at its setting', async () => {
  expect(
    await look(
      ['white.png'],
      [
        [64, 48],
        [1280, 720],
      ],
    ),
  ).toEqual([]);
  for (const small of [
    [62, 48],
    [64, 46],
  ] as const)
    expect(await look(['white.png'], [[1280, 720], small])).toMatchObject([
      { code: 1040, pointer: '/availBlanking/availBlankingImage' },
    ]);
});

test('a picture too large for the memory of a look is told by its size', async () => {
  expect(await look(['vast.png'])).toMatchObject([
    { code: 1010, location: 's3://inputs/vast.png', mediaFact: expect.stringMatching(/20000x20000 pixels/) },
  ]);
});
