/** Levels of MPEG-2: the lowest that has pictures, rate and buffer, and what a level by name refuses (spec video.md 9). */
import { expect, test } from 'vitest';
import type { Mpeg2Settings, VideoDescription } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, fileGroup, jobWith, mustPlan, noticesOf, onlyVideo, planOf } from './plan-fixtures.ts';

const at25 = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25) })] });

function job(mpeg2Settings: Mpeg2Settings, size: Pick<VideoDescription, 'width' | 'height'>) {
  const videoDescription: VideoDescription = { ...size, codecSettings: { codec: 'MPEG2', mpeg2Settings } };
  return jobWith([
    fileGroup([{ containerSettings: { container: 'RAW' }, videoDescription }], 's3://out/file'),
  ]);
}

test.each([
  ['8 Mb/s of small pictures', { bitrate: 8_000_000 }, { width: 320, height: 180 }, '8', 1_835_008],
  ['20 Mb/s of 576 lines', { bitrate: 20_000_000 }, { width: 720, height: 576 }, '6', 7_340_032],
  ['a peak of 70 Mb/s', { bitrate: 9e6, maxBitrate: 7e7 }, { width: 720, height: 576 }, '4', 9_781_248],
  ['a large buffer', { bitrate: 3e6, hrdBufferSize: 2e6 }, { width: 720, height: 576 }, '6', 2_000_000],
])('an automatic level goes up until it has %s', (_what, mpeg2Settings, size, level, bufferSizeBits) => {
  const { encoder } = onlyVideo(mustPlan(job(mpeg2Settings, size), at25));
  expect(encoder.options.level).toBe(level);
  expect(encoder).toMatchObject({ bitrateBps: mpeg2Settings.bitrate, bufferSizeBits });
});

test('a level by name refuses the rate and the buffer that it does not allow, and tells of a lower peak', () => {
  const result = (mpeg2Settings: object) =>
    planOf(job({ bitrate: 8_000_000, ...mpeg2Settings }, { width: 320, height: 180 }), at25);
  expect(errorsOf(result({ codecLevel: 'LOW' }))).toEqual([
    expect.stringContaining('level LOW allows 4000000'),
  ]);
  expect(errorsOf(result({ codecLevel: 'MAIN', hrdBufferSize: 2_000_000 }))).toHaveLength(1);
  expect(errorsOf(result({ bitrate: 81_000_000 }))).toEqual([
    expect.stringContaining('level HIGH allows 80000000'),
  ]);
  const peak = result({ codecLevel: 'MAIN', maxBitrate: 20_000_000 });
  expect(noticesOf(peak.findings)).toEqual([expect.stringMatching(/substituted .*maxBitrate/)]);
  expect(onlyVideo(peak.plan ?? expect.fail('no plan')).encoder.maxBitrateBps).toBe(15_000_000);
  const buffer = result({ hrdBufferSize: 40_000_000 });
  expect(noticesOf(buffer.findings)).toEqual([expect.stringMatching(/substituted .*hrdBufferSize/)]);
  expect(onlyVideo(buffer.plan ?? expect.fail('no plan')).encoder.bufferSizeBits).toBe(9_781_248);
});
