/** CreateJob through the real SDK, on a real database. */
import { randomUUID } from 'node:crypto';
import {
  BadRequestException,
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobCommand,
  ListJobsCommand,
  type MediaConvertClient,
  NotFoundException,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

const submit = (members: Partial<CreateJobCommandInput> = {}, from = client) =>
  from.send(new CreateJobCommand({ Role: role, Settings: mp4Settings(), ...members }));

async function refusalOf(members: Partial<CreateJobCommandInput>): Promise<BadRequestException> {
  const before = await storedJobs();
  const error = await submit(members).then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  expect(await storedJobs(), 'nothing is stored').toBe(before);
  expect(error).toBeInstanceOf(BadRequestException);
  return error as BadRequestException;
}

async function storedJobs(): Promise<number> {
  const { count } = await api.database.sql
    .selectFrom('job')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

describe('a submitted job', () => {
  it('answers with the documented members and no others', async () => {
    const answer = await submit({
      ClientRequestToken: 'token-of-shape',
      UserMetadata: { customer: 'Ünï 1' },
      Tags: { stage: 'test' },
    });
    expect(answer.$metadata.httpStatusCode).toBe(201);
    const { Job } = answer;
    expect(Job?.Id).toMatch(/^\d{13}-[a-z0-9]{6}$/);
    const createdAt = new Date(Math.round(Number(Job?.Id?.split('-')[0]) / 1000) * 1000);
    expect(Job).toEqual({
      Arn: `arn:aws:mediaconvert:us-east-1:000000000000:jobs/${Job?.Id}`,
      Id: Job?.Id,
      CreatedAt: createdAt,
      Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
      Role: role,
      Settings: mp4Settings(),
      Status: 'SUBMITTED',
      Timing: { SubmitTime: createdAt },
      BillingTagsSource: 'JOB',
      AccelerationSettings: { Mode: 'DISABLED' },
      AccelerationStatus: 'NOT_APPLICABLE',
      StatusUpdateInterval: 'SECONDS_60',
      Priority: 0,
      Messages: { Info: [], Warning: [] },
      ClientRequestToken: 'token-of-shape',
      UserMetadata: { customer: 'Ünï 1' },
    });
  });

  it('carries its instant in its id, and the nearest second everywhere else', async () => {
    try {
      api.clock.now = 1_712_252_725_875;
      const { Job } = await submit();
      expect(Job?.Id).toMatch(/^1712252725875-/);
      expect(Job?.CreatedAt?.getTime()).toBe(1_712_252_726_000);
      expect(Job?.Timing?.SubmitTime).toEqual(Job?.CreatedAt);
    } finally {
      api.clock.now = null;
    }
  });

  it('is what GetJob answers', async () => {
    const { Job } = await submit({
      Priority: -50,
      StatusUpdateInterval: 'SECONDS_10',
      BillingTagsSource: 'QUEUE',
      Queue: 'Default',
    });
    const got = await client.send(new GetJobCommand({ Id: Job?.Id ?? '' }));
    expect(got.Job).toEqual(Job);
    expect(got.Job).toMatchObject({
      Priority: -50,
      StatusUpdateInterval: 'SECONDS_10',
      BillingTagsSource: 'QUEUE',
    });
  });

  it('keeps the settings as submitted, without defaults and without null members', async () => {
    const settings = {
      ...mp4Settings(),
      AdAvailOffset: 0,
      Inputs: [{ ...mp4Settings().Inputs?.[0], FileInput: 's3://media/ø 1.mp4', FilterStrength: 3 }],
    };
    const { Job } = await submit({ Settings: settings });
    expect((await client.send(new GetJobCommand({ Id: Job?.Id ?? '' }))).Job?.Settings).toEqual(settings);
  });

  it('wakes the dispatcher once it is stored', async () => {
    const { Job } = await submit();
    expect(api.submittedIds).toContain(Job?.Id);
  });

  it('of a foreign account names its queue by ARN and is told so', async () => {
    const { Job } = await submit({
      Queue: 'arn:aws:mediaconvert:eu-west-1:111122223333:queues/Default',
      Role: 'arn:aws:iam::111122223333:role/R',
    });
    expect(Job?.Queue).toBe('arn:aws:mediaconvert:us-east-1:000000000000:queues/Default');
    expect(Job?.Role).toBe('arn:aws:iam::111122223333:role/R');
    expect(Job?.Messages?.Info?.join()).toContain('111122223333:queues/Default');
  });

  it('with a role of impossible form is accepted: roles are examined when the job runs', async () => {
    expect((await submit({ Role: 'no role at all' })).Job?.Status).toBe('SUBMITTED');
  });

  it('goes to Default when a skeleton left queue and template empty', async () => {
    const { Job } = await submit({ Queue: '', JobTemplate: '' });
    expect(Job?.Queue).toMatch(/queues\/Default$/);
    expect(Job).not.toHaveProperty('JobTemplate');
    // An empty queue of a hop is none as well: the hop would go where the job already is.
    await expect(submit({ HopDestinations: [{ Queue: '', WaitMinutes: 5 }] })).rejects.toThrow(
      '/hopDestinations/0/queue: Should be another queue than the job is submitted to',
    );
  });

  it('says that old engine versions change nothing', async () => {
    const { Job } = await submit({ SimulateReservedQueue: 'ENABLED', JobEngineVersion: '2024-02-29' });
    expect(Job?.Messages?.Info).toHaveLength(1);
    expect(Job).toMatchObject({ SimulateReservedQueue: 'ENABLED', JobEngineVersionRequested: '2024-02-29' });
  });
});

describe('a submit token', () => {
  it('makes ten concurrent submits one job', async () => {
    const ClientRequestToken = randomUUID();
    const before = await storedJobs();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => submit({ ClientRequestToken }, api.client())),
    );
    expect(new Set(answers.map(({ Job }) => Job?.Id)).size).toBe(1);
    expect(answers.every(({ $metadata }) => $metadata.httpStatusCode === 201)).toBe(true);
    expect(await storedJobs()).toBe(before + 1);
  });

  it('gives the first job for 60 seconds, whatever the second body says, and a new one afterwards', async () => {
    const ClientRequestToken = randomUUID();
    const start = Date.now();
    try {
      api.clock.now = start;
      const first = await submit({ ClientRequestToken });
      api.clock.now = start + 59_999;
      const second = await submit({
        ClientRequestToken,
        Settings: { Inputs: [] },
        Queue: 'nowhere',
        Priority: 5,
      });
      expect(second.Job).toEqual(first.Job);
      api.clock.now = start + 60_000;
      const third = await submit({ ClientRequestToken });
      expect(third.Job?.Id).not.toBe(first.Job?.Id);
    } finally {
      api.clock.now = null;
    }
  });

  it('is not used up by a refused request', async () => {
    const ClientRequestToken = randomUUID();
    await refusalOf({ ClientRequestToken, Priority: 99 });
    await expect(submit({ ClientRequestToken, Queue: 'nowhere' })).rejects.toBeInstanceOf(NotFoundException);
    expect((await submit({ ClientRequestToken })).Job?.Status).toBe('SUBMITTED');
  });

  it('of more than 64 characters, or not of ASCII, is refused', async () => {
    await refusalOf({ ClientRequestToken: 'x'.repeat(65) });
    await refusalOf({ ClientRequestToken: 'tökén' });
  });
});

