/** Captured pictures and thumbnails of interlaced inputs: each shows one instant, without combs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeClip } from '../../bench/engine-bench.ts';
import type { Deinterlacer, H264Settings, VideoDescription } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from '../plan/facts-fixtures.ts';
import { h264Video, hlsGroup, jobWith, mustPlan } from '../plan/plan-fixtures.ts';
import { combedSamples, picturesOf } from './generated-pictures.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const moving = 'testsrc2=s=320x180:r=50:d=0.8,format=yuv420p';
const woven = `${moving},interlace=scan=tff:lowpass=off`;

describe('captured pictures of an interlaced file', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = openWorkshop();
    await encodeClip(workshop.inputPath('moving.mp4'), moving, 50);
    const optimized = { interlaceMode: 'TOP_FIELD', scanTypeConversionMode: 'INTERLACED_OPTIMIZE' } as const;
    const rate = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
    const video = h264Video({ ...optimized, ...rate, bitrate: 5_000_000 });
    const { path } = await runVideoJob(workshop, { key: 'moving.mp4', video });
    workshop.adopt(path, 'fields.mp4');
  });
  afterAll(() => workshop.close());

  const captured = async (deinterlacer: Deinterlacer | null) => {
    const frameCaptureSettings = { framerateNumerator: 25, framerateDenominator: 1, maxCaptures: 12 };
    const video: VideoDescription = {
      codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings },
      ...(deinterlacer === null ? {} : { videoPreprocessors: { deinterlacer } }),
    };
    const { path, findings } = await runVideoJob(workshop, { key: 'fields.mp4', video, container: 'RAW' });
    const [picture] = await picturesOf(`movie=${path}`, []);
    const told = findings.filter(({ message }) => message.includes('a captured picture shows one instant'));
    return { combs: picture === undefined ? Number.NaN : combedSamples(picture), told: told.length };
  };

  it('have no combs, which the job is told; a deinterlacer of its own decides by itself', async () => {
    const source = await picturesOf(`movie=${workshop.inputPath('fields.mp4')}`, []);
    expect(Math.max(...source.map(combedSamples))).toBeGreaterThan(200);
    const usual = await captured(null);
    expect(usual.combs).toBeLessThan(20);
    expect(usual.told).toBe(1);
    expect((await captured({ algorithm: 'BLEND' })).told).toBe(0);
  });
});

describe('thumbnails', () => {
  /** Whole pictures beside an output, made of the given ones. */
  const imagesOf = async (source: string, settings: Partial<H264Settings>) => {
    const track = videoTrack({
      widthPx: 320,
      heightPx: 180,
      frameRate: rational(25),
      scan: 'top-field-first',
    });
    const output = {
      nameModifier: '_a',
      containerSettings: { container: 'M3U8' },
      videoDescription: h264Video({ gopSizeUnits: 'FRAMES', gopSize: 5, ...settings }),
    } as const;
    const group = hlsGroup([output], { imageBasedTrickPlay: 'THUMBNAIL_AND_FULLFRAME' });
    const plan = mustPlan(jobWith([group]), hdFacts({ videoTracks: [track] }));
    return picturesOf(source, plan.videoRenditions.at(-1)?.filters ?? []);
  };

  it.each([
    ['that keep their fields', { interlaceMode: 'FOLLOW_TOP_FIELD' }],
    ['that do not', {}],
  ] as const)('of pictures %s have no combs', async (_, settings) => {
    const pictures = await imagesOf(woven, settings);
    expect(pictures).toHaveLength(4);
    expect(Math.max(...pictures.map(combedSamples))).toBeLessThan(20);
  });

  it('of pictures in one piece stay as they are', async () => {
    const film = 'testsrc2=s=320x180:r=25:d=0.8,format=yuv420p';
    const [before, after] = [await picturesOf(film, []), await imagesOf(film, {})];
    expect(after).toHaveLength(4);
    const meanDifference = (luma: Uint8Array, other: Uint8Array | undefined): number =>
      luma.reduce((sum, sample, at) => sum + Math.abs(sample - (other?.[at] ?? 0)), 0) / luma.length;
    const limited = (luma: Uint8Array | undefined) => luma?.map((sample) => ((sample - 16) * 255) / 219);
    for (const [at, { luma }] of after.entries())
      expect(meanDifference(luma, limited(before[5 * at]?.luma))).toBeLessThan(3);
  });
});
