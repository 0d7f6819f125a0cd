/** Documents that name system presets and templates, run without a server as users run them. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watchMedia } from '../engine/watch-media.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { fileOf, writeJob } from './run-report.ts';
import { clip, prepareData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const inputs = [
  {
    FileInput: clip.location,
    AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
  },
];
const presetJob = {
  Inputs: inputs,
  OutputGroups: [
    {
      OutputGroupSettings: {
        Type: 'FILE_GROUP_SETTINGS',
        FileGroupSettings: { Destination: 's3://out/made' },
      },
      Outputs: [
        { Preset: 'System-Generic_Sd_Mp4_Avc_Aac_16x9_192x108p_15Hz_150Kbps', NameModifier: '_small' },
      ],
    },
  ],
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
}, 120_000);
afterAll(() => folder?.[Symbol.asyncDispose]());

describe('without a server', patient, () => {
  test('a job over a system preset makes what the name says', async () => {
    const ran = await openconvert('run', await writeJob(data, presetJob), '--data', data, '--json');
    expect(ran).toMatchObject({ exitCode: 0 });
    const { video, audio } = await watchMedia(fileOf(data, 's3://out/made_small.mp4'));
    expect(video).toMatchObject({ widthPx: 192, heightPx: 108 });
    // 3 s at 15000/1001.
    expect(Math.abs(video.times.length - 45)).toBeLessThanOrEqual(1);
    expect(video.decodeErrors + audio.decodeErrors).toBe(0);
    expect(audio.samples).toBeGreaterThan(2.9 * 48_000);
  });

  test('a job over a system template needs its input and its destination only', async () => {
    const job = {
      JobTemplate: 'System-Ott_Hls_Ts_Avc_Aac',
      Role: 'arn:aws:iam::000000000000:role/MediaConvert_Default_Role',
      Settings: {
        Inputs: inputs,
        OutputGroups: [{ OutputGroupSettings: { HlsGroupSettings: { Destination: 's3://out/hls/main' } } }],
      },
    };
    const checked = await openconvert('check', await writeJob(data, job), '--data', data, '--json');
    expect(checked.exitCode).toBe(0);
    const { plan } = JSON.parse(checked.stdout) as { plan: { videoRenditions: { heightPx: number }[] } };
    expect(plan.videoRenditions.map(({ heightPx }) => heightPx).toSorted((a, b) => a - b)).toEqual([
      270, 360, 360, 540, 720, 720, 720, 1080,
    ]);
  });

  test('--set reaches what the template brought, and may name a preset', async () => {
    const job = await writeJob(data, presetJob);
    const preset = 'System-Generic_Sd_Mp4_Avc_Aac_16x9_320x180p_30Hz_200Kbps';
    const checked = await openconvert(
      'check',
      job,
      '--data',
      data,
      '--json',
      '--set',
      `/outputGroups/0/outputs/0/preset="${preset}"`,
    );
    expect(JSON.parse(checked.stdout)).toMatchObject({ plan: { videoRenditions: [{ widthPx: 320 }] } });
  });

  test('what only a server could know is refused by name, with the place', async () => {
    const job = structuredClone(presetJob) as { OutputGroups: { Outputs: { Preset: string }[] }[] };
    for (const output of job.OutputGroups[0]?.Outputs ?? []) output.Preset = 'Mine';
    const { exitCode, stderr } = await openconvert('run', await writeJob(data, job), '--data', data);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/\/outputGroups\/0\/outputs\/0\/preset[\s\S]*preset was not found: Mine/);
    expect(stderr).toContain('without a server only system presets exist');
    const template = await writeJob(data, { JobTemplate: 'Mine', Settings: { Inputs: inputs } });
    const checked = await openconvert('check', template, '--data', path.join(data), '--json');
    expect(JSON.parse(checked.stdout)).toMatchObject({
      plan: null,
      findings: [{ code: 400, pointer: '/jobTemplate' }],
    });
  });
});
