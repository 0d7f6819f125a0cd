/** Input policies, certificates and resource shares through the real SDK. */
import {
  AssociateCertificateCommand,
  BadRequestException,
  CreateJobCommand,
  CreateResourceShareCommand,
  DeletePolicyCommand,
  DisassociateCertificateCommand,
  GetJobCommand,
  GetPolicyCommand,
  ListJobsCommand,
  type MediaConvertClient,
  NotFoundException,
  PutPolicyCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

const everythingAllowed = { HttpInputs: 'ALLOWED', HttpsInputs: 'ALLOWED', S3Inputs: 'ALLOWED' };
const submit = (settings = mp4Settings()) =>
  client.send(new CreateJobCommand({ Role: role, Settings: settings }));
const withoutPolicy = () => client.send(new DeletePolicyCommand({}));

describe('the input policy', () => {
  conformance('GetPolicy', 'success', 'without a policy everything is allowed', async () => {
    await withoutPolicy();
    expect((await client.send(new GetPolicyCommand({}))).Policy).toEqual(everythingAllowed);
  });

  conformance('PutPolicy', 'success', 'replaces the policy whole; what is left out is allowed', async () => {
    const put = (Policy: object) => client.send(new PutPolicyCommand({ Policy }));
    expect((await put({ HttpInputs: 'DISALLOWED', S3Inputs: 'ALLOWED' })).Policy).toEqual({
      ...everythingAllowed,
      HttpInputs: 'DISALLOWED',
    });
    await put({ S3Inputs: 'DISALLOWED' });
    expect((await client.send(new GetPolicyCommand({}))).Policy).toEqual({
      ...everythingAllowed,
      S3Inputs: 'DISALLOWED',
    });
    await put({});
    expect((await client.send(new GetPolicyCommand({}))).Policy).toEqual(everythingAllowed);
  });

  conformance('PutPolicy', 'BadRequestException', 'names what is no policy', async () => {
    const bad = client.send(new PutPolicyCommand({ Policy: { HttpInputs: 'MAYBE' as 'ALLOWED' } }));
    await expect(bad).rejects.toBeInstanceOf(BadRequestException);
    await expect(bad).rejects.toThrow('/policy/httpInputs: Should be equal to one of the allowed values');
    await expect(client.send(new PutPolicyCommand({ Policy: undefined }))).rejects.toThrow(
      "The 'policy' field is required.",
    );
    expect((await client.send(new GetPolicyCommand({}))).Policy).toEqual(everythingAllowed);
  });

  conformance('DeletePolicy', 'success', 'is back to everything allowed, twice too', async () => {
    await client.send(new PutPolicyCommand({ Policy: { HttpsInputs: 'DISALLOWED' } }));
    await withoutPolicy();
    await withoutPolicy();
    expect((await client.send(new GetPolicyCommand({}))).Policy).toEqual(everythingAllowed);
  });

  it.each([
    ['http://media.example/in.mp4', { HttpInputs: 'DISALLOWED' }],
    ['https://media.example/in.mp4', { HttpsInputs: 'DISALLOWED' }],
    ['s3://media/in.mp4', { S3Inputs: 'DISALLOWED' }],
  ] as const)('refuses a job that reads %s under %j, and stores none', async (url, Policy) => {
    const before = (await client.send(new ListJobsCommand({}))).Jobs?.length;
    await client.send(new PutPolicyCommand({ Policy }));
    try {
      const refused = submit(mp4Settings(url));
      await expect(refused).rejects.toBeInstanceOf(BadRequestException);
      await expect(refused).rejects.toThrow(
        `You specified an input location that your policy disallows: '${url}.`,
      );
      expect((await client.send(new ListJobsCommand({}))).Jobs?.length).toBe(before);
    } finally {
      await withoutPolicy();
    }
    expect((await submit(mp4Settings(url))).Job?.Status).toBe('SUBMITTED');
  });

  it('looks at every file a job names, not only at its inputs', async () => {
    await client.send(new PutPolicyCommand({ Policy: { HttpsInputs: 'DISALLOWED' } }));
    try {
      const settings = mp4Settings();
      const url = 'https://captions.example/en.srt';
      const [input] = settings.Inputs ?? [];
      if (input !== undefined)
        input.CaptionSelectors = {
          'Captions 1': { SourceSettings: { SourceType: 'SRT', FileSourceSettings: { SourceFile: url } } },
        };
      await expect(submit(settings)).rejects.toThrow(url);
    } finally {
      await withoutPolicy();
    }
  });
});

describe('certificates', () => {
  const arn = 'arn:aws:acm:us-east-1:000000000000:certificate/7e8a21ad-5cc9-4d6a-9a7d-2c3b0e1f4a5b';
  const associate = (Arn: string) => client.send(new AssociateCertificateCommand({ Arn }));
  const disassociate = (Arn: string) => client.send(new DisassociateCertificateCommand({ Arn }));

  conformance('AssociateCertificate', 'success', 'is 201 with an empty body, again and again', async () => {
    const { $metadata, ...body } = await associate(arn);
    expect([$metadata.httpStatusCode, body]).toEqual([201, {}]);
    await associate(arn);
  });

  conformance(
    'AssociateCertificate',
    'BadRequestException',
    'wants an ACM certificate of this region',
    async () => {
      for (const wrong of [
        'x',
        arn.replace('acm', 'iam'),
        arn.replace('us-east-1', 'eu-west-1'),
        `${arn}/x`,
      ]) {
        await expect(associate(wrong)).rejects.toBeInstanceOf(BadRequestException);
      }
    },
  );

  conformance('DisassociateCertificate', 'success', 'is 202, for the ARN in the path', async () => {
    await associate(arn);
    const { $metadata, ...body } = await disassociate(arn);
    expect([$metadata.httpStatusCode, body]).toEqual([202, {}]);
  });

  conformance(
    'DisassociateCertificate',
    'NotFoundException',
    'of what is not associated is 404',
    async () => {
      await associate(arn);
      await disassociate(arn);
      await expect(disassociate(arn)).rejects.toBeInstanceOf(NotFoundException);
      await expect(disassociate('anything at all')).rejects.toBeInstanceOf(NotFoundException);
    },
  );
});

describe('resource shares', () => {
  const share = (JobId: string, SupportCaseId = 'case-111122223333-muen-2026-abc') =>
    client.send(new CreateResourceShareCommand({ JobId, SupportCaseId }));

  conformance('CreateResourceShare', 'success', 'shows on the job from then on, by id or ARN', async () => {
    const { Job } = await submit();
    expect(Job).not.toHaveProperty('ShareStatus');
    const { $metadata, ...body } = await share(Job?.Id ?? '');
    expect([$metadata.httpStatusCode, body]).toEqual([202, {}]);
    await share(Job?.Arn ?? '', 'case-2');
    const shared = await client.send(new GetJobCommand({ Id: Job?.Id }));
    expect(shared.Job).toMatchObject({
      ShareStatus: 'SHARED',
      LastShareDetails: expect.stringMatching(/case-2 at \d{4}-/),
    });
    const { Jobs } = await client.send(new ListJobsCommand({ MaxResults: 1 }));
    expect(Jobs?.[0]).toMatchObject({ Id: Job?.Id, ShareStatus: 'SHARED' });
  });

  conformance('CreateResourceShare', 'NotFoundException', 'of an unknown job is 404', async () => {
    await expect(share('1671476818694-phptj0')).rejects.toBeInstanceOf(NotFoundException);
    await expect(share('no id')).rejects.toBeInstanceOf(NotFoundException);
  });

  conformance('CreateResourceShare', 'BadRequestException', 'wants the id of a support case', async () => {
    const { Job } = await submit();
    await expect(share(Job?.Id ?? '', 'call me')).rejects.toBeInstanceOf(BadRequestException);
    const { Job: after } = await client.send(new GetJobCommand({ Id: Job?.Id }));
    expect(after).not.toHaveProperty('ShareStatus');
  });
});
