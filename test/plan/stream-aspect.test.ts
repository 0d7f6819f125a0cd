/** Pixel shapes that a stream or its container cannot say are refused by name, and near ones are told (spec video.md 3). */
import { expect, test } from 'vitest';
import type { ContainerType, VideoCodecSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, fileGroup, jobWith, noticesOf, planOf } from './plan-fixtures.ts';

const blocks = {
  H_264: ['h264Settings', 'MP4', { rateControlMode: 'QVBR', maxBitrate: 2_000_000 }],
  H_265: ['h265Settings', 'MP4', { rateControlMode: 'QVBR', maxBitrate: 2_000_000 }],
  MPEG2: ['mpeg2Settings', 'M2TS', { bitrate: 5_000_000 }],
  VP9: ['vp9Settings', 'WEBM', { bitrate: 2_000_000 }],
  PRORES: ['proresSettings', 'MOV', {}],
} as const;

type Shaped = keyof typeof blocks;

function planned(
  codec: Shaped,
  size: readonly [number, number],
  par: readonly [number, number] | null,
  source = rational(1),
) {
  const [block, container, rate] = blocks[codec];
  const shape = par === null ? {} : { parControl: 'SPECIFIED', parNumerator: par[0], parDenominator: par[1] };
  const codecSettings = { codec, [block]: { ...rate, ...shape } } as VideoCodecSettings;
  const output = {
    containerSettings: { container: container as ContainerType },
    videoDescription: { width: size[0], height: size[1], codecSettings },
  };
  const track = videoTrack({ frameRate: rational(25), sampleAspectRatio: source });
  return planOf(jobWith([fileGroup([output], 's3://out/file')]), hdFacts({ videoTracks: [track] }));
}

test.each([
  ['H_264', [320, 180], [2_147_483_647, 1]],
  ['H_264', [320, 180], [1, 100_000]],
  ['H_264', [320, 180], [100_000, 99_999]],
  ['H_265', [320, 180], [100_000, 70_001]],
  ['PRORES', [320, 180], [2_147_483_647, 2]],
  ['VP9', [320, 180], [1, 100_000]],
  ['MPEG2', [320, 180], [7, 5]],
  ['MPEG2', [720, 576], [3, 4]],
] as const)('%s refuses pixels it cannot tell of: %j, %j', (codec, size, par) => {
  const result = planned(codec, size, par);
  expect(errorsOf(result)).toEqual([expect.stringMatching(/^1040 .*parNumerator/)]);
});

test.each([
  ['H_264', [320, 180], [131_070, 131_068]],
  ['H_265', [720, 576], [64, 45]],
  ['VP9', [720, 576], [12, 11]],
  ['PRORES', [320, 180], [100_000, 99_999]],
  ['MPEG2', [720, 576], [64, 45]],
  ['MPEG2', [1440, 1080], [4, 3]],
  ['MPEG2', [320, 180], [1, 1]],
] as const)('%s takes others as they are: %j, %j', (codec, size, par) => {
  const result = planned(codec, size, par);
  expect(errorsOf(result)).toEqual([]);
  expect(noticesOf(result.findings)).toEqual([]);
  expect(result.plan?.videoRenditions[0]?.sampleAspectRatio).toEqual(rational(par[0], par[1]));
});

test('MPEG-2 tells of pixels for 702 to 711 of 720 samples, and of a source that has pixels of its own', () => {
  const near = planned('MPEG2', [720, 576], [16, 11]);
  expect(errorsOf(near)).toEqual([]);
  expect(noticesOf(near.findings)).toEqual([expect.stringMatching(/substituted .*parNumerator/)]);
  const followed = planned('MPEG2', [320, 180], null, rational(7, 5));
  expect(errorsOf(followed)).toEqual([]);
  expect(noticesOf(followed.findings)).toEqual([expect.stringMatching(/substituted .*parControl/)]);
});

const thinFormats: readonly (readonly [string, VideoCodecSettings, number, number])[] = [
  ['AVC-Intra class 50', { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_50' } }, 1440, 1080],
  ['AVC-Intra class 50', { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_50' } }, 960, 720],
  [
    'XAVC intra class 50',
    {
      codec: 'XAVC',
      xavcSettings: {
        profile: 'XAVC_HD_INTRA_CBG',
        xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_50' },
      },
    },
    1440,
    1080,
  ],
  [
    'XAVC HD',
    {
      codec: 'XAVC',
      xavcSettings: { profile: 'XAVC_HD', xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_25' } },
    },
    1440,
    1080,
  ],
];

test.each(thinFormats)(
  '%s fills its thin raster with a picture of 16:9 (%#)',
  (_, codecSettings, width, height) => {
    const output = {
      containerSettings: { container: 'RAW' as const },
      videoDescription: { width, height, codecSettings },
    };
    const track = videoTrack({ frameRate: rational(25), sampleAspectRatio: rational(1) });
    const result = planOf(jobWith([fileGroup([output], 's3://out/file')]), hdFacts({ videoTracks: [track] }));
    expect(errorsOf(result)).toEqual([]);
    const rendition = result.plan?.videoRenditions[0];
    expect(rendition?.sampleAspectRatio).toEqual(rational(4, 3));
    expect(rendition?.filters.map((step) => step.name)).toContain('scale');
    expect(rendition?.filters.map((step) => step.name)).not.toContain('pad');
  },
);

test('full rasters of the same formats have square pixels', () => {
  const codecSettings = { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } } as const;
  const output = {
    containerSettings: { container: 'RAW' as const },
    videoDescription: { width: 1920, height: 1080, codecSettings },
  };
  const track = videoTrack({ frameRate: rational(25), sampleAspectRatio: rational(1) });
  const result = planOf(jobWith([fileGroup([output], 's3://out/file')]), hdFacts({ videoTracks: [track] }));
  expect(result.plan?.videoRenditions[0]?.sampleAspectRatio).toEqual(rational(1));
});
