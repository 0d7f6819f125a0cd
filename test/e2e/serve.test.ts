/** The server as its users meet it: the real SDK against a running process, outputs on disk. */
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CancelJobCommand,
  CreateJobCommand,
  DescribeEndpointsCommand,
  GetJobCommand,
  GetQueueCommand,
  ListJobsCommand,
  ListQueuesCommand,
  MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openconvert, type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { clip, mp4Settings, prepareData, role, slowSettings } from './tiny-jobs.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let client: MediaConvertClient;

beforeAll(async () => {
  folder = await temporaryFolder();
  await prepareData(folder.path);
  server = await startServer(folder.path, '--events', path.join(folder.path, 'events.jsonl'));
  client = clientOf(server);
}, 120_000);

afterAll(async () => {
  client?.destroy();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

describe('a job through the SDK', () => {
  test('goes from SUBMITTED to COMPLETE and leaves an output with every frame', async () => {
    const { Job: submitted } = await client.send(
      new CreateJobCommand({ Role: role, Settings: mp4Settings() as never, UserMetadata: { title: 'tiny' } }),
    );
    expect(submitted?.Status).toBe('SUBMITTED');
    expect(submitted?.Queue).toBe('arn:aws:mediaconvert:us-east-1:000000000000:queues/Default');
    const id = idOf(submitted);
    await attemptEnded(server, id);

    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    expect(job).toMatchObject({ Status: 'COMPLETE', JobPercentComplete: 100, CurrentPhase: 'UPLOADING' });
    expect(job?.OutputGroupDetails).toEqual([
      {
        OutputDetails: [{ DurationInMs: clip.durationMs, VideoDetails: { WidthInPx: 160, HeightInPx: 90 } }],
      },
    ]);
    const { stdout } = await openconvert('probe', path.join(folder.path, 'buckets/out/clip.mp4'), '--json');
    const facts = JSON.parse(stdout);
    expect(facts.videoTracks[0]).toMatchObject({
      codec: 'h264',
      widthPx: 160,
      heightPx: 90,
      frameCount: clip.frames,
    });
    expect(facts.audioTracks[0]).toMatchObject({ codec: 'aac', sampleRateHz: 48_000, channels: 2 });

    const { Jobs } = await client.send(new ListJobsCommand({ Status: 'COMPLETE' }));
    expect(Jobs?.map(({ Id }) => Id)).toContain(id);
    await expect(client.send(new CancelJobCommand({ Id: id }))).rejects.toMatchObject({
      name: 'ConflictException',
    });
  });

  test('tells its life in events, in order, each once', async () => {
    const { Job } = await client.send(
      new CreateJobCommand({
        Role: role,
        Settings: mp4Settings('s3://out/events') as never,
        UserMetadata: { app: 'VOD' },
      }),
    );
    const id = idOf(Job);
    await attemptEnded(server, id);
    await server.stop();
    server = await startServer(folder.path, '--events', path.join(folder.path, 'events.jsonl'));
    client = clientOf(server);
    const events = await eventsOf(id);
    expect(events.map(({ status }) => status)).toEqual([
      'PROGRESSING',
      'INPUT_INFORMATION',
      'STATUS_UPDATE',
      'COMPLETE',
    ]);
    expect(events.every(({ userMetadata }) => userMetadata.app === 'VOD')).toBe(true);
    expect(events.at(-1)?.['outputGroupDetails']).toMatchObject([
      {
        type: 'FILE_GROUP',
        outputDetails: [{ outputFilePaths: ['s3://out/events.mp4'], durationInMs: clip.durationMs }],
      },
    ]);
  });

  test('stops when it is canceled; nothing unfinished appears and the server works on', async () => {
    const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings: slowSettings() }));
    const id = idOf(Job);
    await server.logged('first frame decoded', ({ jobId }) => jobId === id);
    await client.send(new CancelJobCommand({ Id: id }));
    const ended = await attemptEnded(server, id);
    expect(ended['outcome']).toBe('canceled');
    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    expect(job?.Status).toBe('CANCELED');
    expect(await readdir(path.join(folder.path, 'buckets/out'))).not.toContain('slow.mp4');
    expect(await readdir(path.join(folder.path, 'scratch'))).toEqual([]);
  });

  test('that was running when the server was killed runs again, and completes once', async () => {
    const { Job } = await client.send(
      new CreateJobCommand({ Role: role, Settings: slowSettings('s3://out/killed') }),
    );
    const id = idOf(Job);
    await server.logged('first frame decoded', ({ jobId }) => jobId === id);
    await server.stop('SIGKILL');
    server = await startServer(folder.path, '--events', path.join(folder.path, 'events.jsonl'));
    client = clientOf(server);
    await server.logged('attempt begins', ({ jobId }) => jobId === id);
    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    expect(job).toMatchObject({ Status: 'PROGRESSING', RetryCount: 1 });
    await client.send(new CancelJobCommand({ Id: id }));
    await attemptEnded(server, id);
    await expect(access(path.join(folder.path, 'buckets/out/killed.mp4'))).rejects.toThrow();
    // What the killed server left in the scratch folder was removed by the next one.
    expect(await readdir(path.join(folder.path, 'scratch'))).toEqual([]);
  }, 120_000);
});

