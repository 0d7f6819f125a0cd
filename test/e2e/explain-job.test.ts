/** The story of a job from a running server and from a data folder, and CreateJob's dry run over the real SDK. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateJobCommand,
  GetJobCommand,
  ListJobsCommand,
  MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { placeOf } from '../probe/box-surgery.ts';
import { askDryRun, type DryAnswer } from './dry-run.ts';
import { openconvert, type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { changed, filesBelow } from './run-report.ts';
import { clip, mp4Settings, prepareData, role } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const output = '/OutputGroups/0/Outputs/0';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let server: RunningServer;
let client: MediaConvertClient;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  const bytes = await readFile(media('clip.mp4'));
  await writeFile(media('cut.mp4'), bytes.subarray(0, placeOf(bytes, 'moov').start));
  server = await startServer(data);
  client = clientOf(server.url);
}, 120_000);

afterAll(async () => {
  client?.destroy();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

describe('the story of a job', patient, () => {
  test('is the same from the server and from the folder it left: guilty setting, found fact, what to change', async () => {
    const broken = await endedJob(
      changed(mp4Settings('s3://out/broken'), { '/Inputs/0/FileInput': 's3://media/cut.mp4' }),
    );
    const refused = await endedJob(
      changed(mp4Settings('s3://media/clip'), {
        [`${output}/VideoDescription/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 },
      }),
    );
    const sound = await endedJob(mp4Settings('s3://out/sound'));

    const text = await explained(broken, '--endpoint', server.url);
    expect(text).toContain(`Job ${broken} is ERROR: 1075`);
    expect(text).toMatch(
      /Attempts\n {2}1 {2}\S+Z {2}ERROR in PROBING after 0:0\d: 1075 Unable to open input file/,
    );
    expect(text).toContain('Probed\n  nothing: no attempt got through the inputs');
    expect(text).toContain('setting   /inputs/0/fileInput = "s3://media/cut.mp4"');
    expect(text).toMatch(/What to do\n {2}remedy {4}\S.*\n {2}who acts {2}whoever submits the job/);

    const story = await diagnosed(refused, '--endpoint', server.url);
    expect(story).toMatchObject({
      status: 'ERROR',
      attempts: [{ number: 1, outcome: 'ERROR', errorCode: 1040 }],
      probed: [{ id: 1, uri: clip.location, video: [{ codec: 'H_264', width: 320, height: 180 }] }],
      guilt: {
        code: 1040,
        pointer: expect.stringContaining('/'),
        component: 'planner',
        remedy: expect.any(String),
      },
      findings: [{ severity: 'error', code: 1040 }],
      outputs: [],
    });
    expect(story.findings[0]?.message).not.toBe(story.guilt?.message);

    expect(await explained(sound, '--endpoint', server.url)).toMatch(
      /is COMPLETE[\s\S]*video 1 {2}H_264 320×180 30 fps[\s\S]*Outputs\n {2}s3:\/\/out\/sound\.mp4 {2}0:03, checked and sound/,
    );
    const locked = await openconvert('explain', '--job', broken, '--data', data);
    expect(locked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--endpoint') });
    await server.stop();
    try {
      expect(await explained(broken, '--data', data)).toBe(text);
      expect(await diagnosed(refused, '--data', data)).toEqual(story);
    } finally {
      server = await startServer(data);
      client.destroy();
      client = clientOf(server.url);
    }
  });

  test('of a job that does not exist is a sentence and exit code 2, and makes no folder', async () => {
    for (const id of ['1700000000000-abcdef', 'nonsense'])
      expect(await openconvert('explain', '--job', id, '--endpoint', server.url)).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining(`The specified job was not found: jobId=${id}.`),
      });
    const nowhere = path.join(data, 'nowhere');
    expect(await openconvert('explain', '--job', '1700000000000-abcdef', '--data', nowhere)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no server has run with the data folder'),
    });
    expect(await filesBelow(nowhere)).toEqual([]);
    expect(await openconvert('explain', '1404', '--job', 'x')).toMatchObject({ exitCode: 2 });
    expect(await openconvert('explain')).toMatchObject({ exitCode: 2 });
  });
});

describe('the dry run of CreateJob', patient, () => {
  test('of a job that can run gives its price, and stores, writes and runs nothing', async () => {
    const before = await jobIds();
    const { status, body, job } = await dryRun(mp4Settings('s3://out/dry'));
    expect(status).toBe(200);
    expect(body.openconvert).toMatchObject({
      dryRun: true,
      canRun: true,
      findings: [],
      estimate: { memoryBytes: expect.any(Number), wallMs: expect.any(Number) },
    });
    expect(job).toMatchObject({ Role: role, Messages: { Info: [], Warning: [] } });
    expect(job).not.toHaveProperty('Id');
    expect(job).not.toHaveProperty('ErrorCode');
    expect(await jobIds()).toEqual(before);
    expect(
      (await filesBelow(path.join(data, 'buckets', 'out'))).filter((file) => file.includes('dry')),
    ).toEqual([]);
    expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]);
  });

  test('has the code, text and place that the job itself ends with', async () => {
    for (const settings of [
      changed(mp4Settings(), { '/Inputs/0/FileInput': 's3://media/none.mp4' }),
      changed(mp4Settings(), { '/Inputs/0/FileInput': 's3://media/cut.mp4' }),
      mp4Settings('s3://media/clip'),
      mp4Settings('s3://no-such-bucket/x'),
    ]) {
      const { body, job } = await dryRun(settings);
      const id = await endedJob(settings);
      const { Job } = await client.send(new GetJobCommand({ Id: id }));
      const { guilt } = await diagnosed(id, '--endpoint', server.url);
      expect({ code: job['ErrorCode'], message: job['ErrorMessage'] }).toEqual({
        code: Job?.ErrorCode,
        message: Job?.ErrorMessage,
      });
      expect(body.openconvert).toMatchObject({ canRun: false, estimate: null });
      expect(body.openconvert.findings).toContainEqual(
        expect.objectContaining({ severity: 'error', code: guilt?.code, pointer: guilt?.pointer ?? '' }),
      );
    }
  });

  test('names everything that is wrong, also what CreateJob answers with 400', async () => {
    const { body, job } = await dryRun(
      changed(mp4Settings('s3://media/clip'), {
        [`${output}/VideoDescription/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 },
      }),
    );
    expect(body.openconvert.findings).toMatchObject([
      { code: 1040, template: 'position-outside' },
      { code: 1040, template: 'input-equals-output' },
    ]);
    expect(job).toMatchObject({ Messages: { Warning: [expect.any(String), expect.any(String)] } });
    const invalid = changed(mp4Settings(), {
      [`${output}/VideoDescription/Width`]: 5,
      [`${output}/ContainerSettings/Container`]: 'AVI',
    });
    const { status, body: second, job: told } = await dryRun(invalid);
    const refusal = await client.send(command(invalid)).catch((error: Error) => error);
    expect(status).toBe(200);
    const places = ['videoDescription/width', 'containerSettings/container'];
    for (const place of places)
      expect(second.openconvert.findings).toContainEqual(
        expect.objectContaining({ code: 400, pointer: `/outputGroups/0/outputs/0/${place}` }),
      );
    expect(told).toMatchObject({ ErrorCode: 400, ErrorMessage: (refusal as Error).message });
  });

  test('is refused as CreateJob is where something it names is missing', async () => {
    const lost = { Role: role, Settings: mp4Settings() as never };
    for (const missing of [
      { Queue: 'Nowhere' },
      { JobTemplate: 'None' },
      { HopDestinations: [{ Queue: 'Gone', WaitMinutes: 1 }] },
    ])
      await expect(dry(new CreateJobCommand({ ...lost, ...missing }))).rejects.toMatchObject({
        name: 'NotFoundException',
      });
  });

  test('is nothing that another operation ignores: it is refused there, as are other values of the header', async () => {
    const ask = (method: string, resource: string, value: string) =>
      fetch(`${server.url}/2017-08-29/${resource}`, { method, headers: { 'x-openconvert-dry-run': value } });
    const deletion = await ask('DELETE', 'queues/Default', 'true');
    expect(deletion.status).toBe(403);
    const { status, message } = (await dry(new ListJobsCommand({}) as never).catch(
      (error: Error & { $metadata: { httpStatusCode: number } }) => ({
        status: error.$metadata.httpStatusCode,
        message: error.message,
      }),
    )) as { status: number; message: string };
    expect({ status, message }).toEqual({ status: 400, message: 'ListJobs has no dry run.' });
    await expect(dry(command(mp4Settings()), 'maybe')).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'The header x-openconvert-dry-run takes true or false.',
    });
    const { status: real } = await dry(command(mp4Settings('s3://out/real')), 'false');
    expect(real).toBe(201);
  });
});

function clientOf(endpoint: string): MediaConvertClient {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  return new MediaConvertClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

function command(settings: object): CreateJobCommand {
  return new CreateJobCommand({ Role: role, Settings: settings as never });
}

function dryRun(settings: object): Promise<DryAnswer> {
  return dry(command(settings));
}

function dry(asked: CreateJobCommand, value?: string): Promise<DryAnswer> {
  return askDryRun(client, asked, value);
}

async function endedJob(settings: object): Promise<string> {
  const { Job } = await client.send(command(settings));
  const id = Job?.Id as string;
  await server.logged('attempt ended', ({ jobId }) => jobId === id);
  return id;
}

async function jobIds(): Promise<readonly unknown[]> {
  const { Jobs = [] } = await client.send(new ListJobsCommand({}));
  return Jobs.map(({ Id }) => Id);
}

async function explained(id: string, ...more: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await openconvert('explain', '--job', id, ...more);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

async function diagnosed(id: string, ...more: readonly string[]): Promise<Diagnosis> {
  return JSON.parse(await explained(id, '--json', ...more));
}

function media(name: string): string {
  return path.join(data, 'buckets', 'media', name);
}
