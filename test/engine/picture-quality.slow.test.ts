/** Every codec's pictures against the source's, by a measurement of our own, at a rate; and the tables jobs ask for. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerType, VideoCodecSettings } from '../../src/contract/types.generated.ts';
import { type LumaPicture, meanSimilarity, readLuma } from './compare-pictures.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
const sources = new Map<string, readonly LumaPicture[]>();
beforeAll(async () => {
  workshop = openWorkshop();
  const frameRate = { num: 25, den: 1 };
  await workshop.makeClip('small.mp4', { durationSeconds: 1, frameRate, rateFactor: 16 });
  await workshop.makeClip('hd.mp4', {
    durationSeconds: 0.08,
    frameRate,
    widthPx: 1920,
    heightPx: 1080,
    rateFactor: 16,
  });
  for (const key of ['small.mp4', 'hd.mp4']) sources.set(key, readLuma(workshop.inputPath(key)));
});
afterAll(() => workshop.close());

interface Case {
  readonly name: string;
  readonly key: 'small.mp4' | 'hd.mp4';
  readonly container: ContainerType;
  readonly codecSettings: VideoCodecSettings;
  readonly floor: number;
}

const vbr = { rateControlMode: 'VBR', bitrate: 400_000 } as const;
const perFrameMetrics = ['PSNR', 'SSIM'] as const;
const measured = { perFrameMetrics: [...perFrameMetrics] };
const cases: readonly Case[] = [
  {
    name: 'H.264 at 400 kb/s',
    key: 'small.mp4',
    container: 'MP4',
    floor: 0.915,
    codecSettings: { codec: 'H_264', h264Settings: { ...vbr, ...measured } },
  },
  {
    name: 'H.265 at 400 kb/s',
    key: 'small.mp4',
    container: 'MP4',
    floor: 0.93,
    codecSettings: { codec: 'H_265', h265Settings: { ...vbr, ...measured } },
  },
  {
    name: 'AV1 of level 8',
    key: 'small.mp4',
    container: 'MP4',
    floor: 0.94,
    codecSettings: {
      codec: 'AV1',
      av1Settings: {
        rateControlMode: 'QVBR',
        maxBitrate: 1_000_000,
        qvbrSettings: { qvbrQualityLevel: 8 },
        ...measured,
      },
    },
  },
  {
    name: 'VP8 at 400 kb/s',
    key: 'small.mp4',
    container: 'WEBM',
    floor: 0.88,
    codecSettings: { codec: 'VP8', vp8Settings: vbr },
  },
  {
    name: 'VP9 at 400 kb/s',
    key: 'small.mp4',
    container: 'WEBM',
    floor: 0.91,
    codecSettings: { codec: 'VP9', vp9Settings: vbr },
  },
  {
    name: 'MPEG-2 at 2 Mb/s',
    key: 'small.mp4',
    container: 'RAW',
    floor: 0.955,
    codecSettings: {
      codec: 'MPEG2',
      mpeg2Settings: { rateControlMode: 'VBR', bitrate: 2_000_000, ...measured },
    },
  },
  {
    name: 'ProRes 422',
    key: 'small.mp4',
    container: 'MOV',
    floor: 0.975,
    codecSettings: { codec: 'PRORES', proresSettings: { codecProfile: 'APPLE_PRORES_422', ...measured } },
  },
  {
    name: 'VC-3 220',
    key: 'hd.mp4',
    container: 'RAW',
    floor: 0.975,
    codecSettings: { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_220_10BIT' } },
  },
  {
    name: 'AVC-Intra 100',
    key: 'hd.mp4',
    container: 'RAW',
    floor: 0.96,
    codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100', ...measured } },
  },
  {
    name: 'XAVC HD intra 100',
    key: 'hd.mp4',
    container: 'RAW',
    floor: 0.96,
    codecSettings: {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_HD_INTRA_CBG',
        xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_100' },
        ...measured,
      },
    },
  },
  {
    name: 'XAVC HD 25',
    key: 'hd.mp4',
    container: 'RAW',
    floor: 0.99,
    codecSettings: {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_HD',
        xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_25' },
        ...measured,
      },
    },
  },
  {
    name: 'uncompressed',
    key: 'small.mp4',
    container: 'Y4M',
    floor: 1,
    codecSettings: { codec: 'UNCOMPRESSED', uncompressedSettings: { fourcc: 'I420' } },
  },
];

describe('pictures are those of the source, and tables say how alike', () => {
  it.each(cases)('$name', { timeout: 60_000 }, async ({ key, container, codecSettings, floor }) => {
    const { path, plan } = await runVideoJob(workshop, { key, video: { codecSettings }, container });
    const source = sources.get(key) ?? [];
    const pictures = readLuma(path);
    expect(pictures).toHaveLength(source.length);
    const mean = meanSimilarity(source, pictures);
    expect(mean).toBeGreaterThanOrEqual(floor);
    // Pictures of another instant would pass no floor.
    if (source.length > 3) expect(meanSimilarity(source.slice(1), pictures)).toBeLessThan(mean - 0.01);
    if ((plan.videoRenditions[0]?.frameMetrics ?? []).length === 0) return;
    for (const metric of perFrameMetrics) {
      const file = path.replace(/\.[^.]*$/, `_${metric}.csv`);
      expect(existsSync(file), file).toBe(true);
      const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1);
      expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(source.map((_, at) => at));
      const values = rows.map((row) => Number(row.split(',')[1]));
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      // The table's figure counts the colour planes too.
      if (metric === 'SSIM') expect(Math.abs(average - mean)).toBeLessThan(0.012);
      else expect(average).toBeGreaterThan(33);
    }
  });
});
