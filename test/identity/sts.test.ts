/**
 * What STS answers, and what a job makes of it. The refusals come from a server of our own that speaks the query
 * protocol: moto lets everyone assume everything, so it cannot refuse (it serves the e2e test of the accepted case).
 * Error bodies: AWS STS API Reference, "Common errors" and "AssumeRole".
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStsClient, type StsClient } from '../../src/identity/sts.ts';

const role = 'arn:aws:iam::111122223333:role/Jobs';
let answer: { status: number; body: string };
const asked: URLSearchParams[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    asked.push(new URLSearchParams(body));
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
  });
});
let sts: StsClient;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sts = await openStsClient({ endpoint, sessionSeconds: 900 }, 'us-east-1');
});
afterAll(async () => {
  sts.close();
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
});
afterEach(() => {
  asked.length = 0;
});

const assume = () =>
  sts.assumeRole(role, '1671476818694-phptj0', 's3://b/in.mp4', AbortSignal.timeout(30_000));
const refusal = (status: number, code: string) => ({
  status,
  body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>as documented</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

describe('STS', () => {
  it('gives credentials for a session named as the service names its own', async () => {
    answer = {
      status: 200,
      body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>session-secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    };
    expect(await assume()).toEqual({
      accessKeyId: 'ASIASESSION',
      secretAccessKey: 'session-secret',
      sessionToken: 'token',
      expiration: new Date('2030-01-01T00:00:00Z'),
    });
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: role,
      RoleSessionName: 'EmeSession_1671476818694-phptj0',
      DurationSeconds: '900',
    });
  });

  it.each([
    [403, 'AccessDenied', 1434],
    [400, 'ValidationError', 1515],
    [404, 'NoSuchEntity', 1433],
    [403, 'RegionDisabledException', 1432],
    [400, 'PackedPolicyTooLarge', 1432],
  ])('%s %s is error %s of the job', async (status, code, expected) => {
    answer = refusal(status, code);
    await expect(assume()).rejects.toMatchObject({
      record: {
        code: expected,
        mediaFact: expect.stringContaining(`STS refused AssumeRole of ${role}: ${code}`),
      },
    });
  });

  it.each([
    [403, 'InvalidClientTokenId'],
    [403, 'SignatureDoesNotMatch'],
    [500, 'InternalFailure'],
  ])('%s %s tells nothing of the role: it is no error of the role', async (status, code) => {
    answer = refusal(status, code);
    const reason = await assume().catch((error: unknown) => error);
    expect(reason).not.toHaveProperty('record');
    expect(reason).toMatchObject({ name: code });
  });

  it('that is asked no more by a canceled job ends with the reason of the cancel', async () => {
    answer = refusal(403, 'AccessDenied');
    const reason = new DOMException('the job was canceled', 'AbortError');
    await expect(sts.assumeRole(role, 'id', '', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
