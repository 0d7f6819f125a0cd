/** File groups: MP4, raw streams, pictures, names, collisions (spec containers.md 4, 11; naming.md 2, 4, 7, 10). */
import { describe, expect, test } from 'vitest';
import type {
  JobSettings,
  Mp4Settings,
  Output,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { FileOutput } from '../../src/plan/group-plan.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  h265Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  onlyVideo,
  planOf,
  stereo,
} from './plan-fixtures.ts';

function outputsOf(job: JobSettings, facts = hdFacts()): readonly FileOutput[] {
  return mustPlan(job, facts).outputGroups.flatMap((group) =>
    group.type === 'FILE_GROUP' ? group.outputs : [],
  );
}

const mp4 = (mp4Settings: Mp4Settings) =>
  outputsOf(mp4Job(h264Video(), { containerSettings: { container: 'MP4', mp4Settings } }))[0];

describe('MP4', () => {
  test('the index in front, composition shifts signalled', () => {
    expect(mp4({})).toMatchObject({
      muxer: 'mp4',
      muxerOptions: { movflags: '+faststart', cslg: '1' },
      contentType: 'video/mp4',
      needsScratch: true,
      location: 's3://out/folder/film.mp4',
    });
  });

  test('everything given', () => {
    const settings = {
      moovPlacement: 'NORMAL',
      cslgAtom: 'INCLUDE',
      cttsVersion: 1,
      freeSpaceBox: 'INCLUDE',
      mp4MajorBrand: 'mp42',
    } as const;
    expect(mp4(settings)?.muxerOptions).toEqual({
      movflags: '+negative_cts_offsets',
      brand: 'mp42',
      cslg: '1',
      free_space_box: '1',
    });
    expect(mp4({ cslgAtom: 'EXCLUDE' })?.muxerOptions).toEqual({ movflags: '+faststart' });
  });

  test('sound alone is an audio object', () => {
    const output: Output = {
      containerSettings: { container: 'MP4' },
      audioDescriptions: [stereo],
      extension: 'm4a',
    };
    expect(outputsOf(jobWith([fileGroup([output])]))[0]).toMatchObject({
      contentType: 'audio/mp4',
      location: 's3://out/folder/film.m4a',
    });
  });

  test.each([
    ['EMBEDDED', {}, '10:00:00;12', '10:00:00;12'],
    ['EMBEDDED, nothing embedded', {}, null, '00:00:00;00'],
    ['ZEROBASED', { source: 'ZEROBASED' }, '10:00:00;12', '00:00:00;00'],
    ['SPECIFIEDSTART', { source: 'SPECIFIEDSTART', start: '01:01:00:00' }, null, '01:01:00;02'],
  ] as const)('a timecode track starts at %s', (_name, timecodeConfig, startTimecode, written) => {
    const job = { ...mp4Job(h264Video({}, { timecodeTrack: 'ENABLED' })), timecodeConfig };
    expect(outputsOf(job, hdFacts({ startTimecode }))[0]?.muxerOptions.timecode).toBe(written);
  });

  test('timecodes inserted into ProRes are its track', () => {
    const videoDescription = (changes: object) => ({
      codecSettings: { codec: 'PRORES' as const, proresSettings: {} },
      ...changes,
    });
    const written = (changes: object) => {
      const output = {
        containerSettings: { container: 'MOV' },
        videoDescription: videoDescription(changes),
      } as Output;
      return outputsOf(jobWith([fileGroup([output])]))[0]?.muxerOptions.timecode;
    };
    expect(written({ timecodeInsertion: 'PIC_TIMING_SEI' })).toBe('00:00:00;00');
    expect(written({})).toBeUndefined();
  });

  test('drop-frame only where it exists and is wanted', () => {
    const timecode = (settings: object, changes: object) =>
      outputsOf(mp4Job(h264Video(settings, { timecodeTrack: 'ENABLED', ...changes })))[0]?.muxerOptions
        .timecode;
    const rate = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 };
    expect(timecode({}, { dropFrameTimecode: 'DISABLED' })).toBe('00:00:00:00');
    expect(timecode(rate, {})).toBe('00:00:00:00');
  });
});

describe('raw streams and pictures', () => {
  const raw = (output: Partial<Output>) =>
    outputsOf(
      jobWith([
        fileGroup([
          { containerSettings: { container: 'RAW' }, ...output },
          mp4Output(h264Video(), { nameModifier: '_m' }),
        ]),
      ]),
    )[0];

  test('H.264, H.265 and AAC', () => {
    expect(raw({ videoDescription: h264Video() })).toMatchObject({
      muxer: 'h264',
      location: 's3://out/folder/film.h264',
      needsScratch: false,
    });
    expect(raw({ videoDescription: h265Video() })).toMatchObject({
      muxer: 'hevc',
      location: 's3://out/folder/film.h265',
    });
    expect(raw({ audioDescriptions: [stereo] })).toMatchObject({
      muxer: 'adts',
      location: 's3://out/folder/film.aac',
      muxerOptions: {},
    });
  });

  test('AAC in LATM, or with MPEG-2 headers', () => {
    const framed = (settings: object) =>
      ({
        ...stereo,
        codecSettings: { codec: 'AAC', aacSettings: { ...stereo.codecSettings?.aacSettings, ...settings } },
      }) as const;
    expect(raw({ audioDescriptions: [framed({ rawFormat: 'LATM_LOAS' })] })?.muxer).toBe('latm');
    expect(raw({ audioDescriptions: [framed({ specification: 'MPEG2' })] })?.muxerOptions).toEqual({
      write_mpeg2: '1',
    });
  });

  test('pictures are numbered, one every so many seconds', () => {
    const frameCaptureSettings = {
      framerateNumerator: 1,
      framerateDenominator: 5,
      maxCaptures: 4,
      quality: 100,
    };
    const capture = raw({
      videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings } },
      nameModifier: '_t',
    });
    expect(capture).toMatchObject({
      container: 'FRAME_CAPTURE',
      muxer: null,
      location: 's3://out/folder/film_t.%07d.jpg',
      contentType: 'image/jpeg',
    });
  });

  test('a capture moves the source by an interval less a frame, and takes what begins in each interval', () => {
    const job = jobWith([
      fileGroup([
        mp4Output(h264Video(), { nameModifier: '_m' }),
        {
          nameModifier: '_t',
          containerSettings: { container: 'RAW' },
          videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE' } },
        },
      ]),
    ]);
    const capture = mustPlan(job).videoRenditions[1];
    expect(capture).toMatchObject({
      frameLimit: 10_000_000,
      pixelFormat: 'yuvj420p',
      encoder: { encoder: 'mjpeg', options: { qmin: '8', qmax: '8' } },
    });
    expect(capture?.filters.slice(0, 3)).toEqual([
      { name: 'settb', options: { expr: '1/90000' } },
      { name: 'setpts', options: { expr: 'PTS+(86997)' } },
      { name: 'fps', options: { fps: '1/1', start_time: '0', round: 'down' } },
    ]);
  });
});

