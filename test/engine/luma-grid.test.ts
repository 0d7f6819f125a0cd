/** Luma of pictures on a grid, whatever their format is. */
import { Frame } from 'node-av/lib';
import { afterEach, expect, it } from 'vitest';
import { watchBlack } from '../../src/engine/black-video.ts';
import { openGenerator } from '../../src/engine/filter-chain.ts';
import { createLumaGrid } from '../../src/engine/luma-grid.ts';

const made: Frame[] = [];
afterEach(() => {
  for (const frame of made.splice(0)) frame.free();
});

const formats = [
  'yuv420p',
  'yuvj420p',
  'yuv422p10le',
  'yuv444p12le',
  'nv12',
  'p010le',
  'gray',
  'rgb24',
  'gbrp10le',
];

it.each(formats)('tells black from dark grey in %s', async (format) => {
  const black = watchBlack();
  black.look(await picture('black', format), 0, 1000);
  black.look(await picture('0x303030', format), 1000, 2000);
  black.look(await picture('black', format), 2000, 2400);
  expect(black.found()).toEqual({ segments: [{ startMs: 0, endMs: 1000 }], insertedMs: 0 });
  black.close();
});

it('leaves black what has a small logo, and dark pictures with much that is bright not', async () => {
  const black = watchBlack();
  const logo = (share: string) =>
    `scale=640:360,drawbox=x=iw/2:y=ih/2:w=iw*${share}:h=ih*${share}:color=white:t=fill`;
  black.look(await picture('black', 'yuv420p', logo('0.1')), 0, 1000);
  black.look(await picture('black', 'yuv420p', logo('0.25')), 1000, 2000);
  black.look(await picture('black', 'yuv420p', logo('0.6')), 2000, 3000);
  black.look(await picture('black', 'yuv420p', logo('0.1')), 3000, 4000);
  expect(black.found().segments).toEqual([
    { startMs: 0, endMs: 1000 },
    { startMs: 3000, endMs: 4000 },
  ]);
  black.close();
});

it('takes full range from the tag where the format does not say it', async () => {
  const black = watchBlack();
  // Luma 30: below a tenth of the limited range, above a tenth of the full one.
  const tagged = await picture('black', 'yuv420p', 'lutyuv=y=30,setparams=range=full');
  black.look(tagged, 0, 1000);
  black.look(await picture('black', 'yuv420p', 'lutyuv=y=30'), 1000, 2000);
  expect(black.found().segments).toEqual([{ startMs: 1000, endMs: 2000 }]);
  black.close();
});

it('has a sample of each part of the picture, and follows a new size', async () => {
  const grid = createLumaGrid(16, 8);
  const left = await picture('black', 'yuv420p', 'drawbox=x=iw/2:y=0:w=iw/2:h=ih:color=white:t=fill');
  const samples = [...(grid.of(left) ?? [])];
  expect(samples).toHaveLength(4 * 4);
  expect(samples.slice(0, 4)).toEqual([16, 16, 235, 235]);
  expect(grid.of(await picture('white', 'yuv420p', 'scale=16:16'))).toHaveLength(2);
  grid.close();
});

async function picture(color: string, format: string, filter = 'null'): Promise<Frame> {
  const generator = openGenerator(
    'video',
    `color=c=${color}:s=64x32:r=1:d=1,format=${format},${filter}[out]`,
  );
  const frame = new Frame();
  frame.alloc();
  made.push(frame);
  await generator.next(frame);
  generator.free();
  return frame;
}
