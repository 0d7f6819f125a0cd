/** Thumbnails and key frame tracks as planned: sizes, instants, names, and what cannot be. */
import { describe, expect, test } from 'vitest';
import type { HlsGroupSettings, JobSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { ImageTrackPlan } from '../../src/plan/streaming-plan.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, h264Video, jobWith, mustPlan, noticesOf, planOf } from './plan-fixtures.ts';

const facts = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25) })] });

type Settings = Pick<
  HlsGroupSettings,
  'imageBasedTrickPlay' | 'imageBasedTrickPlaySettings' | 'imageBasedTrickPlayVariants'
>;

function hlsJob(settings: Settings, video = h264Video({ gopSizeUnits: 'SECONDS', gopSize: 2 })): JobSettings {
  return jobWith([
    {
      outputGroupSettings: {
        type: 'HLS_GROUP_SETTINGS',
        hlsGroupSettings: {
          destination: 's3://out/vod/clip',
          segmentLength: 6,
          minSegmentLength: 0,
          ...settings,
        },
      },
      outputs: [{ nameModifier: '_a', containerSettings: { container: 'M3U8' }, videoDescription: video }],
    },
  ]);
}

function imagesOf(job: JobSettings): readonly ImageTrackPlan[] {
  const [group] = mustPlan(job, facts).outputGroups;
  return group !== undefined && 'images' in group ? (group.images ?? []) : [];
}

describe('thumbnails of fields', () => {
  const namesOf = (video: Parameters<typeof hlsJob>[1], scan: 'progressive' | 'top-field-first') => {
    const source = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25), scan })] });
    const [, picture] = mustPlan(hlsJob({ imageBasedTrickPlay: 'THUMBNAIL' }, video), source).videoRenditions;
    return picture?.filters.map(({ name }) => name) ?? [];
  };
  const gop = { gopSizeUnits: 'SECONDS', gopSize: 2 } as const;
  const fields = { ...gop, interlaceMode: 'TOP_FIELD' } as const;
  const deinterlacer = { videoPreprocessors: { deinterlacer: {} } };
  const half = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 2 } as const;
  const woven = { ...fields, ...half, scanTypeConversionMode: 'INTERLACED_OPTIMIZE' } as const;

  test.each([
    ['that are kept', fields, {}, 'top-field-first', true],
    ['in progressive pictures', gop, {}, 'top-field-first', true],
    ['that are woven', woven, {}, 'progressive', true],
    ['of one instant', fields, {}, 'progressive', false],
    ['of none', gop, {}, 'progressive', false],
    ['that are gone, which are marked as whole', gop, deinterlacer, 'top-field-first', true],
  ] as const)('%s', (_, settings, changes, scan, isDeinterlaced) => {
    const names = namesOf(h264Video(settings, changes), scan);
    // Behind the choice of pictures, before they are shrunk for the last time.
    expect(names.includes('estdif')).toBe(isDeinterlaced);
    if (isDeinterlaced) expect(names[names.indexOf('fps') + 1]).toBe('estdif');
    expect(names.lastIndexOf('scale')).toBeGreaterThan(names.indexOf('estdif'));
  });
});

