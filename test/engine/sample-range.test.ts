/** Inputs whose samples have different ranges, in outputs of one range: measured on the pictures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoDescription, VideoSelector } from '../../src/contract/types.generated.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.4, frameRate: { num: 25, den: 1 } });
});
afterAll(() => workshop.close());

type Range = NonNullable<VideoSelector['sampleRange']>;

const codecs = {
  H_264: { codec: 'H_264', h264Settings: { rateControlMode: 'QVBR', maxBitrate: 20_000_000 } },
  MPEG2: { codec: 'MPEG2', mpeg2Settings: { bitrate: 3_900_000 } },
  PRORES: { codec: 'PRORES', proresSettings: {} },
} as const;

/** Mean luma of the first picture of each input: the same samples, taken for one range or the other. */
async function meansOf(
  ranges: readonly Range[],
  codec: keyof typeof codecs,
  videoPreprocessors: VideoDescription['videoPreprocessors'] = {},
): Promise<readonly number[]> {
  const { path } = await runVideoJob(workshop, {
    key: 'clip.mp4',
    video: { codecSettings: codecs[codec], videoPreprocessors } as VideoDescription,
    container: 'MOV',
    changes: {
      inputs: ranges.map((sampleRange) => ({
        fileInput: 's3://inputs/clip.mp4',
        timecodeSource: 'ZEROBASED',
        videoSelector: { sampleRange },
      })),
    },
  });
  const { regions, format } = watchPictures(path, { x: 0, y: 0, width: 320, height: 180 });
  const scale = format.includes('10') ? 4 : 1;
  return ranges.map((_, index) => {
    const samples = regions[10 * index] ?? [];
    return samples.reduce((sum, sample) => sum + sample, 0) / samples.length / scale;
  });
}

const squeezed = (mean: number): number => 16 + (mean * 219) / 255;
const stretched = (mean: number): number => ((mean - 16) * 255) / 219;

describe('joined inputs of different range', () => {
  it('are limited behind limited ones and full behind full ones', async () => {
    const [limited = 0, fullAsLimited = 0] = await meansOf(['LIMITED_RANGE', 'FULL_RANGE'], 'H_264');
    expect(Math.abs(fullAsLimited - squeezed(limited))).toBeLessThan(1.5);
    const [full = 0, limitedAsFull = 0] = await meansOf(['FULL_RANGE', 'LIMITED_RANGE'], 'H_264');
    expect(Math.abs(limitedAsFull - stretched(full))).toBeLessThan(1.5);
  });

  it('are cut to limited range as each has them', async () => {
    const clip = { colorCorrector: { sampleRangeConversion: 'LIMITED_RANGE_CLIP' } } as const;
    const [full = 0, limited = 0] = await meansOf(['FULL_RANGE', 'LIMITED_RANGE'], 'H_264', clip);
    expect(Math.abs(full - limited)).toBeLessThan(1);
  });
});

it.each(['MPEG2', 'PRORES'] as const)(
  'full range is made limited for %s, which cannot say it',
  async (codec) => {
    const [limited = 0] = await meansOf(['LIMITED_RANGE'], codec);
    const [full = 0] = await meansOf(['FULL_RANGE'], codec);
    expect(Math.abs(full - squeezed(limited))).toBeLessThan(1.5);
  },
);
