/** Where pictures go through filters: on the event loop, or in the thread pool from the first one where calls may be slow. */
import { writeFileSync } from 'node:fs';
import { FilterContext } from 'node-av/lib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { H264Settings, VideoDescription } from '../../src/contract/types.generated.ts';
import { hasQuickFilters } from '../../src/engine/quick-filters.ts';
import { planVideoJob, runVideoJob, type VideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.4, frameRate: { num: 25, den: 1 } });
  const corners = Array.from({ length: 8 }, (_, index) => `${index & 1} ${(index >> 1) & 1} ${index >> 2}`);
  writeFileSync(workshop.inputPath('same.cube'), ['LUT_3D_SIZE 2', ...corners].join('\n'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => workshop.close());

function jobOf(
  settings: Partial<H264Settings>,
  description: Partial<VideoDescription> = {},
  changes: VideoJob['changes'] = {},
): VideoJob {
  const h264Settings = { rateControlMode: 'QVBR', maxBitrate: 2_000_000, ...settings } as const;
  return {
    key: 'clip.mp4',
    video: { width: 160, height: 90, ...description, codecSettings: { codec: 'H_264', h264Settings } },
    changes,
  };
}

const at50 = (framerateConversionAlgorithm: H264Settings['framerateConversionAlgorithm']): VideoJob =>
  jobOf({
    framerateControl: 'SPECIFIED',
    framerateNumerator: 50,
    framerateDenominator: 1,
    framerateConversionAlgorithm,
  });
const corrected = { colorCorrector: { colorSpaceConversion: 'FORCE_601' } } as const;
const hdrToSdr = { colorCorrector: { colorSpaceConversion: 'FORCE_709' } } as const;

describe('pictures of a single encode', () => {
  it.each([
    ['of another size', jobOf({}), ['scale'], 'loop'],
    ['at another rate by repetition', at50('DUPLICATE_DROP'), ['scale'], 'loop'],
    ['at another rate by motion', at50('FRAMEFORMER'), ['minterpolate'], 'pool'],
    ['at another rate by blending', at50('INTERPOLATE'), ['framerate'], 'pool'],
    ['of other colours', jobOf({}, { videoPreprocessors: corrected }), ['zscale'], 'pool'],
    [
      'of another dynamic range',
      jobOf(
        {},
        { videoPreprocessors: hdrToSdr },
        {
          inputs: [
            {
              fileInput: 's3://inputs/clip.mp4',
              timecodeSource: 'ZEROBASED',
              videoSelector: { colorSpace: 'HLG_2020', colorSpaceUsage: 'FORCE' },
            },
          ],
        },
      ),
      ['zscale'],
      'pool',
    ],
    [
      'through a 3D LUT',
      jobOf(
        {},
        { videoPreprocessors: hdrToSdr },
        { colorConversion3DLUTSettings: [{ fileInput: 's3://inputs/same.cube' }] },
      ),
      ['lut3d'],
      'pool',
    ],
  ] as const)('%s', { timeout: 60_000 }, async (_, job, names, place) => {
    const pooled = vi.spyOn(FilterContext.prototype, 'buffersrcAddFrame');
    const { plan } = await runVideoJob(workshop, job);
    const [rendition] = plan.videoRenditions;
    expect(rendition?.filters.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
    const pictures = (calls: readonly unknown[][]): number =>
      calls.filter(([frame]) => frame !== null).length;
    // All of them: nobody could stop a first call that takes long.
    expect(pictures(pooled.mock.calls)).toBe(place === 'pool' ? 10 : 0);
  });
});

it('pictures above 1080 lines are not tried there', async () => {
  const { plan } = await planVideoJob(workshop, jobOf({}));
  const rendition = plan.videoRenditions[0];
  if (rendition === undefined) throw new Error('the plan has no rendition');
  const isQuick = (widthPx: number, heightPx: number): boolean =>
    hasQuickFilters({ ...rendition, widthPx, heightPx });
  expect([isQuick(1920, 1080), isQuick(1088, 1920), isQuick(2048, 1080), isQuick(3840, 2160)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