describe('what cannot be', () => {
  test('a document the service would refuse is 400 with its pointer, and nothing is stored', async () => {
    const settings = structuredClone(mp4Settings()) as unknown as { OutputGroups: { Outputs: object[] }[] };
    settings.OutputGroups[0]?.Outputs.splice(0);
    const before = await client.send(new ListJobsCommand({}));
    await expect(
      client.send(new CreateJobCommand({ Role: role, Settings: settings as never })),
    ).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringContaining('/outputGroups/0/outputs: Should have at least 1 items'),
    });
    const after = await client.send(new ListJobsCommand({}));
    expect(after.Jobs?.length).toBe(before.Jobs?.length);
  });

  test('a missing input is error 1404 on the job, with the event', async () => {
    const settings = structuredClone(mp4Settings()) as unknown as { Inputs: { FileInput: string }[] };
    settings.Inputs[0] = { ...settings.Inputs[0], FileInput: 's3://media/missing.mp4' };
    const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings: settings as never }));
    const id = idOf(Job);
    await attemptEnded(server, id);
    const { Job: job } = await client.send(new GetJobCommand({ Id: id }));
    expect(job).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1404,
      ErrorMessage:
        "Unable to open input file [s3://media/missing.mp4]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]",
    });
  });

  test('unknown jobs and queues are 404', async () => {
    await expect(client.send(new GetJobCommand({ Id: '1700000000000-abcdef' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    await expect(client.send(new GetQueueCommand({ Name: 'none' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });
});

test('the Default queue and the endpoint are there at first start', async () => {
  const { Endpoints } = await client.send(new DescribeEndpointsCommand({}));
  expect(Endpoints).toEqual([{ Url: server.url }]);
  const { Queues } = await client.send(new ListQueuesCommand({}));
  expect(Queues?.map(({ Name, Type, Status }) => [Name, Type, Status])).toEqual([
    ['Default', 'SYSTEM', 'ACTIVE'],
  ]);
});

function clientOf({ url }: RunningServer): MediaConvertClient {
  return new MediaConvertClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}

function idOf(job: { Id?: string | undefined } | undefined): string {
  if (job?.Id === undefined) throw new Error('the answer has no job id');
  return job.Id;
}

function attemptEnded(running: RunningServer, id: string): Promise<Record<string, unknown>> {
  return running.logged('attempt ended', ({ jobId, outcome }) => jobId === id && outcome !== 'retrying');
}

interface EventDetail extends Record<string, unknown> {
  readonly status: string;
  readonly jobId: string;
  readonly userMetadata: Readonly<Record<string, string>>;
}

async function eventsOf(id: string): Promise<EventDetail[]> {
  const text = await readFile(path.join(folder.path, 'events.jsonl'), 'utf8');
  const details = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { detail: EventDetail }).detail);
  return details.filter(({ jobId }) => jobId === id);
}
