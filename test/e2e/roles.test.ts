/** Jobs and the rights of their roles: a real server with a role book, real jobs, each code from its real cause. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateJobCommand,
  GetJobCommand,
  MediaConvertClient,
  PutPolicyCommand,
  UpdateQueueCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer as startHttpServer, type TestServer } from '../store/http-servers.ts';
import { openconvert, type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { changed, filesBelow } from './run-report.ts';
import { clip, hlsSettings, mp4Settings, prepareData } from './tiny-jobs.ts';

const arnOf = (name: string, account = '000000000000') => `arn:aws:iam::${account}:role/${name}`;
const service = { Service: 'mediaconvert.amazonaws.com' };
const trust = (changes: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: service, Action: 'sts:AssumeRole', ...changes }],
});
const policy = (
  ...statements: readonly (readonly [string | readonly string[], string | readonly string[]])[]
) => ({
  Version: '2012-10-17',
  Statement: statements.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
});
const read = ['s3:GetObject', 'arn:aws:s3:::media/*'] as const;
const write = ['s3:PutObject', 'arn:aws:s3:::out/*'] as const;
const everything = ['*', '*'] as const;
const denyAll = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
const queueArn = 'arn:aws:mediaconvert:us-east-1:000000000000:queues';
const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** The book of the server. Each role is what its name says. */
const roles = [
  role('service-role/Jobs', [policy(read, write)], trust({ Condition: sourceIs('Default') })),
  role('Nothing', []),
  role('ReadOnly', [policy(read)]),
  role('Lists', [policy(read, write, ['s3:ListBucket', 'arn:aws:s3:::media'])]),
  role('NoKeys', [policy(['s3:*', '*'])]),
  role('NoSmallRung', [
    policy(read, write),
    {
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: 's3:Put*', Resource: 'arn:aws:s3:::out/*_90*' },
    },
  ]),
  role('TrustsAnother', [policy(everything)], trust({ Principal: { Service: 'ec2.amazonaws.com' } })),
  role('OtherQueue', [policy(everything)], trust({ Condition: sourceIs('Other') })),
  role('Bounded', [policy(everything)], trust(), { permissionsBoundary: policy(['s3:Get*', '*']) }),
  role('BoundToNothing', [policy(everything)], trust(), { permissionsBoundary: denyAll }),
  role('Disabled', [policy(everything)], trust(), { disabled: true }),
];

function role(
  name: string,
  policies: readonly object[],
  trustPolicy: object = trust(),
  more: object = {},
): object {
  return { arn: arnOf(name), trustPolicy, policies, ...more };
}

function sourceIs(queue: string): object {
  return {
    StringEquals: { 'aws:SourceAccount': '000000000000' },
    ArnLike: { 'aws:SourceArn': `${queueArn}/${queue}` },
  };
}

const patient = { timeout: 180_000 };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let server: RunningServer;
let client: MediaConvertClient;
let http: TestServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  const config = path.join(data, 'server.json');
  await writeFile(config, JSON.stringify({ roles }));
  server = await startServer(data, '--config', config, '--allow-private-http');
  client = new MediaConvertClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  http = await startHttpServer((_request, response) =>
    response.writeHead(302, { location: 'https://media.example/clip.mp4' }).end(),
  );
}, 120_000);

afterAll(async () => {
  client?.destroy();
  await server?.stop();
  await http?.close();
  await folder?.[Symbol.asyncDispose]();
});

/** Submits a job and waits for its end. */
async function endOf(roleArn: string, settings: object = mp4Settings()) {
  const { Job } = await client.send(new CreateJobCommand({ Role: roleArn, Settings: settings as never }));
  await server.logged('attempt ended', ({ jobId }) => jobId === Job?.Id);
  return (await client.send(new GetJobCommand({ Id: Job?.Id }))).Job;
}

async function expectMissing(roleArn: string): Promise<void> {
  expect(await endOf(roleArn)).toMatchObject({
    Status: 'ERROR',
    ErrorCode: 1433,
    ErrorMessage:
      'Unable to assume role. Check that the role exists and that MediaConvert is a trusted entity.',
  });
}

