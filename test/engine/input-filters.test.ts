/** Filters of inputs and conversions between unlike inputs act on real pictures (spec inputs.md 9, 11). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeNumberedClip } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { watchMedia } from './watch-media.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
/** Speckles that a denoiser removes: their number is what is measured. */
const speckled = (frame: number, { widthPx, heightPx }: { widthPx: number; heightPx: number }): Buffer => {
  const luma = Buffer.alloc(widthPx * heightPx, 100);
  for (let index = 0; index < luma.length; index += 1)
    luma[index] = 100 + ((index * 7919 + frame * 104_729) % 13) - 6;
  return Buffer.concat([luma, Buffer.alloc(luma.length / 2, 128)]);
};
/** A step from 64 to 192 with one colour. */
const coloured = (_frame: number, { widthPx, heightPx }: { widthPx: number; heightPx: number }): Buffer => {
  const chroma = Buffer.alloc((widthPx * heightPx) / 4, 90);
  return Buffer.concat([Buffer.alloc(widthPx * heightPx, 120), chroma, Buffer.alloc(chroma.length, 200)]);
};

beforeAll(() => {
  workshop = openWorkshop();
  const lossless = { preset: 'ultrafast', qp: '4' };
  const make = (key: string, video: object) =>
    makeNumberedClip(workshop.inputPath(key), { frames: 10, frameRate: [25, 1], audio: null, video });
  make('noise.mov', { draw: speckled, options: lossless });
  make('mpeg.mov', { draw: speckled, encoder: 'mpeg2video', options: {}, bitrateBps: 9_000_000 });
  make('hd.mov', { draw: coloured, options: lossless, color: { primaries: 1, transfer: 1, matrix: 1 } });
  make('sd.mov', { draw: coloured, options: lossless, color: { primaries: 5, transfer: 6, matrix: 5 } });
  make('hdr.mov', { draw: coloured, options: lossless, color: { primaries: 9, transfer: 16, matrix: 9 } });
});
afterAll(() => workshop.close());

/** Mean difference between neighbours in the output's first picture. */
async function roughness(key: string, changes: object): Promise<number> {
  const { groups } = await runSettings(workshop, oneOutput([inputOf(key, changes)], { hasAudio: false }));
  return roughnessOf(groups[0]?.outputs[0]?.locations[0] ?? '');
}

async function roughnessOf(location: string): Promise<number> {
  const media = await watchMedia(workshop.outputPath(location.replace('s3://outputs/', '')));
  return media.video.roughness ?? 0;
}

it.each([
  ['denoise', 'noise.mov', { filterEnable: 'FORCE', filterStrength: 5, denoiseFilter: 'ENABLED' }],
  ['deblock', 'mpeg.mov', { filterEnable: 'FORCE', filterStrength: 5, deblockFilter: 'ENABLED' }],
  ['advanced', 'noise.mov', { filterEnable: 'FORCE', filterStrength: 5, advancedInputFilter: 'ENABLED' }],
])('%s smooths', async (_name, key, changes) => {
  const plain = await roughness(key, {});
  expect(plain).toBeGreaterThan(2);
  expect(await roughness(key, changes)).toBeLessThan(plain * 0.97);
});

it('sharpening and texture roughen what the advanced filter smoothed', async () => {
  const advanced = { filterEnable: 'FORCE', filterStrength: 3, advancedInputFilter: 'ENABLED' } as const;
  const smooth = await roughness('noise.mov', advanced);
  const settings = { sharpening: 'HIGH', addTexture: 'ENABLED' } as const;
  expect(
    await roughness('noise.mov', { ...advanced, advancedInputFilterSettings: settings }),
  ).toBeGreaterThan(smooth);
});

it('colours of a further input become those of the followed one', async () => {
  const run = async (second: string) => {
    const settings = oneOutput([inputOf('hd.mov'), inputOf(second)], { hasAudio: false });
    const { groups, media } = await runSettings(workshop, settings);
    expect(media.pictures).toHaveLength(20);
    const location = groups[0]?.outputs[0]?.locations[0] ?? '';
    const { video } = await watchMedia(workshop.outputPath(location.replace('s3://outputs/', '')));
    return video.chroma.map(([u, v]) => [Math.round(u), Math.round(v)]);
  };
  const same = await run('hd.mov');
  expect(same[15]).toEqual(same[5]);
  // The same numbers mean other colours in 601 than in 709, and in PQ than in gamma.
  const standard = await run('sd.mov');
  expect(Math.abs((standard[15]?.[0] ?? 0) - (standard[5]?.[0] ?? 0))).toBeGreaterThan(1);
  const high = await run('hdr.mov');
  expect(high[15]).not.toEqual(high[5]);
});