describe('image-based trick play', () => {
  test('takes a picture at every key frame, 312 pixels wide, nine on a sheet', () => {
    const job = hlsJob({ imageBasedTrickPlay: 'THUMBNAIL' });
    expect(imagesOf(job)).toEqual([
      {
        videoRenditionId: 'video-2',
        pointer: '/outputGroups/0/outputGroupSettings/hlsGroupSettings/imageBasedTrickPlay',
        location: 's3://out/vod/Thumbnail_%09d.jpg',
        playlistLocation: 's3://out/vod/clip_Thumbnail_I-Frame.m3u8',
        widthPx: 312,
        heightPx: 176,
        columns: 3,
        rows: 3,
        intervalSeconds: rational(2),
      },
    ]);
    const [, picture] = mustPlan(job, facts).videoRenditions;
    expect(picture).toMatchObject({ frameRate: rational(1, 2), encoder: { encoder: 'rawvideo' } });
    // Pictures are chosen before anything is done to them.
    expect(picture?.filters[0]).toEqual({
      name: 'fps',
      options: { fps: '1/2', start_time: '0', round: 'up' },
    });
  });

  test('adds whole pictures of the output, one a file', () => {
    const [, whole] = imagesOf(hlsJob({ imageBasedTrickPlay: 'THUMBNAIL_AND_FULLFRAME' }));
    expect(whole).toMatchObject({
      location: 's3://out/vod/FullImage_%09d.jpg',
      playlistLocation: 's3://out/vod/clip_FullImage_I-Frame.m3u8',
      columns: 1,
      rows: 1,
    });
  });

  test.each([
    [{ intervalCadence: 'FOLLOW_CUSTOM', thumbnailInterval: 1.49 }, rational(37, 25), 3],
    [{ intervalCadence: 'FOLLOW_CUSTOM', thumbnailInterval: 0 }, rational(1, 25), 3],
    [{ intervalCadence: 'FOLLOW_SEGMENTATION' }, rational(6), 1],
    [{ intervalCadence: 'FOLLOW_IFRAME', tileWidth: 5 }, rational(2), 5],
  ] as const)('with %j comes every %j seconds', (imageBasedTrickPlaySettings, intervalSeconds, columns) => {
    const [track] = imagesOf(hlsJob({ imageBasedTrickPlay: 'ADVANCED', imageBasedTrickPlaySettings }));
    expect(track).toMatchObject({ intervalSeconds, columns });
  });

  test('gives variants names of their own', () => {
    const variant = { intervalCadence: 'FOLLOW_IFRAME', thumbnailWidth: 160 } as const;
    const names = imagesOf(
      hlsJob({
        imageBasedTrickPlay: 'VARIANTS',
        imageBasedTrickPlayVariants: [
          { ...variant, thumbnailHeight: 90 },
          { ...variant, thumbnailWidth: 320 },
          { ...variant, thumbnailHeight: 90, tileWidth: 1 },
        ],
      }),
    ).map(({ location }) => location);
    expect(names).toEqual([
      's3://out/vod/Thumbnail_160x90_%09d.jpg',
      's3://out/vod/Thumbnail_320x180_%09d.jpg',
      's3://out/vod/Thumbnail_160x90_2_%09d.jpg',
    ]);
  });

  test('refuses sheets that JPEG or the service cannot hold, when the height follows the output', () => {
    const refused = (imageBasedTrickPlaySettings: Settings['imageBasedTrickPlaySettings']) =>
      errorsOf(planOf(hlsJob({ imageBasedTrickPlay: 'ADVANCED', imageBasedTrickPlaySettings }), facts));
    expect(refused({ thumbnailWidth: 312, tileWidth: 512 })).toEqual([
      expect.stringContaining('wider than JPEG'),
    ]);
    expect(refused({ thumbnailWidth: 312, tileHeight: 24 })).toEqual([
      expect.stringContaining('taller than 4096'),
    ]);
  });

  test('lets two groups of one folder share their images, and says so', () => {
    const job = hlsJob({ imageBasedTrickPlay: 'THUMBNAIL' });
    const other = hlsJob({ imageBasedTrickPlay: 'THUMBNAIL' });
    const renamed = JSON.parse(JSON.stringify(other.outputGroups).replaceAll('vod/clip', 'vod/other'));
    const { plan, findings } = planOf(
      { ...job, outputGroups: [...(job.outputGroups ?? []), ...renamed] },
      facts,
    );
    expect(plan).not.toBeNull();
    expect(noticesOf(findings)).toContain(
      'substituted /outputGroups/1/outputGroupSettings/hlsGroupSettings/imageBasedTrickPlay',
    );
  });
});

test('a DASH group gets a track of its key frames, named as asked', () => {
  const job = (segmentControl: 'SEGMENTED_FILES' | 'SINGLE_FILE') =>
    jobWith([
      {
        outputGroupSettings: {
          type: 'DASH_ISO_GROUP_SETTINGS',
          dashIsoGroupSettings: {
            destination: 's3://out/vod/clip',
            segmentLength: 6,
            segmentControl,
            dashIFrameTrickPlayNameModifier: '_keys_$h$',
          },
        },
        outputs: [
          {
            nameModifier: '_a',
            containerSettings: { container: 'MPD' },
            videoDescription: h264Video({}, { width: 640, height: 360 }),
          },
        ],
      },
    ]);
  const trackOf = (segmentControl: 'SEGMENTED_FILES' | 'SINGLE_FILE') => {
    const [group] = mustPlan(job(segmentControl), facts).outputGroups;
    return group?.type === 'DASH_ISO_GROUP' ? group.keyFrameTrack : undefined;
  };
  expect(trackOf('SEGMENTED_FILES')).toMatchObject({
    videoRenditionId: 'video-1',
    initLocation: 's3://out/vod/clip_keys_360init.mp4',
    segmentLocation: 's3://out/vod/clip_keys_360_%09d.mp4',
    isKeyFramesOnly: true,
  });
  expect(trackOf('SINGLE_FILE')).toMatchObject({
    initLocation: null,
    segmentLocation: 's3://out/vod/clip_keys_360.mp4',
  });
});