async function expectUnreadable(name: string, code: number, reason: string): Promise<void> {
  expect(await endOf(arnOf(name))).toMatchObject({
    Status: 'ERROR',
    ErrorCode: code,
    ErrorMessage: `${noRead}${reason}]]]`,
  });
}

async function expectUnwritable(name: string): Promise<void> {
  expect(await endOf(arnOf(name), mp4Settings('s3://out/denied'))).toMatchObject({
    ErrorCode: 1401,
    ErrorMessage:
      'Unable to write to output file [s3://out/denied.mp4]: [Failed to write data: Access Denied]',
  });
}

const noRead = `Unable to open input file [${clip.location}]: [Failed probe/open: [Can't read input stream: [Failed to read data: `;
const output = '/OutputGroups/0/OutputGroupSettings/FileGroupSettings';

describe('a role that may read inputs and put outputs, and nothing else', patient, () => {
  test('completes the job; its outputs are verified all the same', async () => {
    const job = await endOf(arnOf('service-role/Jobs'), mp4Settings('s3://out/complete'));
    expect(job).toMatchObject({ Status: 'COMPLETE', Messages: { Info: [] } });
    expect(await filesBelow(path.join(data, 'buckets/out'))).toEqual(['complete.mp4']);
  });
});

describe('a role', patient, () => {
  test('that the book does not have provokes 1433', () => expectMissing(arnOf('Nobody')));
  test('under another path than in the book is missing', () => expectMissing(arnOf('Jobs')));
  test('of another account is missing where there is a role book', () =>
    expectMissing(arnOf('service-role/Jobs', '999999999999')));

  test('a role that does not trust the service provokes 1434', () =>
    expectUnreadable('TrustsAnother', 1434, 'AssumeRole failed'));
  test('that trusts another queue alone provokes 1434', () =>
    expectUnreadable('OtherQueue', 1434, 'AssumeRole failed'));
  test('a role that exists and cannot be used provokes 1432', () =>
    expectUnreadable('BoundToNothing', 1432, 'Invalid role provided in RESOURCE_ROLE_ARN'));
  test('that is disabled gives no session', () =>
    expectUnreadable('Disabled', 1432, 'Invalid role provided in RESOURCE_ROLE_ARN'));
  test('without the right to read the input provokes 1401', () =>
    expectUnreadable('Nothing', 1401, `Access denied to [${clip.location}]`));

  test('without the right to write provokes 1401', () => expectUnwritable('ReadOnly'));
  test('whose boundary leaves out writing may not write', () => expectUnwritable('Bounded'));

  test('is asked for every object: one denied rendition of a ladder provokes 1401', async () => {
    const job = await endOf(arnOf('NoSmallRung'), hlsSettings('s3://out/ladder/main'));
    expect(job).toMatchObject({
      ErrorCode: 1401,
      ErrorMessage: expect.stringMatching(/^Unable to write to output file \[s3:\/\/out\/ladder\/main_90/),
    });
    const left = await filesBelow(path.join(data, 'buckets/out/ladder'));
    expect(left.filter((name) => name.includes('_90'))).toEqual([]);
  });

  test('without s3:PutObjectAcl may not set an ACL', async () => {
    const settings = changed(mp4Settings('s3://out/acl'), {
      [`${output}/DestinationSettings`]: { S3Settings: { AccessControl: { CannedAcl: 'PUBLIC_READ' } } },
    });
    expect(await endOf(arnOf('Lists'), settings)).toMatchObject({
      ErrorCode: 1401,
      ErrorMessage: expect.stringContaining('[s3://out/acl.mp4]'),
    });
  });

  test('without kms:GenerateDataKey may not encrypt with a key', async () => {
    const settings = changed(mp4Settings('s3://out/kms'), {
      [`${output}/DestinationSettings`]: {
        S3Settings: { Encryption: { EncryptionType: 'SERVER_SIDE_ENCRYPTION_KMS', KmsKeyArn: keyArn } },
      },
    });
    expect(await endOf(arnOf('NoKeys'), settings)).toMatchObject({
      ErrorCode: 1401,
      ErrorMessage: expect.stringMatching(/^The role you provided is not authorized to perform kms:/),
    });
  });

  test('learns of a missing key as 1404 where it may list the bucket, and as 1401 where not', async () => {
    const missing = changed(mp4Settings(), { '/Inputs/0/FileInput': 's3://media/none.mp4' });
    expect(await endOf(arnOf('Lists'), missing)).toMatchObject({ ErrorCode: 1404 });
    expect(await endOf(arnOf('service-role/Jobs'), missing)).toMatchObject({
      ErrorCode: 1401,
      ErrorMessage: expect.stringContaining('Access denied to [s3://media/none.mp4]'),
    });
  });
});

describe('an input policy at run', patient, () => {
  test('an input that the policy disallows provokes 3457', async () => {
    await client.send(new PutPolicyCommand({ Policy: { HttpsInputs: 'DISALLOWED' } }));
    const settings = changed(mp4Settings(), { '/Inputs/0/FileInput': `http://${http.host}/clip.mp4` });
    expect(await endOf(arnOf('service-role/Jobs'), settings)).toMatchObject({
      ErrorCode: 3457,
      ErrorMessage:
        "3457: You specified an input location that your policy disallows: 'https://media.example/clip.mp4.",
    });
    await client.send(new PutPolicyCommand({ Policy: {} }));
  });

  test('that disallows what a playlist lists is 3457, although the playlist itself is allowed', async () => {
    const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:2', '#EXTINF:1.0,'];
    const segment = 'https://media.example/0.ts';
    await writeFile(
      path.join(data, 'buckets', 'media', 'nested.m3u8'),
      [...lines, segment, '#EXT-X-ENDLIST', ''].join('\n'),
    );
    await client.send(new PutPolicyCommand({ Policy: { HttpsInputs: 'DISALLOWED' } }));
    const settings = changed(mp4Settings(), { '/Inputs/0/FileInput': 's3://media/nested.m3u8' });
    expect(await endOf(arnOf('service-role/Jobs'), settings)).toMatchObject({
      ErrorCode: 3457,
      ErrorMessage: `3457: You specified an input location that your policy disallows: '${segment}.`,
    });
    await client.send(new PutPolicyCommand({ Policy: {} }));
  });

  test('is the one in force when the job runs, not when it was submitted: 3457', async () => {
    await client.send(new UpdateQueueCommand({ Name: 'Default', Status: 'PAUSED' }));
    const { Job } = await client.send(
      new CreateJobCommand({ Role: arnOf('service-role/Jobs'), Settings: mp4Settings() as never }),
    );
    await client.send(new PutPolicyCommand({ Policy: { S3Inputs: 'DISALLOWED' } }));
    await client.send(new UpdateQueueCommand({ Name: 'Default', Status: 'ACTIVE' }));
    await server.logged('attempt ended', ({ jobId }) => jobId === Job?.Id);
    expect((await client.send(new GetJobCommand({ Id: Job?.Id }))).Job).toMatchObject({
      ErrorCode: 3457,
      ErrorMessage: `3457: You specified an input location that your policy disallows: '${clip.location}.`,
    });
    await client.send(new PutPolicyCommand({ Policy: {} }));
  });
});

describe('a role book', patient, () => {
  test('of the data folder is read by run, and one that is not valid is refused with its place', async () => {
    await using place = await temporaryFolder();
    const file = path.join(place.path, 'roles.json');
    const job = path.join(place.path, 'job.json');
    await writeFile(job, JSON.stringify({ Role: arnOf('TrustsAnother'), Settings: mp4Settings() }));
    const run = () => openconvert('run', job, '--data', place.path, '--json');
    await writeFile(file, JSON.stringify(roles));
    expect(JSON.parse((await run()).stdout)).toMatchObject({
      errorCode: 1434,
      fault: {
        mediaFact: expect.stringContaining('no policy allows sts:AssumeRole by mediaconvert.amazonaws.com'),
      },
    });
    await writeFile(
      file,
      JSON.stringify([{ arn: arnOf('X'), trustPolicy: trust({ Effect: 'allow' }), policies: [] }]),
    );
    const refused = await run();
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("/0/trustPolicy/Statement/0/Effect must be 'Allow' or 'Deny'"),
    });
  });
});