describe('a refused submit stores nothing and says', () => {
  it('which member is missing', async () => {
    expect((await refusalOf({ Role: undefined })).message).toBe("The 'role' field is required.");
    expect((await refusalOf({ Settings: undefined })).message).toBe("The 'settings' field is required.");
  });

  it('every mistake at once, with pointers inside settings', async () => {
    const settings = mp4Settings();
    const output = settings.OutputGroups?.[0]?.Outputs?.[0];
    if (output?.VideoDescription === undefined) throw new Error('the document lost its output');
    output.VideoDescription.Width = 9;
    output.VideoDescription.AfdSignaling = 'SOMETIMES' as 'NONE';
    delete output.ContainerSettings;
    const { message } = await refusalOf({ Settings: settings, Priority: 51 });
    expect(message.split(' | ')).toEqual(
      expect.arrayContaining([
        '/outputGroups/0/outputs/0: containerSettings is a required property',
        '/outputGroups/0/outputs/0/videoDescription/afdSignaling: Should be equal to one of the allowed values in ["AUTO","FIXED","NONE"]',
        '/priority: Should be less than or equal to 50',
      ]),
    );
    expect(message).toContain('/outputGroups/0/outputs/0/videoDescription/width: ');
  });

  it('mistakes of settings and of the request around them, together', async () => {
    const { message } = await refusalOf({ Priority: 51, HopDestinations: [{}], JobEngineVersion: 'newest' });
    expect(message.split(' | ')).toEqual([
      '/priority: Should be less than or equal to 50',
      '/hopDestinations/0: waitMinutes is a required property',
      '/hopDestinations/0/queue: Should be another queue than the job is submitted to',
      '/jobEngineVersion: Is not a valid job engine version',
    ]);
  });

  it('what to do, in a header of our own', async () => {
    const error = await refusalOf({ BillingTagsSource: 'JOBS' as 'JOB' });
    const header = error.$response?.headers['x-openconvert-remedy'] ?? '';
    expect(header.length).toBeLessThanOrEqual(4096);
    expect(JSON.parse(decodeURIComponent(header))).toEqual({
      remedies: [{ pointer: '/billingTagsSource', remedy: 'Did you mean JOB?' }],
      omitted: 0,
    });
  });

  it.each<[string, Partial<CreateJobCommandInput>, string]>([
    [
      '11 pairs of metadata',
      { UserMetadata: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, ''])) },
      '/userMetadata: Should have at most 10 properties',
    ],
    [
      'a metadata value of 257 characters',
      { UserMetadata: { k: 'é'.repeat(257) } },
      '/userMetadata/k: Should have at most 256 characters',
    ],
    [
      'a reserved tag',
      { Tags: { 'aws:x': '1' } },
      '/tags: Key "aws:x": Should match the pattern: /^(?![aA][wW][sS]:)[\\p{L}\\p{N} _.:/=+@-]*$/',
    ],
    [
      '51 tags',
      { Tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ''])) },
      '/tags: Should have at most 50 properties',
    ],
    [
      'a tag with forbidden characters',
      { Tags: { k: '<b>' } },
      '/tags/k: Should match the pattern: /^[\\p{L}\\p{N} _.:/=+@-]*$/',
    ],
    [
      'two hops',
      { HopDestinations: [{ WaitMinutes: 1 }, { WaitMinutes: 2 }] },
      '/hopDestinations: Should have at most 1 items',
    ],
    [
      'a hop into the same queue',
      { HopDestinations: [{ WaitMinutes: 1, Queue: 'Default' }] },
      '/hopDestinations/0/queue: Should be another queue than the job is submitted to',
    ],
    [
      'a hop from Default without a queue',
      { HopDestinations: [{ WaitMinutes: 1 }] },
      '/hopDestinations/0/queue: Should be another queue than the job is submitted to',
    ],
    [
      'a hop after 4321 minutes',
      { HopDestinations: [{ WaitMinutes: 4321, Queue: 'Other' }] },
      '/hopDestinations/0/waitMinutes: Should be less than or equal to 4320',
    ],
    [
      'an impossible engine version',
      { JobEngineVersion: '2024-02-30' },
      '/jobEngineVersion: Is not a valid job engine version',
    ],
  ])('%s', async (_, members, message) => {
    expect((await refusalOf(members)).message).toBe(message);
  });
});

