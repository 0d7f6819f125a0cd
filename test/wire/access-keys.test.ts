/** A server with access keys, and one without, as real clients meet them. */
import {
  CreateJobCommand,
  GetQueueCommand,
  ListJobsCommand,
  MediaConvertClient,
  MediaConvertServiceException,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApi } from '../operations/api-server.ts';
import { mp4Settings, role } from '../operations/job-document.ts';

const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a-configured-secret' };
const temporary = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'temporary-secret',
  sessionToken: 'the-token',
};

let api: ApiFixture;
let url: string;
beforeAll(async () => {
  api = await startApi();
  ({ url } = await api.serve({
    accessKeys: [
      key,
      temporary,
      { ...temporary, accessKeyId: 'ASIAENDED', expiresAt: '2020-01-01T00:00:00Z' },
    ],
  }));
});
afterAll(() => api[Symbol.asyncDispose]());

const client = (credentials: typeof key & { sessionToken?: string }, region = 'us-east-1', endpoint = url) =>
  new MediaConvertClient({ endpoint, region, credentials: { ...credentials }, maxAttempts: 1 });

async function refusal(
  credentials: typeof key & { sessionToken?: string },
  region?: string,
): Promise<string> {
  const error = await client(credentials, region)
    .send(new ListJobsCommand({}))
    .then(
      () => null,
      (reason: unknown) => reason,
    );
  if (!(error instanceof MediaConvertServiceException)) throw new Error('accepted', { cause: error });
  expect(error.$metadata).toMatchObject({
    httpStatusCode: 403,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  return error.name;
}

describe('a server with access keys', () => {
  it('answers those who have one, with bodies, paths and queries of all kinds', async () => {
    const { Job } = await client(key).send(
      new CreateJobCommand({ Role: role, Settings: mp4Settings('s3://media/ünï.mp4') }),
    );
    expect(Job?.Status).toBe('SUBMITTED');
    await client(temporary).send(
      new GetQueueCommand({ Name: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default' }),
    );
    const { Jobs } = await client(temporary).send(
      new ListJobsCommand({ Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default' }),
    );
    expect(Jobs).toHaveLength(1);
  });

  it('refuses everyone else by the name clients know', async () => {
    expect(await refusal({ ...key, secretAccessKey: 'another-secret' })).toBe('InvalidSignatureException');
    expect(await refusal({ ...key, accessKeyId: 'AKIASTRANGER' })).toBe('UnrecognizedClientException');
    expect(await refusal({ ...temporary, sessionToken: 'no-token' })).toBe('UnrecognizedClientException');
    expect(await refusal({ ...temporary, accessKeyId: 'ASIAENDED' })).toBe('ExpiredTokenException');
    expect(await refusal(key, 'eu-west-1')).toBe('InvalidSignatureException');
  });

  it('refuses clocks that are ten minutes off', async () => {
    try {
      api.clock.now = Date.now() + 600_000;
      expect(await refusal(key)).toBe('InvalidSignatureException');
    } finally {
      api.clock.now = null;
    }
  });

  it('stores nothing of a refused request', async () => {
    const before = await client(key).send(new ListJobsCommand({}));
    const stranger = client({ ...key, secretAccessKey: 'another-secret' });
    await expect(
      stranger.send(new CreateJobCommand({ Role: role, Settings: mp4Settings() })),
    ).rejects.toThrow('signature');
    expect((await client(key).send(new ListJobsCommand({}))).Jobs).toHaveLength(before.Jobs?.length ?? -1);
  });
});

describe('a server without access keys', () => {
  it('accepts any on this machine, and says so once', async () => {
    const open = await api.serve();
    for (const secretAccessKey of ['one', 'two']) {
      await client({ accessKeyId: 'whoever', secretAccessKey }, 'ap-south-1', open.url).send(
        new ListJobsCommand({}),
      );
    }
    expect(open.logged.filter((line) => line.includes('any credentials are accepted'))).toHaveLength(1);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'media.example'])('refuses to listen on %s', async (host) => {
    await expect(api.serve({ host })).rejects.toThrow(`refusing to listen on ${host} without access keys`);
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost'])('listens on %s', async (host) => {
    const server = await api.serve({ host });
    await client(key, 'us-east-1', server.url).send(new ListJobsCommand({}));
  });

  it('listens on all addresses once it has keys', async () => {
    const server = await api.serve({ host: '0.0.0.0', accessKeys: [key] });
    await client(key, 'us-east-1', server.url.replace('0.0.0.0', '127.0.0.1')).send(new ListJobsCommand({}));
  });
});

describe('a server', () => {
  it('stops twice, and stops before it was started', async () => {
    const server = await api.serve();
    await server.close();
    await server.close();
    await expect(client(key, 'us-east-1', server.url).send(new ListJobsCommand({}))).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it('finishes a request that is under way when it is stopped', async () => {
    const server = await api.serve();
    const stored = api.nextSubmitted();
    const running = client(key, 'us-east-1', server.url).send(
      new CreateJobCommand({ Role: role, Settings: mp4Settings() }),
    );
    // The job is stored before it is answered: stopping at that moment must not lose the answer.
    await stored;
    await server.close();
    expect((await running).Job?.Status).toBe('SUBMITTED');
  });

  it('names the port that is taken', async () => {
    const { port } = new URL(url);
    await expect(api.serve({ port: Number(port) })).rejects.toThrow('EADDRINUSE');
  });
});
