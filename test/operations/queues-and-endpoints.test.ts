/** GetQueue, ListQueues, DescribeEndpoints, and the operations this release does not have, through the real SDK. */
import {
  BadRequestException,
  CreateJobCommand,
  DescribeEndpointsCommand,
  GetQueueCommand,
  ListQueuesCommand,
  type MediaConvertClient,
  NotFoundException,
  paginateDescribeEndpoints,
  paginateListQueues,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/contract/operations.ts';
import { answerOperation, availableOperations } from '../../src/operations/operation-table.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi({ accountConcurrentJobs: 50 });
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('queues', () => {
  it('has Default from the start, and counts its jobs', async () => {
    await client.send(new CreateJobCommand({ Role: role, Settings: mp4Settings() }));
    const { Queue } = await client.send(new GetQueueCommand({ Name: 'Default' }));
    expect(Queue).toMatchObject({
      Arn: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
      Name: 'Default',
      Type: 'SYSTEM',
      Status: 'ACTIVE',
      PricingPlan: 'ON_DEMAND',
      SubmittedJobsCount: 1,
      ProgressingJobsCount: 0,
    });
    expect(Queue?.CreatedAt).toEqual(Queue?.LastUpdated);
    const byArn = await client.send(new GetQueueCommand({ Name: Queue?.Arn }));
    expect(byArn.Queue).toEqual(Queue);
  });

  it.each([
    'default',
    'Fast',
    'a b/c',
    'x'.repeat(1500),
    'arn:aws:mediaconvert:us-east-1:000000000000:presets/Default',
  ])('answers 404 for %j', async (Name) => {
    await expect(client.send(new GetQueueCommand({ Name }))).rejects.toBeInstanceOf(NotFoundException);
  });

  it('answers 404 for a name as long as an ARN may be', async () => {
    const long = client.send(new GetQueueCommand({ Name: 'x'.repeat(2000) }));
    await expect(long).rejects.toBeInstanceOf(NotFoundException);
  });

  it('lists them with the account limit, page by page', async () => {
    const at = (name: string, order: number) => ({
      name,
      description: `queue ${order}`,
      type: 'CUSTOM' as const,
      status: 'PAUSED' as const,
      pricing_plan: 'ON_DEMAND' as const,
      concurrent_jobs: 10,
      created_at_ms: 4_000_000_000_000 + order,
      updated_at_ms: 4_000_000_000_000 + order,
    });
    await api.database.sql
      .insertInto('queue')
      .values([at('zulu', 1), at('Alpha', 2), at('alpha', 3)])
      .execute();
    const list = async (input: ConstructorParameters<typeof ListQueuesCommand>[0]) => {
      const names: string[] = [];
      for await (const page of paginateListQueues({ client, pageSize: 1 }, input ?? {})) {
        expect(page).toMatchObject({ TotalConcurrentJobs: 50, UnallocatedConcurrentJobs: 19 });
        names.push(...(page.Queues ?? []).map(({ Name }) => Name ?? ''));
      }
      return names;
    };
    expect(await list({})).toEqual(['Default', 'zulu', 'Alpha', 'alpha']);
    expect(await list({ ListBy: 'NAME' })).toEqual(['Alpha', 'Default', 'alpha', 'zulu']);
    expect(await list({ ListBy: 'NAME', Order: 'DESCENDING' })).toEqual([
      'zulu',
      'alpha',
      'Default',
      'Alpha',
    ]);
    const { Queues } = await client.send(new ListQueuesCommand({ Order: 'DESCENDING', MaxResults: 1 }));
    expect(Queues?.[0]).toMatchObject({
      Name: 'alpha',
      Description: 'queue 3',
      ConcurrentJobs: 10,
      Status: 'PAUSED',
      Type: 'CUSTOM',
    });
  });
});

describe('DescribeEndpoints', () => {
  conformance('DescribeEndpoints', 'success', 'names the address the client used', async () => {
    const { Endpoints } = await client.send(new DescribeEndpointsCommand({}));
    expect(Endpoints).toEqual([{ Url: api.url }]);
  });

  conformance('DescribeEndpoints', 'pagination', 'the one page has no token', async () => {
    const pages = [];
    for await (const page of paginateDescribeEndpoints({ client, pageSize: 1 }, {}))
      pages.push(page.NextToken);
    expect(pages).toEqual([undefined]);
  });

  conformance('DescribeEndpoints', 'BadRequestException', 'a token it did not give', async () => {
    const bent = client.send(new DescribeEndpointsCommand({ NextToken: 'x' }));
    await expect(bent).rejects.toBeInstanceOf(BadRequestException);
  });

  it.each([{}, { Mode: 'GET_ONLY' as const }, { MaxResults: 0 }])(
    'names the address the client used, for %j',
    async (input) => {
      const { Endpoints } = await client.send(new DescribeEndpointsCommand(input));
      expect(Endpoints).toEqual([{ Url: api.url }]);
    },
  );

  it('names the public address of a server behind a proxy', async () => {
    const proxied = await api.serve({ publicUrl: 'https://mediaconvert.example' });
    const { Endpoints } = await api.client(proxied.url).send(new DescribeEndpointsCommand({}));
    expect(Endpoints).toEqual([{ Url: 'https://mediaconvert.example' }]);
  });
});

describe('operations this release does not have', () => {
  it('are refused by name', async () => {
    const refused = answerOperation('MakeCoffee', {}, {} as never);
    await expect(refused).rejects.toMatchObject({
      type: 'BadRequestException',
      message: 'MakeCoffee is not available in this release.',
    });
  });

  it('are those of the contract that the table does not hold', () => {
    const names = operations.map(({ name }) => name);
    expect([...availableOperations.keys()].filter((name) => !names.includes(name))).toEqual([]);
    expect(names).toHaveLength(34);
  });
});
