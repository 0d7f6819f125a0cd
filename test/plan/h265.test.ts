/** H.265 settings as encoder options (spec video.md 6). */
import { expect, test } from 'vitest';
import {
  encoderParameters,
  errorsOf,
  h265Video,
  mp4Job,
  mustPlan,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

test('profile, tier, loop filters and layers', () => {
  const video = onlyVideo(
    mustPlan(
      mp4Job(
        h265Video({
          codecProfile: 'MAIN10_HIGH',
          deblocking: 'DISABLED',
          sampleAdaptiveOffsetFilterMode: 'ADAPTIVE',
          temporalIds: 'ENABLED',
          writeMp4PackagingType: 'HVC1',
        }),
      ),
    ),
  );
  expect(video).toMatchObject({
    pixelFormat: 'yuv420p10le',
    encoder: { codecTag: 'hvc1', options: { profile: 'main10' } },
  });
  expect(encoderParameters(video)).toMatchObject({
    'high-tier': '1',
    deblock: 'false',
    'selective-sao': '2',
    'temporal-layers': '3',
  });
  expect(encoderParameters(video)['repeat-headers']).toBeUndefined();
});

const named = { sampleAdaptiveOffsetFilterMode: 'DEFAULT', dynamicSubGop: 'ADAPTIVE' } as const;
const off = { sampleAdaptiveOffsetFilterMode: 'OFF', dynamicSubGop: 'STATIC' } as const;

test.each([
  ['SINGLE_PASS', {}, { sao: '0', 'b-adapt': '0' }],
  ['SINGLE_PASS', named, { sao: '1', 'b-adapt': '1' }],
  ['SINGLE_PASS', off, { sao: '0', 'b-adapt': '0' }],
  ['SINGLE_PASS_HQ', {}, { sao: '1', 'b-adapt': '0' }],
  ['SINGLE_PASS_HQ', named, { sao: '1', 'b-adapt': '1' }],
  ['SINGLE_PASS_HQ', off, { sao: '0', 'b-adapt': '0' }],
  ['MULTI_PASS_HQ', named, { sao: '1', 'b-adapt': '2' }],
] as const)(
  '%s has its own loop filter and B-frames unless the job names them: %j',
  (level, asked, parameters) => {
    const video = onlyVideo(mustPlan(mp4Job(h265Video({ ...asked, qualityTuningLevel: level }))));
    expect(encoderParameters(video)).toMatchObject(parameters);
  },
);

test('a level too low for the picture is refused', () => {
  expect(errorsOf(planOf(mp4Job(h265Video({ codecLevel: 'LEVEL_3' }))))).toEqual([
    expect.stringContaining('selected resolution'),
  ]);
});

test('tiles are refused by name', () => {
  expect(errorsOf(planOf(mp4Job(h265Video({ tiles: 'ENABLED' }))))).toEqual([
    expect.stringContaining('the encoder has no tiles'),
  ]);
});
