/** Requests signed by the real SDK are accepted; the same requests, changed in one place, are not. */
import {
  CreateJobCommand,
  GetJobCommand,
  GetPresetCommand,
  ListJobsCommand,
  ListTagsForResourceCommand,
  MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessKey } from '../../src/identity/access-keys.ts';
import { ApiFault } from '../../src/operations/api-fault.ts';
import type { SignedRequest } from '../../src/wire/signature-claim.ts';
import { type SignatureRules, verifySignature } from '../../src/wire/signature-v4.ts';
import { type RequestRecorder, recordRequests } from './capture-requests.ts';

const longLived: AccessKey = {
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: 'a-secret/with+signs=',
  sessionToken: null,
  expiresAtMs: null,
  callerArn: null,
  permissions: null,
};
const temporary: AccessKey = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'another-secret',
  sessionToken: 'session/token+==',
  expiresAtMs: Date.now() + 3_600_000,
  callerArn: null,
  permissions: null,
};

let recorder: RequestRecorder;
beforeAll(async () => {
  recorder = await recordRequests();
});
afterAll(() => recorder[Symbol.asyncDispose]());

function client(key: AccessKey, region = 'us-east-1'): MediaConvertClient {
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) };
  return new MediaConvertClient({ endpoint: recorder.url, region, credentials, maxAttempts: 1 });
}

function rules(keys: readonly AccessKey[] = [longLived, temporary], nowMs = Date.now()): SignatureRules {
  return { region: 'us-east-1', keys: new Map(keys.map((key) => [key.accessKeyId, key])), nowMs };
}

/** The error type of a refused request; 'accepted' when it passes. */
function judge(request: SignedRequest, against = rules()): string {
  try {
    verifySignature(request, against);
    return 'accepted';
  } catch (error) {
    if (error instanceof ApiFault) return error.type;
    throw error;
  }
}

function withHeader(request: SignedRequest, name: string, change: (value: string) => string): SignedRequest {
  const rawHeaders = request.rawHeaders.map((text, index) =>
    index % 2 === 1 && request.rawHeaders[index - 1]?.toLowerCase() === name ? change(text) : text,
  );
  return { ...request, rawHeaders };
}

const withoutHeader = (request: SignedRequest, name: string): SignedRequest => ({
  ...request,
  rawHeaders: request.rawHeaders.filter(
    (_, index) => request.rawHeaders[index - (index % 2)]?.toLowerCase() !== name,
  ),
});

async function signedCreateJob(key = longLived): Promise<SignedRequest> {
  await client(key).send(new CreateJobCommand({ Role: 'arn:aws:iam::000000000000:role/ü', Settings: {} }));
  return recorder.last();
}

describe('requests of the real SDK', () => {
  it.each([
    ['a body', () => new CreateJobCommand({ Role: 'röle', Settings: { Inputs: [] } })],
    ['an id in the path', () => new GetJobCommand({ Id: '1671476818694-phptj0' })],
    [
      'an ARN in the path',
      () => new ListTagsForResourceCommand({ Arn: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Q' }),
    ],
    ["spaces and !'()* in the path", () => new GetPresetCommand({ Name: "My preset (v1)!*' 100%" })],
    [
      'an ARN in the query',
      () =>
        new ListJobsCommand({
          Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/A B',
          Order: 'ASCENDING',
          MaxResults: 3,
        }),
    ],
  ])('with %s are accepted', async (_, command) => {
    await client(longLived).send(command() as GetJobCommand);
    expect(judge(recorder.last())).toBe('accepted');
  });

  it('with temporary credentials are accepted', async () => {
    expect(judge(await signedCreateJob(temporary))).toBe('accepted');
  });

  it('presigned by the SDK are accepted until they expire', async () => {
    const mediaConvert = client(temporary);
    await mediaConvert.send(new GetJobCommand({ Id: 'a b' }));
    const signer = await mediaConvert.config.signer({
      name: 'sigv4',
      signingName: 'mediaconvert',
      signingRegion: 'us-east-1',
      properties: {},
    });
    if (!('presign' in signer) || typeof signer.presign !== 'function')
      throw new Error('the SDK has no presigning any more');
    const signedAt = new Date('2026-03-01T12:00:00Z');
    const presigned = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: 'localhost',
        port: 8420,
        path: '/2017-08-29/jobs/a%20b',
        query: {},
        headers: { host: 'localhost:8420' },
      },
      { expiresIn: 600, signingDate: signedAt },
    );
    const query = Object.entries(presigned.query as Record<string, string>).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    );
    const request = {
      method: 'GET',
      rawUrl: `${presigned.path}?${query.join('&')}`,
      rawHeaders: ['Host', 'localhost:8420'],
      body: new Uint8Array(0),
    };
    const at = (seconds: number) =>
      rules(
        [temporary].map((key) => ({ ...key, expiresAtMs: null })),
        signedAt.getTime() + seconds * 1000,
      );
    expect(judge(request, at(599))).toBe('accepted');
    expect(judge(request, at(601))).toBe('InvalidSignatureException');
    expect(judge(request, at(-301))).toBe('InvalidSignatureException');
    expect(judge({ ...request, rawUrl: request.rawUrl.replace('a%20b', 'a%20c') }, at(1))).toBe(
      'InvalidSignatureException',
    );
  });
});

