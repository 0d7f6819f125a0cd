/** Whole plans of typical jobs, kept as files to be read and reviewed (style 5). */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  fileGroup,
  h264Video,
  h265Video,
  hlsGroup,
  jobWith,
  mp4Job,
  mp4Output,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const quality = { rateControlMode: 'QVBR', bitrate: undefined } as const;

const segment = (nameModifier: string, widthPx: number, heightPx: number, maxBitrate: number) => ({
  nameModifier,
  containerSettings: { container: 'M3U8', m3u8Settings: {} } as const,
  videoDescription: h264Video(
    {
      ...quality,
      maxBitrate,
      qvbrSettings: { qvbrQualityLevel: 7 },
      gopSize: 2,
      gopSizeUnits: 'SECONDS',
      minIInterval: 0,
    },
    { width: widthPx, height: heightPx },
  ),
});

const jobs: readonly (readonly [string, JobSettings, InputFacts])[] = [
  ['mp4-follow-source', mp4Job(h264Video()), hdFacts()],
  [
    'hls-ladder',
    jobWith([
      hlsGroup([
        segment('_1080p', 1920, 1080, 6_000_000),
        segment('_720p', 1280, 720, 3_000_000),
        segment('_360p', 640, 360, 800_000),
        {
          nameModifier: '_audio',
          containerSettings: { container: 'M3U8' },
          audioDescriptions: [{ ...stereo, streamName: 'English' }],
          outputSettings: {
            hlsSettings: { audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT', audioGroupId: 'audio' },
          },
        },
      ]),
    ]),
    hdFacts(),
  ],
  [
    'mp4-and-pictures-from-a-phone',
    jobWith(
      [
        fileGroup([
          mp4Output(
            h265Video(
              { ...quality, maxBitrate: 2_000_000, qualityTuningLevel: 'SINGLE_PASS_HQ' },
              { width: 720 },
            ),
          ),
        ]),
        fileGroup(
          [
            {
              nameModifier: '_poster',
              containerSettings: { container: 'RAW' },
              videoDescription: {
                width: 360,
                codecSettings: {
                  codec: 'FRAME_CAPTURE',
                  frameCaptureSettings: {
                    framerateNumerator: 1,
                    framerateDenominator: 10,
                    maxCaptures: 3,
                    quality: 90,
                  },
                },
              },
            },
          ],
          's3://out/posters/$d$/',
        ),
      ],
      {
        inputs: [
          {
            fileInput: 's3://in/IMG_0042.MOV',
            videoSelector: { rotate: 'AUTO' },
            audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
          },
        ],
      },
    ),
    hdFacts({
      location: 's3://in/IMG_0042.MOV',
      container: 'quicktime',
      videoTracks: [
        videoTrack({
          rotationDegrees: 90,
          isVariableFrameRate: true,
          frameRate: rational(2971, 100),
          frameCount: 1784,
          colorPrimaries: null,
        }),
      ],
      audioTracks: [audioTrack({ channels: 1, channelLayout: 'mono', sampleRateHz: 44100, language: null })],
    }),
  ],
  [
    'two-pass-and-raw-sound',
    jobWith([
      fileGroup(
        [
          mp4Output(
            h264Video({
              rateControlMode: 'VBR',
              bitrate: 4_000_000,
              maxBitrate: 6_000_000,
              qualityTuningLevel: 'MULTI_PASS_HQ',
              codecProfile: 'HIGH',
              codecLevel: 'LEVEL_4_1',
            }),
            { nameModifier: '_$h$_$rc$' },
          ),
          { nameModifier: '_sound', containerSettings: { container: 'RAW' }, audioDescriptions: [stereo] },
        ],
        's3://out/$fn$/copy',
      ),
    ]),
    hdFacts({ audioTracks: [audioTrack({ channels: 6, channelLayout: '5.1(side)' })] }),
  ],
];

/** `UPDATE_GOLDEN=1` writes the files instead of comparing; read the difference before keeping it. */
const isUpdating = process.env['UPDATE_GOLDEN'] === '1';

test.each(jobs)('the plan of %s', (name, settings, facts) => {
  const { plan, findings } = planOf(settings, facts);
  const file = new URL(`golden/${name}.json`, import.meta.url);
  if (isUpdating) writeFileSync(file, `${JSON.stringify({ plan, findings }, null, 2)}\n`);
  expect({ plan, findings }).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

test('a plan is frozen all the way down', () => {
  const { plan } = planOf(mp4Job(h264Video()));
  const isFrozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  expect(plan).not.toBeNull();
  expect(isFrozen(plan)).toBe(true);
});

test('planning twice gives the same bytes', () => {
  for (const [, settings, facts] of jobs) {
    expect(JSON.stringify(planOf(settings, facts))).toBe(
      JSON.stringify(planOf(structuredClone(settings), facts)),
    );
  }
});
