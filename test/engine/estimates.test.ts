/** What plans say of bytes against what comes out, for formats that have one rate: probe, plan and engine of real clips. */
import { statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AudioDescription } from '../../src/contract/types.generated.ts';
import { planVideoJob, runVideoJob, type VideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1, frameRate: { num: 25, den: 1 } });
});
afterAll(() => workshop.close());

const hd720 = { width: 1280, height: 720 } as const;
const jobs: readonly (readonly [string, Omit<VideoJob, 'key'>])[] = [
  [
    'VC-3',
    {
      container: 'MXF',
      video: { ...hd720, codecSettings: { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_145_8BIT' } } },
    },
  ],
  [
    'AVC-Intra',
    {
      container: 'RAW',
      video: {
        width: 960,
        height: 720,
        codecSettings: { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_50' } },
      },
    },
  ],
  [
    'uncompressed pictures',
    { container: 'Y4M', video: { codecSettings: { codec: 'UNCOMPRESSED', uncompressedSettings: {} } } },
  ],
  [
    'a transport stream of constant rate',
    {
      container: 'M2TS',
      containerSettings: { m2tsSettings: { rateMode: 'CBR', bitrate: 3_000_000 } },
      video: {
        codecSettings: {
          codec: 'H_264',
          h264Settings: { rateControlMode: 'CBR', bitrate: 1_000_000, qualityTuningLevel: 'SINGLE_PASS' },
        },
      },
    },
  ],
  ['video that passes through', { container: 'MP4', video: { codecSettings: { codec: 'PASSTHROUGH' } } }],
];

test.each(jobs)('%s: estimated within half as much again', async (_name, job) => {
  const { plan, path } = await runVideoJob(workshop, { key: 'clip.mp4', ...job });
  const ratio = (plan.estimate.outputBytes ?? 0) / statSync(path).size;
  expect(ratio).toBeGreaterThan(1 / 1.5);
  expect(ratio).toBeLessThan(1.5);
});

test.each([
  ['WAV', { codec: 'WAV', wavSettings: { bitDepth: 24, channels: 2, sampleRate: 48_000 } }, 1.05],
  ['AIFF', { codec: 'AIFF', aiffSettings: { bitDepth: 16, channels: 1, sampleRate: 44_100 } }, 1.05],
  ['MP2', { codec: 'MP2', mp2Settings: { bitrate: 192_000 } }, 1.1],
] as const)('sound as %s', async (_name, codecSettings, within) => {
  const audio: AudioDescription = { audioSourceName: 'Audio Selector 1', codecSettings };
  const output = { containerSettings: { container: 'RAW' }, audioDescriptions: [audio] } as const;
  const { plan } = await planVideoJob(workshop, {
    key: 'clip.mp4',
    video: {},
    changes: {
      inputs: [
        {
          fileInput: 's3://inputs/clip.mp4',
          audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
        },
      ],
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'FILE_GROUP_SETTINGS',
            fileGroupSettings: { destination: `s3://outputs/sound-${codecSettings.codec}` },
          },
          outputs: [output],
        },
      ],
    },
  });
  const { groups } = await workshop.run(plan, { byPath: true });
  const location = groups[0]?.outputs[0]?.locations[0] ?? '';
  const made = statSync(workshop.outputPath(location.replace('s3://outputs/', ''))).size;
  const ratio = (plan.estimate.outputBytes ?? 0) / made;
  expect(ratio).toBeGreaterThan(1 / within);
  expect(ratio).toBeLessThan(within);
});