describe('captured pictures of oblong samples', () => {
  const wide = hdFacts({
    videoTracks: [videoTrack({ widthPx: 720, heightPx: 576, sampleAspectRatio: rational(64, 45) })],
  });
  const sizeOf = (size: Partial<VideoDescription>) => {
    const codecSettings = { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } as const;
    const output = { containerSettings: { container: 'RAW' }, videoDescription: { ...size, codecSettings } };
    const { widthPx, heightPx } = onlyVideo(mustPlan(jobWith([fileGroup([output as Output])]), wide));
    return `${widthPx}x${heightPx}`;
  };

  test.each([
    [{}, '1024x576'],
    [{ height: 288 }, '512x288'],
    [{ width: 720, height: 576 }, '720x576'],
  ])('%o are %s', (size, expected) => expect(sizeOf(size)).toBe(expected));
});

describe('names and collisions', () => {
  test('identifiers know the finished output', () => {
    const output = mp4Output(h264Video({ bitrate: 4_500_000 }, { width: 1280, height: 720 }), {
      nameModifier: '_$w$x$h$_$rv$_$ra$_$f$',
    });
    expect(outputsOf(jobWith([fileGroup([output])]))[0]?.location).toBe(
      's3://out/folder/film_1280x720_4500_128_29.mp4',
    );
  });

  test('two outputs of one name are refused', () => {
    const groups = [fileGroup([mp4Output(h264Video())]), fileGroup([mp4Output(h265Video())])];
    expect(errorsOf(planOf(jobWith(groups)))).toEqual([
      '1040 Duplicate output paths [s3://out/folder/film.mp4] found in input job.',
    ]);
  });

  test('names that the service makes itself count as well: tables of metrics, numbered pictures', () => {
    const picture: Output = {
      nameModifier: '_b',
      containerSettings: { container: 'RAW' },
      videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } },
    };
    const measured = mp4Output(h264Video({ perFrameMetrics: ['PSNR'] }), { nameModifier: '_a' });
    const named = (nameModifier: string, extension: string) =>
      mp4Output(h265Video(), { nameModifier, extension });
    const errors = (outputs: readonly Output[]) => errorsOf(planOf(jobWith([fileGroup(outputs)])));
    expect(errors([measured, named('_a_PSNR', 'csv')])).toEqual([
      '1040 Duplicate output paths [s3://out/folder/film_a_PSNR.csv] found in input job.',
    ]);
    expect(errors([picture, named('_b.0000000', 'jpg')])).toEqual([
      '1040 Duplicate output paths [s3://out/folder/film_b.0000000.jpg] found in input job.',
    ]);
    expect(errors([picture, named('_b.000000', 'jpg')])).toEqual([]);
    expect(errors([measured, named('_a_SSIM', 'csv')])).toEqual([]);
  });

  test('a codec without a bit rate has none in its name', () => {
    const output: Output = {
      nameModifier: '_$rv$',
      containerSettings: { container: 'MOV' },
      videoDescription: { codecSettings: { codec: 'PRORES', proresSettings: {} } },
    };
    expect(outputsOf(jobWith([fileGroup([output])]))[0]?.location).toBe('s3://out/folder/film_0.mov');
  });

  test('an output never replaces the input', () => {
    expect(errorsOf(planOf(jobWith([fileGroup([mp4Output(h264Video())], 's3://in/')])))).toEqual([
      '1040 Duplicate input and output path [s3://in/film.mp4] found in job.',
    ]);
  });

  test('headers of objects', () => {
    const s3Settings = {
      accessControl: { cannedAcl: 'PUBLIC_READ' },
      storageClass: 'STANDARD_IA',
      encryption: {
        encryptionType: 'SERVER_SIDE_ENCRYPTION_KMS',
        kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/k',
      },
    } as const;
    const group = {
      outputGroupSettings: {
        type: 'FILE_GROUP_SETTINGS',
        fileGroupSettings: { destination: 's3://out/a', destinationSettings: { s3Settings } },
      },
      outputs: [mp4Output(h264Video())],
    } as const;
    expect(mustPlan(jobWith([group])).outputGroups[0]?.objectSettings).toEqual({
      cannedAcl: 'public-read',
      storageClass: 'STANDARD_IA',
      encryption: { type: 'aws:kms', keyArn: 'arn:aws:kms:us-east-1:111122223333:key/k', context: null },
    });
  });
});
