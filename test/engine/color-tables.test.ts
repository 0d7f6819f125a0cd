/** 3D LUTs in the place of conversions: chosen by the pair of colours, fetched, applied, refused when they are none. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColorConversion3DLUTSetting, JobSettings } from '../../src/contract/types.generated.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

type Point = readonly [number, number, number];

/** A table of the corners of the cube; red runs fastest. */
function cube(map: (point: Point) => Point): string {
  const corners = Array.from({ length: 8 }, (_, index): Point => [index & 1, (index >> 1) & 1, index >> 2]);
  return ['LUT_3D_SIZE 2', ...corners.map((corner) => map(corner).join(' '))].join('\n');
}

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.2, frameRate: { num: 25, den: 1 } });
  writeFileSync(
    workshop.inputPath('same.cube'),
    cube((point) => point),
  );
  writeFileSync(
    workshop.inputPath('negative.cube'),
    cube(([r, g, b]) => [1 - r, 1 - g, 1 - b]),
  );
  writeFileSync(workshop.inputPath('short.cube'), 'LUT_3D_SIZE 2\n0 0 0\n1 1 1\n');
  writeFileSync(workshop.inputPath('film.cube'), 'a film about cubes');
  writeFileSync(workshop.inputPath('lines.cube'), '\n'.repeat(4_000_000));
});
afterAll(() => workshop.close());

const pair = { inputColorSpace: 'REC_709', outputColorSpace: 'REC_709' } as const;
const codecSettings = {
  codec: 'H_264',
  h264Settings: { rateControlMode: 'QVBR', maxBitrate: 8_000_000, qualityTuningLevel: 'SINGLE_PASS' },
} as const;
const video = {
  codecSettings,
  videoPreprocessors: { colorCorrector: { colorSpaceConversion: 'FORCE_709' } },
} as const;

function jobOf(luts: readonly ColorConversion3DLUTSetting[]): {
  readonly key: string;
  readonly video: typeof video;
  readonly changes: Partial<JobSettings>;
} {
  return {
    key: 'clip.mp4',
    video,
    changes: {
      inputs: [
        {
          fileInput: 's3://inputs/clip.mp4',
          timecodeSource: 'ZEROBASED',
          videoSelector: { colorSpace: 'REC_709' },
        },
      ],
      colorConversion3DLUTSettings: luts,
    },
  };
}

const lut = (
  name: string,
  changes: Partial<ColorConversion3DLUTSetting> = {},
): ColorConversion3DLUTSetting => ({
  fileInput: `s3://inputs/${name}.cube`,
  ...pair,
  ...changes,
});

const meanWith = async (luts: readonly ColorConversion3DLUTSetting[]): Promise<number> =>
  watchPictures((await runVideoJob(workshop, jobOf(luts))).path).mean;

describe('a table', () => {
  it('of equal colours changes nothing; one of opposite colours turns the picture over', async () => {
    const plain = await meanWith([]);
    expect(Math.abs((await meanWith([lut('same')])) - plain)).toBeLessThanOrEqual(1);
    // Luma of the negative: what is left to white from black, 16 to 235.
    expect(Math.abs((await meanWith([lut('negative')])) - (251 - plain))).toBeLessThanOrEqual(2);
  });

  it('that names both colours goes before one that names none; one for other colours is left alone', async () => {
    const plain = await meanWith([]);
    const any = lut('negative', { inputColorSpace: 'FOLLOW', outputColorSpace: 'FOLLOW' });
    const other = lut('negative', { outputColorSpace: 'REC_601' });
    expect(Math.abs((await meanWith([any, lut('same')])) - plain)).toBeLessThanOrEqual(1);
    expect(Math.abs((await meanWith([other])) - plain)).toBeLessThanOrEqual(1);
    expect((await meanWith([any])) - plain).toBeLessThan(-10);
  });

  it('is kept beside the plan by its location, and leaves nothing behind', async () => {
    const { plan } = await planVideoJob(workshop, jobOf([lut('same')]));
    const [step] = plan.videoRenditions[0]?.filters.filter(({ name }) => name === 'lut3d') ?? [];
    expect(step?.options['file']).toBe('s3://inputs/same.cube');
  });

  it.each([
    ['short', /has 2 points.*has 8/],
    ['film', /does not say the size/],
    ['lines', /does not say the size/],
  ])('%s is none: 1010', async (name, text) => {
    await expect(runVideoJob(workshop, jobOf([lut(name)]))).rejects.toMatchObject({
      record: { code: 1010, message: expect.stringMatching(text) },
    });
  });

  it('that is not there has the fault of its place', async () => {
    await expect(runVideoJob(workshop, jobOf([lut('nowhere')]))).rejects.toMatchObject({
      record: { code: 1404 },
    });
  });
});
