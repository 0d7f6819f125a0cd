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

test.each([
  ['SINGLE_PASS', undefined, '0'],
  ['SINGLE_PASS', 'DEFAULT', '1'],
  ['SINGLE_PASS', 'OFF', '0'],
  ['SINGLE_PASS_HQ', undefined, '1'],
  ['SINGLE_PASS_HQ', 'OFF', '0'],
] as const)('%s with sample adaptive offset %s: sao=%s', (qualityTuningLevel, mode, sao) => {
  const asked = {
    qualityTuningLevel,
    ...(mode === undefined ? {} : { sampleAdaptiveOffsetFilterMode: mode }),
  };
  expect(encoderParameters(onlyVideo(mustPlan(mp4Job(h265Video(asked)))))).toMatchObject({ sao });
});

test.each([
  ['SINGLE_PASS', undefined, '0'],
  ['SINGLE_PASS', 'ADAPTIVE', '1'],
  ['SINGLE_PASS', 'STATIC', '0'],
  ['SINGLE_PASS_HQ', undefined, '1'],
  ['SINGLE_PASS_HQ', 'STATIC', '0'],
  ['MULTI_PASS_HQ', 'ADAPTIVE', '2'],
] as const)('%s with a sub-GOP %s: b-adapt=%s', (qualityTuningLevel, dynamicSubGop, placement) => {
  const asked = { qualityTuningLevel, ...(dynamicSubGop === undefined ? {} : { dynamicSubGop }) };
  expect(encoderParameters(onlyVideo(mustPlan(mp4Job(h265Video(asked)))))).toMatchObject({
    'b-adapt': placement,
  });
});

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
