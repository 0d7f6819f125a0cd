/** Presets and job templates as their users meet them: through SDK, boto3, AWS CLI, `import` and `export`. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  CreateJobCommand,
  CreateJobTemplateCommand,
  CreatePresetCommand,
  GetJobCommand,
  MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/cli/api-target.ts';
import type { JsonObject } from '../../src/database/job-repository.ts';
import { watchMedia } from '../engine/watch-media.ts';
import { openconvert, type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { fileOf, writeJob } from './run-report.ts';
import { clip, mp4Settings, prepareData, role } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const run = promisify(execFile);
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'thing',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let server: RunningServer;
let client: MediaConvertClient;
let jobId: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  server = await startServer(data);
  client = new MediaConvertClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
  });
}, 120_000);
afterAll(async () => {
  client?.destroy();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

/** GetJob as it travels, without a model in between. */
async function rawJob(id: string): Promise<JsonObject> {
  await using target = await openTarget({ endpoint: server.url, data });
  const answer = await target.call('GetJob', { id });
  if (answer.isRefused) throw new Error(answer.message);
  return answer.body['job'] as JsonObject;
}

describe('templates on a server', patient, () => {
  test('a job over a template and a preset runs as both say', async () => {
    const [group] = mp4Settings().OutputGroups;
    const [{ ContainerSettings, VideoDescription, AudioDescriptions }] = group.Outputs;
    await client.send(
      new CreatePresetCommand({
        Name: 'Tiny',
        Settings: { ContainerSettings, VideoDescription, AudioDescriptions: [...AudioDescriptions] },
      }),
    );
    await client.send(
      new CreateJobTemplateCommand({
        Name: 'One tiny file',
        Settings: {
          OutputGroups: [
            {
              OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: {} },
              Outputs: [{ Preset: 'Tiny', NameModifier: '_tiny' }],
            },
          ],
        },
      }),
    );
    const { Job } = await client.send(
      new CreateJobCommand({
        Role: role,
        JobTemplate: 'One tiny file',
        Settings: {
          Inputs: [
            {
              FileInput: clip.location,
              AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
            },
          ],
          OutputGroups: [
            { OutputGroupSettings: { FileGroupSettings: { Destination: 's3://out/made' } } },
          ] as never,
        },
      }),
    );
    jobId = Job?.Id ?? '';
    await server.logged('attempt ended', (line) => line['jobId'] === jobId);
    const { video } = await watchMedia(fileOf(data, 's3://out/made_tiny.mp4'));
    expect(video).toMatchObject({ widthPx: 160, heightPx: 90 });
    expect(video.times).toHaveLength(clip.frames);
  });

  test('GetJob tells where the output is and what was measured, and the SDK does not mind', async () => {
    const job = await rawJob(jobId);
    const size = (await readFile(fileOf(data, 's3://out/made_tiny.mp4'))).length;
    expect(job['openconvert']).toMatchObject({
      outputGroups: [
        {
          type: 'FILE_GROUP',
          outputs: [
            {
              outputFilePaths: ['s3://out/made_tiny.mp4'],
              durationInMs: clip.durationMs,
              videoDetails: { widthInPx: 160, heightInPx: 90, averageBitrate: expect.any(Number) },
              objectCount: 1,
              sizeInBytes: size,
              video: { frames: clip.frames },
              audio: [{ sampleRate: 48_000 }],
              verdict: { isSound: true, defects: [] },
            },
          ],
        },
      ],
    });
    const { Job } = await client.send(new GetJobCommand({ Id: jobId }));
    expect(Job?.Status).toBe('COMPLETE');
    expect(Object.keys(Job ?? {}).map((name) => name.toLowerCase())).not.toContain('openconvert');
  });

  test('boto3 and the AWS CLI do not mind either, and list what is there', async () => {
    const script = `import boto3, json
client = boto3.client('mediaconvert', endpoint_url='${server.url}')
job = client.get_job(Id='${jobId}')['Job']
names = [p['Name'] for p in client.list_presets()['Presets']]
print(json.dumps({'status': job['Status'], 'members': sorted(job), 'names': names}))`;
    const boto = await run('python3', ['-c', script], { env: environment }).catch((error: Error) => error);
    if (boto instanceof Error && /No module named|ENOENT/.test(boto.message))
      console.log('skipped: boto3 is not installed (pip install boto3)');
    else if (boto instanceof Error) throw boto;
    else {
      const told = JSON.parse(boto.stdout);
      expect(told).toMatchObject({ status: 'COMPLETE', names: ['Tiny'] });
      expect(told.members).not.toContain('openconvert');
    }
    const call = ['mediaconvert', 'get-job', '--id', jobId, '--endpoint-url', server.url, '--output', 'json'];
    const cli = await run('aws', call, { env: environment }).catch((error: Error) => error);
    if (cli instanceof Error && /ENOENT|not found/.test(cli.message))
      console.log('skipped: the AWS CLI is not installed (pip install awscli)');
    else if (cli instanceof Error) throw cli;
    else expect(JSON.parse(cli.stdout).Job.Status).toBe('COMPLETE');
  });

  test('import and export carry items between a running server and a data folder', async () => {
    const exported = await openconvert('export', '--endpoint', server.url);
    expect(exported.exitCode).toBe(0);
    expect(JSON.parse(exported.stdout)).toMatchObject({
      Presets: [{ Name: 'Tiny', Settings: { ContainerSettings: { Container: 'MP4' } } }],
      JobTemplates: [{ Name: 'One tiny file', Priority: 0 }],
    });
    const file = path.join(data, 'items.json');
    await writeFile(file, exported.stdout);
    await using other = await temporaryFolder();
    const imported = await openconvert('import', file, '--data', other.path);
    expect(imported).toMatchObject({
      exitCode: 0,
      stdout: 'preset Tiny created\njob template One tiny file created\n',
    });
    const again = await openconvert('import', file, '--data', other.path);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('preset Tiny refused: ConflictException');
    const replaced = await openconvert('import', file, '--data', other.path, '--replace');
    expect(replaced.stdout).toContain('preset Tiny replaced');
    const back = await openconvert('export', '--data', other.path);
    expect(JSON.parse(back.stdout)).toEqual(JSON.parse(exported.stdout));
  });

  test('import tells what it cannot do, and loses nothing of the rest', async () => {
    const document = {
      Presets: [
        { Name: 'Wrong', Settings: { ContainerSettings: { Container: 'MP5' } } },
        { Name: 'Right', Settings: { ContainerSettings: { Container: 'MP4' } } },
        { Name: 'System-Mine', Settings: {} },
      ],
    };
    const file = await writeJob(data, document);
    const mixed = await openconvert('import', file, '--endpoint', server.url);
    expect(mixed).toMatchObject({ exitCode: 1, stdout: 'preset Right created\n' });
    expect(mixed.stderr).toMatch(/preset Wrong refused: BadRequestException: \/containerSettings\/container/);
    expect(mixed.stderr).toContain('System-Mine: system items are everywhere already');
    const locked = await openconvert('import', file, '--data', data);
    expect(locked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--endpoint') });
    const nobody = await openconvert('export', '--endpoint', 'http://127.0.0.1:9');
    expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('does not answer') });
    const system = 'System-Avc_16x9_720p_29_97fps_5000kbps';
    const one = await openconvert('export', '--endpoint', server.url, '--preset', system);
    expect(JSON.parse(one.stdout)).toMatchObject({ Name: system, Category: 'HLS' });
  });
});