describe('a correctly signed request, changed afterwards,', () => {
  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    [
      'one byte of the body',
      (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) }),
    ],
    ['method', (request) => ({ ...request, method: 'PUT' })],
    ['path', (request) => ({ ...request, rawUrl: '/2017-08-29/queues' })],
    ['query', (request) => ({ ...request, rawUrl: `${request.rawUrl}?queue=x` })],
    ['a signed header', (request) => withHeader(request, 'host', () => 'elsewhere.example')],
    ['a signed header that is gone', (request) => withoutHeader(request, 'amz-sdk-request')],
    [
      'one digit of the signature',
      (request) =>
        withHeader(
          request,
          'authorization',
          (value) => value.slice(0, -1) + (value.endsWith('0') ? '1' : '0'),
        ),
    ],
    [
      'a claimed body hash',
      (request) => withHeader(request, 'x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD'),
    ],
  ])('is refused: %s', async (_, change) => {
    const request = await signedCreateJob();
    expect(judge(request)).toBe('accepted');
    expect(judge(change(request))).toBe('InvalidSignatureException');
  });
});

describe('refusals', () => {
  it('an unknown key', async () => {
    expect(judge(await signedCreateJob(), rules([temporary]))).toBe('UnrecognizedClientException');
  });

  it('a wrong secret', async () => {
    const stranger = { ...longLived, secretAccessKey: 'guessed-secret' };
    expect(judge(await signedCreateJob(stranger))).toBe('InvalidSignatureException');
  });

  it('a temporary key without its token, with another token, and past its end', async () => {
    expect(judge(await signedCreateJob({ ...temporary, sessionToken: null }))).toBe(
      'UnrecognizedClientException',
    );
    expect(judge(await signedCreateJob({ ...temporary, sessionToken: 'other' }))).toBe(
      'UnrecognizedClientException',
    );
    const ended = { ...temporary, expiresAtMs: Date.now() - 1 };
    expect(judge(await signedCreateJob(temporary), rules([ended]))).toBe('ExpiredTokenException');
  });

  it('a long-lived key with a token', async () => {
    expect(judge(await signedCreateJob({ ...longLived, sessionToken: 'surplus' }))).toBe(
      'UnrecognizedClientException',
    );
  });

  it('a clock more than five minutes off, in either direction', async () => {
    const request = await signedCreateJob();
    expect(judge(request, rules([longLived], Date.now() + 290_000))).toBe('accepted');
    expect(judge(request, rules([longLived], Date.now() + 310_000))).toBe('InvalidSignatureException');
    expect(judge(request, rules([longLived], Date.now() - 310_000))).toBe('InvalidSignatureException');
  });

  it('another region', async () => {
    await client(longLived, 'eu-west-1').send(new ListJobsCommand({}));
    expect(() => verifySignature(recorder.last(), rules())).toThrow(
      "Credential should be scoped to a valid region, not 'eu-west-1'.",
    );
  });

  it('no signature at all, and one that is malformed', async () => {
    const request = await signedCreateJob();
    expect(judge(withoutHeader(request, 'authorization'))).toBe('MissingAuthenticationTokenException');
    for (const authorization of [
      'Basic dXNlcjpwYXNz',
      'AWS4-HMAC-SHA256',
      'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/mediaconvert/aws4_request, SignedHeaders=host',
      'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=00',
    ]) {
      expect(judge(withHeader(request, 'authorization', () => authorization))).toBe(
        'IncompleteSignatureException',
      );
    }
  });

  it('anything else a client may write there, always with an API error', async () => {
    const request = await signedCreateJob();
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.string(),
        (authorization, date, query) => {
          const hostile = withHeader(
            withHeader(request, 'authorization', () => authorization),
            'x-amz-date',
            () => date,
          );
          expect(judge(hostile)).toMatch(/Exception$/);
          const presigned = {
            ...withoutHeader(request, 'authorization'),
            rawUrl: `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&${query}`,
          };
          expect(judge(presigned)).toMatch(/Exception$/);
        },
      ),
    );
  });
});
