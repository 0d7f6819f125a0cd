/**
 * The main flows once more through boto3 and the AWS CLI, against a server that verifies their signatures. What is
 * expected here was not confirmed against the original service; it is what its model and guide say (spec api.md).
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApi } from '../operations/api-server.ts';
import { mp4Settings, role } from '../operations/job-document.ts';

const run = promisify(execFile);
const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a-configured-secret' };
const hasBoto3 = isInstalled('python3', ['-c', 'import boto3'], 'python3-boto3');
const hasCli = isInstalled('aws', ['--version'], 'awscli');

/** False, with the reason printed, where a client is not installed. */
function isInstalled(command: string, probe: readonly string[], debianPackage: string): boolean {
  if (spawnSync(command, probe, { stdio: 'ignore' }).status === 0) return true;
  console.log(
    `skipped: the second pass through ${debianPackage} needs it (apt-get install ${debianPackage})`,
  );
  return false;
}

let api: ApiFixture;
let url: string;
beforeAll(async () => {
  api = await startApi();
  ({ url } = await api.serve({ accessKeys: [key] }));
}, 120_000);
afterAll(() => api[Symbol.asyncDispose]());

const job = { Role: role, Settings: mp4Settings() };

describe.skipIf(!hasBoto3)('boto3', () => {
  it('creates, reads, pages, tags, cancels, and meets each error by its name', {
    timeout: 120_000,
  }, async () => {
    const script = fileURLToPath(new URL('boto3-flow.py', import.meta.url));
    const { stdout } = await run('python3', [script, url, JSON.stringify(job)], { timeout: 110_000 });
    expect(JSON.parse(stdout)).toEqual({
      queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/From boto / 1',
      tags: { team: 'red' },
      untagged: {},
      preset: 'MP4',
      listed: true,
      canceled: 'CANCELED',
      cancelAgain: ['ConflictException', 409],
      policy: { HttpInputs: 'DISALLOWED', HttpsInputs: 'ALLOWED', S3Inputs: 'ALLOWED' },
      share: expect.stringMatching(/^SHARED$|^unknown to this client$/),
      endpoint: url,
      notFound: ['NotFoundException', 404],
      conflict: ['ConflictException', 409],
      badRequest: ['BadRequestException', 400],
      wrongSecret: ['InvalidSignatureException', 403],
      presigned: 'From boto / 1',
      presignedChanged: ['InvalidSignatureException', 403],
    });
  });
});

describe.skipIf(!hasCli)('the AWS CLI', () => {
  const environment = {
    ...process.env,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  };
  const aws = async (...words: readonly string[]) => {
    const { stdout } = await run(
      'aws',
      ['mediaconvert', '--endpoint-url', url, '--output', 'json', ...words],
      {
        env: environment,
        timeout: 100_000,
      },
    );
    return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  };

  it('runs a job document, looks at it, cancels it, and pages', { timeout: 240_000 }, async () => {
    const { Job } = await aws('create-job', '--cli-input-json', JSON.stringify(job));
    const { Id } = Job as { Id: string };
    await aws('create-job', '--cli-input-json', JSON.stringify(job));
    expect(await aws('get-job', '--id', Id)).toMatchObject({ Job: { Id, Status: 'SUBMITTED' } });
    await aws('cancel-job', '--id', Id);
    const { Jobs } = await aws('list-jobs', '--status', 'CANCELED');
    expect((Jobs as { Id: string }[]).map((each) => each.Id)).toContain(Id);
    await aws('create-queue', '--name', 'Cli queue', '--tags', 'team=blue');
    // The CLI follows the pages by itself.
    const { Queues } = await aws('list-queues', '--page-size', '1');
    expect((Queues as { Name: string }[]).map(({ Name }) => Name)).toContain('Cli queue');
    const queueArn = 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Cli queue';
    expect(await aws('list-tags-for-resource', '--arn', queueArn)).toEqual({
      ResourceTags: { Arn: queueArn, Tags: { team: 'blue' } },
    });
    await expect(aws('get-queue', '--name', 'Nowhere')).rejects.toThrow('NotFoundException');
    await expect(
      aws('create-job', '--role', 'r', '--settings', '{"Inputs":[{"FileInput":"x"}]}'),
    ).rejects.toThrow('BadRequestException');
  });
});
