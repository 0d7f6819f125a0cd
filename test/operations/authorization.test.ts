/** Callers with policies, and throttling, through the real SDK against servers with access keys. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import {
  CancelJobCommand,
  CreateJobCommand,
  type CreateJobCommandInput,
  CreateJobTemplateCommand,
  CreateResourceShareCommand,
  DescribeEndpointsCommand,
  GetJobCommand,
  GetPolicyCommand,
  GetQueueCommand,
  ListJobsCommand,
  ListQueuesCommand,
  MediaConvertClient,
  ProbeCommand,
  PutPolicyCommand,
  TagResourceCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/contract/operations.ts';
import { operationRights } from '../../src/operations/authorization.table.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { asDryRun } from './as-dry-run.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await startApi();
  const row = {
    type: 'CUSTOM' as const,
    status: 'ACTIVE' as const,
    pricing_plan: 'ON_DEMAND' as const,
    description: null,
    concurrent_jobs: 1,
    created_at_ms: 1,
    updated_at_ms: 1,
  };
  await api.database.sql
    .insertInto('queue')
    .values([
      { ...row, name: 'Fast' },
      { ...row, name: 'Locked' },
    ])
    .execute();
  await api.database.sql
    .insertInto('tag')
    .values({ resource_type: 'queue', resource_id: 'Locked', key: 'access', value: 'deny-most' })
    .execute();
});
afterAll(() => api[Symbol.asyncDispose]());

const arn = (resource: string) => `arn:aws:mediaconvert:us-east-1:000000000000:${resource}`;
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: string, Condition: object, Resource = '*') => ({
  Effect: 'Deny',
  Action,
  Resource,
  Condition,
});

/** A client whose key has these statements, or none for a key that may do everything. */
async function caller(
  statements: readonly object[] | null,
  boundary?: readonly object[],
): Promise<MediaConvertClient> {
  const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a-configured-secret' };
  const policyOf = (Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
  const { url } = await api.serve({
    accessKeys: [
      {
        ...key,
        arn: 'arn:aws:iam::000000000000:user/team/alice',
        ...(statements === null ? {} : { policies: [policyOf(statements)] }),
        ...(boundary === undefined ? {} : { permissionsBoundary: policyOf(boundary) }),
      },
    ],
  });
  return new MediaConvertClient({ endpoint: url, region: 'us-east-1', credentials: key, maxAttempts: 1 });
}

const jobOf = (members: Partial<CreateJobCommandInput> = {}) =>
  new CreateJobCommand({ Role: role, Settings: mp4Settings(), ...members });

async function denial(request: Promise<unknown>): Promise<string> {
  const error = await request.then(
    () => new Error('allowed'),
    (reason: Error) => reason,
  );
  expect(error.name).toBe('AccessDeniedException');
  return error.message.replace(
    'User: arn:aws:iam::000000000000:user/team/alice is not authorized to perform: ',
    '',
  );
}

describe('the table of rights', () => {
  it('has a row for each operation of the contract, and its members exist', () => {
    expect(Object.keys(operationRights).toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
    for (const { name, members } of operations) {
      const rights = operationRights[name];
      const wanted = [
        ...(rights?.named.flatMap((each) =>
          'member' in each ? [each.member] : ['inSettings' in each ? 'settings' : 'hopDestinations'],
        ) ?? []),
        ...[rights?.requestTags, rights?.tagKeys, rights?.passesRole].filter((each) => each !== undefined),
      ];
      expect([name, wanted.filter((each) => !members.some((member) => member.name === each))]).toEqual([
        name,
        [],
      ]);
    }
  });
});

describe('a caller', () => {
  conformance('ListQueues', 'AccessDeniedException', 'without any right is told what it lacks', async () => {
    const client = await caller([]);
    expect(await denial(client.send(new ListQueuesCommand({})))).toBe(
      `mediaconvert:ListQueues on resource: ${arn('queues/*')}`,
    );
  });

  conformance('DescribeEndpoints', 'AccessDeniedException', 'the resource is the collection', async () => {
    const client = await caller([allow('mediaconvert:Get*')]);
    expect(await denial(client.send(new DescribeEndpointsCommand({})))).toBe(
      `mediaconvert:DescribeEndpoints on resource: ${arn('endpoints/*')}`,
    );
  });

  it('with the managed read-only policy reads, and changes nothing', async () => {
    const client = await caller([
      allow(['mediaconvert:Get*', 'mediaconvert:List*', 'mediaconvert:DescribeEndpoints']),
    ]);
    await client.send(new ListJobsCommand({}));
    await client.send(new GetPolicyCommand({}));
    await client.send(new DescribeEndpointsCommand({}));
    expect(await denial(client.send(jobOf()))).toBe(
      `mediaconvert:CreateJob on resource: ${arn('queues/Default')}`,
    );
    expect(await denial(client.send(new PutPolicyCommand({ Policy: {} })))).toContain(
      'mediaconvert:PutPolicy',
    );
    expect(await denial(client.send(new CancelJobCommand({ Id: '1671476818694-phptj0' })))).toBe(
      `mediaconvert:CancelJob on resource: ${arn('jobs/1671476818694-phptj0')}`,
    );
  });

  conformance('CreateJob', 'AccessDeniedException', 'needs every resource the job refers to', async () => {
    const client = await caller([
      allow('mediaconvert:CreateJob', [arn('queues/Default'), arn('presets/Mine*')]),
      allow('iam:PassRole'),
    ]);
    await client.send(jobOf());
    await client.send(jobOf({ Queue: arn('queues/Default') }));
    const to = (queue: string) => `mediaconvert:CreateJob on resource: ${arn(`queues/${queue}`)}`;
    expect(await denial(client.send(asDryRun(jobOf({ Queue: 'Fast' }))))).toBe(to('Fast'));
    expect(await denial(client.send(jobOf({ Queue: arn('queues/Fast') })))).toBe(to('Fast'));
    expect(await denial(client.send(jobOf({ HopDestinations: [{ Queue: 'Fast', WaitMinutes: 5 }] })))).toBe(
      to('Fast'),
    );
    expect(await denial(client.send(jobOf({ JobTemplate: 'T' })))).toBe(
      `mediaconvert:CreateJob on resource: ${arn('jobTemplates/T')}`,
    );
    const settings = mp4Settings();
    const [output] = settings.OutputGroups?.[0]?.Outputs ?? [];
    if (output !== undefined) output.Preset = 'System-Generic_Hd_Mp4_Avc_Aac_16x9_1920x1080p_24Hz_6Mbps';
    expect(await denial(client.send(jobOf({ Settings: settings })))).toContain(
      arn('presets/System-Generic_Hd'),
    );
    if (output !== undefined) output.Preset = 'Mine 1';
    // Allowed, so it is the preset itself that is missing.
    await expect(client.send(jobOf({ Settings: settings }))).rejects.toThrow('preset');
  });

  it('needs what the template of a job refers to', async () => {
    const { Inputs: _, ...Settings } = mp4Settings();
    await (await caller(null)).send(
      new CreateJobTemplateCommand({ Name: 'To Fast', Queue: 'Fast', Settings }),
    );
    const client = await caller([
      allow('mediaconvert:CreateJob', [arn('queues/Default'), arn('jobTemplates/*')]),
      allow('iam:PassRole'),
    ]);
    const { Inputs } = mp4Settings();
    expect(await denial(client.send(jobOf({ JobTemplate: 'To Fast', Settings: { Inputs } })))).toBe(
      `mediaconvert:CreateJob on resource: ${arn('queues/Fast')}`,
    );
    const own = jobOf({ JobTemplate: 'To Fast', Queue: 'Default', Settings: { Inputs } });
    expect((await client.send(own)).Job?.Queue).toBe(arn('queues/Default'));
    const overSystem = jobOf({ JobTemplate: 'System-Ott_Hls_Ts_Avc_Aac', Settings: { Inputs } });
    expect(await denial(client.send(overSystem))).toContain(arn('presets/System-Ott_Hls_Ts_Avc_Aac'));
  });

  it('needs the queue that a hop without a queue goes to', async () => {
    const client = await caller([
      allow('mediaconvert:*', [arn('queues/Fast'), arn('jobTemplates/*')]),
      allow('iam:PassRole'),
    ]);
    const hop = { Queue: 'Fast', HopDestinations: [{ WaitMinutes: 1 }] };
    expect(await denial(client.send(jobOf(hop)))).toBe(
      `mediaconvert:CreateJob on resource: ${arn('queues/Default')}`,
    );
    const { Inputs: _, ...Settings } = mp4Settings();
    const template = new CreateJobTemplateCommand({ ...hop, Name: 'Hopping', Settings });
    expect(await denial(client.send(template))).toBe(
      `mediaconvert:CreateJobTemplate on resource: ${arn('queues/Default')}`,
    );
  });

  it('probes an object of a bucket only when it may read the object itself', async () => {
    const probe = (FileUrl: string) => new ProbeCommand({ InputFiles: [{ FileUrl }] });
    const client = await caller([allow('mediaconvert:Probe'), allow('s3:GetObject', 'arn:aws:s3:::media/*')]);
    expect(await denial(client.send(probe('s3://secret/a b.mp4')))).toBe(
      's3:GetObject on resource: arn:aws:s3:::secret/a b.mp4',
    );
    // Allowed, so it is the file itself that this server cannot read.
    await expect(client.send(probe('s3://media/a.mp4'))).rejects.not.toThrow('not authorized');
    await expect(client.send(probe('http://media.example/a.mp4'))).rejects.not.toThrow('not authorized');
  });

  it('needs iam:PassRole on the role, for this service', async () => {
    const create = allow('mediaconvert:*');
    const passed = (service: string) =>
      allow('iam:PassRole', role, { StringEquals: { 'iam:PassedToService': service } });
    expect(await denial((await caller([create])).send(jobOf()))).toBe(`iam:PassRole on resource: ${role}`);
    expect(await denial((await caller([create, passed('ec2.amazonaws.com')])).send(jobOf()))).toContain(
      'iam:PassRole',
    );
    const client = await caller([create, passed('mediaconvert.amazonaws.com')]);
    await client.send(jobOf());
    expect(await denial(client.send(jobOf({ Role: `${role}2` })))).toBe(`iam:PassRole on resource: ${role}2`);
  });

  it('is bounded by a permissions boundary', async () => {
    const client = await caller([allow('*')], [allow('mediaconvert:List*')]);
    await client.send(new ListQueuesCommand({}));
    expect(await denial(client.send(new GetQueueCommand({ Name: 'Default' })))).toContain(
      'mediaconvert:GetQueue',
    );
  });

  it('meets tags of resources, of requests, and tag keys', async () => {
    const byTag = await caller([
      allow('*'),
      deny('mediaconvert:*', { StringLike: { 'aws:ResourceTag/access': 'deny*' } }),
    ]);
    await byTag.send(new GetQueueCommand({ Name: 'Fast' }));
    expect(await denial(byTag.send(new GetQueueCommand({ Name: 'Locked' })))).toContain(arn('queues/Locked'));
    expect(await denial(byTag.send(jobOf({ Queue: 'Locked' })))).toContain(arn('queues/Locked'));

    const tagged = await caller([
      allow('*'),
      deny('mediaconvert:CreateJob', { StringNotEquals: { 'aws:RequestTag/team': '${aws:username}' } }),
      deny('mediaconvert:TagResource', { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': ['team'] } }),
    ]);
    await tagged.send(jobOf({ Tags: { team: 'alice' } }));
    await denial(tagged.send(jobOf({ Tags: { team: 'bob' } })));
    await denial(tagged.send(jobOf()));
    const tag = (Tags: Record<string, string>) =>
      tagged.send(new TagResourceCommand({ Arn: arn('queues/Fast'), Tags }));
    expect(await denial(tag({ team: 'a', owner: 'b' }))).toBe(
      `mediaconvert:TagResource on resource: ${arn('queues/Fast')}`,
    );
  });

  it('meets the input policy in force', async () => {
    const admin = await caller(null);
    const client = await caller([
      allow('mediaconvert:CreateJob', '*', { Bool: { 'mediaconvert:HttpInputsAllowed': 'false' } }),
      allow('iam:PassRole'),
    ]);
    expect(await denial(client.send(jobOf()))).toBe(
      `mediaconvert:CreateJob on resource: ${arn('queues/Default')}`,
    );
    await admin.send(new PutPolicyCommand({ Policy: { HttpInputs: 'DISALLOWED' } }));
    await client.send(jobOf());
    await expect(
      client.send(jobOf({ Settings: mp4Settings('http://media.example/in.mp4') })),
    ).rejects.toThrow('policy disallows');
    await admin.send(new PutPolicyCommand({ Policy: {} }));
  });

  it('meets address, time and transport', async () => {
    const client = await caller([
      allow('mediaconvert:ListQueues', '*', { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }),
      allow('mediaconvert:ListJobs', '*', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
      allow('mediaconvert:GetPolicy', '*', { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }),
      allow('mediaconvert:GetQueue', '*', { Bool: { 'aws:SecureTransport': 'true' } }),
    ]);
    await client.send(new ListQueuesCommand({}));
    await denial(client.send(new ListJobsCommand({})));
    await denial(client.send(new GetPolicyCommand({})));
    await denial(client.send(new GetQueueCommand({ Name: 'Default' })));
  });

  it('stores nothing when it is denied, and a malformed request is denied before it is explained', async () => {
    const client = await caller([allow('mediaconvert:ListJobs')]);
    const before = (await client.send(new ListJobsCommand({}))).Jobs?.length;
    await denial(client.send(jobOf()));
    await denial(client.send(jobOf({ Settings: { Inputs: 5 } as never })));
    expect((await client.send(new ListJobsCommand({}))).Jobs?.length).toBe(before);
  });
});

describe('throttling', () => {
  conformance('CreateJob', 'TooManyRequestsException', 'at the configured rate, and not before', async () => {
    const { url } = await api.serve({ throttling: { CreateJob: { perSecond: 0.5, burst: 2 } } });
    const client = api.client(url);
    api.clock.now = Date.now();
    try {
      await client.send(jobOf());
      await client.send(jobOf());
      await expect(client.send(jobOf())).rejects.toBeInstanceOf(TooManyRequestsException);
      await expect(client.send(jobOf())).rejects.toThrow('Too Many Requests');
      // Every other operation has a bucket of its own.
      await client.send(new ListJobsCommand({}));
      api.clock.now += 2000;
      await client.send(jobOf());
      await expect(client.send(jobOf())).rejects.toBeInstanceOf(TooManyRequestsException);
    } finally {
      api.clock.now = null;
    }
  });

  conformance(
    'CreateResourceShare',
    'TooManyRequestsException',
    "with AWS's rates: ten, then one in ten seconds",
    async () => {
      const { url } = await api.serve({ throttling: true });
      const client = api.client(url);
      const share = () =>
        client.send(new CreateResourceShareCommand({ JobId: 'x', SupportCaseId: 'case-1' }));
      api.clock.now = Date.now();
      try {
        for (let call = 0; call < 10; call += 1) await expect(share()).rejects.toThrow('not found');
        await expect(share()).rejects.toBeInstanceOf(TooManyRequestsException);
        for (let call = 0; call < 150; call += 1) await client.send(new DescribeEndpointsCommand({}));
      } finally {
        api.clock.now = null;
      }
    },
  );
});

describe('without policies', () => {
  it('a key may do everything', async () => {
    const client = await caller(null);
    const { Job } = await client.send(jobOf());
    await client.send(new GetJobCommand({ Id: Job?.Id }));
  });
});