describe('what does not exist is 404', () => {
  it.each<[string, Partial<CreateJobCommandInput>, string]>([
    [
      'a queue by name',
      { Queue: 'Fast' },
      'The specified queue was not found: queueArn=arn:aws:mediaconvert:us-east-1:000000000000:queues/Fast.',
    ],
    [
      'a queue by ARN',
      { Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Fast' },
      'The specified queue was not found: queueArn=arn:aws:mediaconvert:us-east-1:000000000000:queues/Fast.',
    ],
    [
      'an ARN of another kind',
      { Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:jobs/Default' },
      'The specified queue was not found: queueArn=arn:aws:mediaconvert:us-east-1:000000000000:jobs/Default.',
    ],
    [
      'a hop destination',
      { HopDestinations: [{ WaitMinutes: 1, Queue: 'Fast' }] },
      'The specified queue was not found: queueArn=arn:aws:mediaconvert:us-east-1:000000000000:queues/Fast.',
    ],
    [
      'a job template',
      { JobTemplate: 'DASH Streaming', Settings: {} },
      'The specified job template was not found: jobTemplateArn=arn:aws:mediaconvert:us-east-1:000000000000:jobTemplates/DASH Streaming.',
    ],
    [
      'a preset',
      { Settings: { OutputGroups: [{ Outputs: [{ Preset: 'System-Generic' }] }] } },
      'The specified preset was not found: presetArn=arn:aws:mediaconvert:us-east-1:000000000000:presets/System-Generic.',
    ],
  ])('%s', async (_, members, message) => {
    await expect(submit(members)).rejects.toThrow(message);
    await expect(submit(members)).rejects.toBeInstanceOf(NotFoundException);
  });

  it('a queue of another account, when ARNs are strict', async () => {
    const strict = await api.serve({ strictArns: true });
    const Queue = 'arn:aws:mediaconvert:us-east-1:111122223333:queues/Default';
    await expect(submit({ Queue }, api.client(strict.url))).rejects.toThrow(`queueArn=${Queue}.`);
    expect((await api.client(strict.url).send(new ListJobsCommand({ Queue }))).Jobs).toEqual([]);
  });
});
