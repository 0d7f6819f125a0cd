/** CreateQueue, UpdateQueue, DeleteQueue, GetQueue and ListQueues through the real SDK. */
import {
  BadRequestException,
  CancelJobCommand,
  ConflictException,
  CreateJobCommand,
  CreateQueueCommand,
  type CreateQueueCommandInput,
  DeleteQueueCommand,
  GetJobCommand,
  GetQueueCommand,
  ListQueuesCommand,
  type MediaConvertClient,
  NotFoundException,
  paginateListQueues,
  type ReservationPlanSettings,
  UpdateQueueCommand,
  type UpdateQueueCommandInput,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { renewLeases } from '../../src/database/statements/leases.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi({ accountConcurrentJobs: 50 });
  client = api.client();
});
beforeEach(async () => {
  api.clock.now = null;
  await api.database.sql.deleteFrom('job').execute();
  await api.database.sql.deleteFrom('queue').where('name', '<>', 'Default').execute();
  await api.database.sql.deleteFrom('worker').execute();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = async (input: Partial<CreateQueueCommandInput> = {}) =>
  (await client.send(new CreateQueueCommand({ Name: 'Fast', ...input }))).Queue;
const update = async (input: Partial<UpdateQueueCommandInput>) =>
  (await client.send(new UpdateQueueCommand({ Name: 'Fast', ...input }))).Queue;
const get = async (Name = 'Fast') => (await client.send(new GetQueueCommand({ Name }))).Queue;
const remove = (Name = 'Fast') => client.send(new DeleteQueueCommand({ Name }));
const submit = async (Queue: string) =>
  (await client.send(new CreateJobCommand({ Role: role, Settings: mp4Settings(), Queue }))).Job?.Id ?? '';
const claim = () =>
  claimTask(api.database.sql, {
    workerId: 'w',
    leaseMs: 60_000,
    nowMs: api.clock.now ?? Date.now(),
    envelopeOf: api.envelopeOf,
  });
const plan = (changes: Partial<ReservationPlanSettings> = {}): ReservationPlanSettings => ({
  Commitment: 'ONE_YEAR',
  RenewalType: 'EXPIRE',
  ReservedSlots: 2,
  ...changes,
});
describe('on-demand queues', () => {
  conformance('CreateQueue', 'success', 'is on demand, active and empty unless asked otherwise', async () => {
    const queue = await create({ Tags: { team: 'a' } });
    expect(queue).toMatchObject({
      Arn: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Fast',
      Name: 'Fast',
      Type: 'CUSTOM',
      Status: 'ACTIVE',
      PricingPlan: 'ON_DEMAND',
      SubmittedJobsCount: 0,
      ProgressingJobsCount: 0,
      ConcurrentJobs: 1,
    });
    expect(queue?.CreatedAt).toEqual(queue?.LastUpdated);
    for (const absent of [
      'Description',
      'ReservationPlan',
      'MaximumConcurrentFeeds',
      'ServiceOverrides',
      'Tags',
    ])
      expect(queue).not.toHaveProperty(absent);
    expect(await get()).toEqual(queue);
  });

  conformance('CreateQueue', 'success', 'keeps every member it is given, zero too', async () => {
    const given = {
      Description: 'd',
      Status: 'PAUSED',
      ConcurrentJobs: 3,
      MaximumConcurrentFeeds: 0,
    } as const;
    expect(await create(given)).toMatchObject(given);
    expect((await client.send(new CreateQueueCommand({ Name: 'q2' }))).$metadata.httpStatusCode).toBe(201);
  });

  conformance('ListQueues', 'success', 'adds up queues of as many slots as a number holds', async () => {
    const most = 2_147_483_647;
    await create({ ConcurrentJobs: most });
    expect(await create({ Name: 'q2', ConcurrentJobs: most })).toMatchObject({ ConcurrentJobs: most });
    expect(await client.send(new ListQueuesCommand({}))).toMatchObject({ UnallocatedConcurrentJobs: 0 });
    expect(await update({ Description: 'd' })).toMatchObject({ Description: 'd' });
  });

  conformance('CreateQueue', 'ConflictException', 'a name that exists, Default too', async () => {
    await create();
    await expect(create()).rejects.toBeInstanceOf(ConflictException);
    await expect(create({ Name: 'Default' })).rejects.toBeInstanceOf(ConflictException);
    expect(await create({ Name: 'fast' })).toMatchObject({ Name: 'fast' });
  });

  const refusals: readonly [string, Partial<CreateQueueCommandInput>, string][] = [
    ['an empty name', { Name: '' }, '/name: Should have at least 1 characters'],
    ['a name like an ARN', { Name: 'arn:x' }, '/name: Is not a valid queue name'],
    ['a name with a line break', { Name: 'a\nb' }, '/name: Is not a valid queue name'],
    ['no slots', { ConcurrentJobs: 0 }, '/concurrentJobs: Should be greater than or equal to 1'],
    ['feeds below zero', { MaximumConcurrentFeeds: -1 }, '/maximumConcurrentFeeds: Should be greater than'],
    [
      'a plan of an on-demand queue',
      { ReservationPlanSettings: plan() },
      'Is not applicable to on-demand queues',
    ],
    [
      'a reserved queue without plan',
      { PricingPlan: 'RESERVED' },
      'reservationPlanSettings is a required property',
    ],
    [
      'slots of both kinds',
      { PricingPlan: 'RESERVED', ReservationPlanSettings: plan(), ConcurrentJobs: 1 },
      '/concurrentJobs: Is not applicable to reserved queues',
    ],
    [
      'a plan without slots',
      { PricingPlan: 'RESERVED', ReservationPlanSettings: plan({ ReservedSlots: 0 }) },
      '/reservationPlanSettings/reservedSlots: Should be greater than or equal to 1',
    ],
    [
      'another term',
      { PricingPlan: 'RESERVED', ReservationPlanSettings: plan({ Commitment: 'TWO_YEARS' as 'ONE_YEAR' }) },
      '/reservationPlanSettings/commitment: Should be equal to one of the allowed values in ["ONE_YEAR"]',
    ],
  ];
  conformance('CreateQueue', 'BadRequestException', 'names each mistake and stores nothing', async () => {
    for (const [, input, message] of refusals) {
      const refused = create(input);
      await expect(refused).rejects.toBeInstanceOf(BadRequestException);
      await expect(refused).rejects.toThrow(message);
    }
    await expect(
      create({ ConcurrentJobs: 0, MaximumConcurrentFeeds: -1, Status: 'OFF' as 'PAUSED' }),
    ).rejects.toThrow('/status');
    expect((await client.send(new ListQueuesCommand({}))).Queues).toHaveLength(1);
  });

  conformance(
    'UpdateQueue',
    'success',
    'changes what it names and keeps the rest, by name or ARN',
    async () => {
      const before = await create({ Description: 'd', ConcurrentJobs: 3 });
      api.clock.now = Date.now() + 60_000;
      const paused = await update({ Status: 'PAUSED' });
      expect(paused).toMatchObject({ Description: 'd', ConcurrentJobs: 3, Status: 'PAUSED' });
      expect(paused?.CreatedAt).toEqual(before?.CreatedAt);
      expect(paused?.LastUpdated?.getTime()).toBeGreaterThan(before?.LastUpdated?.getTime() ?? 0);
      const again = await update({
        Name: before?.Arn,
        ConcurrentJobs: 1,
        Description: '',
        MaximumConcurrentFeeds: 4,
      });
      expect(again).toMatchObject({
        Status: 'PAUSED',
        ConcurrentJobs: 1,
        Description: '',
        MaximumConcurrentFeeds: 4,
      });
    },
  );

  conformance(
    'UpdateQueue',
    'success',
    'pauses Default too: nothing starts, submits go on, then all runs',
    async () => {
      await client.send(new UpdateQueueCommand({ Name: 'Default', Status: 'PAUSED' }));
      const id = await submit('Default');
      expect(await claim()).toBeNull();
      expect(await get('Default')).toMatchObject({ Status: 'PAUSED', SubmittedJobsCount: 1, Type: 'SYSTEM' });
      await client.send(new UpdateQueueCommand({ Name: 'Default', Status: 'ACTIVE' }));
      expect((await claim())?.job.id).toBe(id);
    },
  );

  conformance('CancelJob', 'success', 'cancels a job that waits in a paused queue', async () => {
    await create({ Status: 'PAUSED' });
    const id = await submit('Fast');
    expect((await client.send(new CancelJobCommand({ Id: id }))).$metadata.httpStatusCode).toBe(202);
    expect((await client.send(new GetJobCommand({ Id: id }))).Job?.Status).toBe('CANCELED');
    expect(await get()).toMatchObject({ SubmittedJobsCount: 0 });
  });

  conformance(
    'UpdateQueue',
    'BadRequestException',
    'slots cannot be unset, nor a plan given to an on-demand queue',
    async () => {
      await create({ ConcurrentJobs: 3 });
      await expect(update({ ConcurrentJobs: 0 })).rejects.toBeInstanceOf(BadRequestException);
      await expect(update({ ReservationPlanSettings: plan() })).rejects.toThrow(
        'Is not applicable to on-demand queues',
      );
      expect(await get()).toMatchObject({ ConcurrentJobs: 3, PricingPlan: 'ON_DEMAND' });
    },
  );

  conformance('UpdateQueue', 'NotFoundException', 'a name that no queue has', async () => {
    await expect(update({ Status: 'PAUSED' })).rejects.toBeInstanceOf(NotFoundException);
    await expect(
      update({ Name: 'arn:aws:mediaconvert:us-east-1:000000000000:presets/Fast' }),
    ).rejects.toThrow(
      'The specified queue was not found: queueArn=arn:aws:mediaconvert:us-east-1:000000000000:presets/Fast.',
    );
  });

  conformance('DeleteQueue', 'success', 'an empty queue is gone; its name can be used again', async () => {
    await create();
    expect((await remove()).$metadata.httpStatusCode).toBe(202);
    await expect(get()).rejects.toBeInstanceOf(NotFoundException);
    expect(await create({ Description: 'new' })).toMatchObject({ Description: 'new' });
  });

  conformance('DeleteQueue', 'NotFoundException', 'a name that no queue has', async () => {
    await expect(remove()).rejects.toBeInstanceOf(NotFoundException);
    await expect(client.send(new DeleteQueueCommand({ Name: 'arn:nonsense' }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
  });

  conformance('DeleteQueue', 'BadRequestException', 'Default is a system queue', async () => {
    await expect(remove('Default')).rejects.toBeInstanceOf(BadRequestException);
    expect(await get('Default')).toMatchObject({ Name: 'Default' });
  });

  conformance(
    'DeleteQueue',
    'ConflictException',
    'a queue with unprocessed jobs stays with them',
    async () => {
      await create();
      const id = await submit('Fast');
      await expect(remove()).rejects.toThrow('it contains unprocessed jobs');
      await expect(remove()).rejects.toBeInstanceOf(ConflictException);
      expect((await claim())?.job.id).toBe(id);
      await expect(remove()).rejects.toBeInstanceOf(ConflictException);
    },
  );

  conformance('CreateJob', 'NotFoundException', 'a queue that does not exist', async () => {
    await expect(submit('Gone')).rejects.toThrow(
      'queueArn=arn:aws:mediaconvert:us-east-1:000000000000:queues/Gone',
    );
  });

  conformance('GetQueue', 'success', 'says when the workers have fewer slots than the queue', async () => {
    await renewLeases(api.database.sql, {
      workerId: 'w',
      host: 'h',
      slots: 2,
      leaseMs: 60_000,
      attempts: [],
    });
    await create({ ConcurrentJobs: 200 });
    expect((await get())?.ServiceOverrides).toEqual([
      {
        Name: 'concurrentJobs',
        Value: '200',
        OverrideValue: '2',
        Message: 'The workers of this deployment run 2 jobs at a time.',
      },
    ]);
    expect(await get('Default')).toMatchObject({ ConcurrentJobs: 2 });
    expect(await get('Default')).not.toHaveProperty('ServiceOverrides');
  });

  conformance('GetQueue', 'NotFoundException', 'a name that no queue has', async () => {
    await expect(get()).rejects.toBeInstanceOf(NotFoundException);
  });
});

describe('lists of queues', () => {
  const names = async (input: ConstructorParameters<typeof ListQueuesCommand>[0], pageSize: number) => {
    const all: (string | undefined)[] = [];
    for await (const page of paginateListQueues({ client, pageSize }, input ?? {})) {
      all.push(...(page.Queues ?? []).map(({ Name }) => Name));
      expect(page.TotalConcurrentJobs).toBe(50);
    }
    return all;
  };

  conformance('ListQueues', 'success', 'reports the account’s slots and what is left of them', async () => {
    await create({ ConcurrentJobs: 30 });
    await create({ Name: 'R', PricingPlan: 'RESERVED', ReservationPlanSettings: plan({ ReservedSlots: 9 }) });
    const list = await client.send(new ListQueuesCommand({}));
    // Default has one slot while no worker lives; reserved slots are not the account's.
    expect(list).toMatchObject({ TotalConcurrentJobs: 50, UnallocatedConcurrentJobs: 19 });
    await create({ Name: 'more', ConcurrentJobs: 100 });
    expect(await client.send(new ListQueuesCommand({}))).toMatchObject({ UnallocatedConcurrentJobs: 0 });
  });

  conformance(
    'ListQueues',
    'pagination',
    'neither repeats nor loses a queue when others come and go',
    async () => {
      const made = ['delta', 'Alpha', 'charlie', 'bravo', 'echo'];
      for (const [index, Name] of made.entries()) {
        api.clock.now = 4_000_000_000_000 + index;
        await create({ Name });
      }
      expect(await names({}, 2)).toEqual(['Default', ...made]);
      expect(await names({ ListBy: 'NAME' }, 1)).toEqual([
        'Alpha',
        'Default',
        'bravo',
        'charlie',
        'delta',
        'echo',
      ]);
      const first = await client.send(new ListQueuesCommand({ MaxResults: 3, Order: 'DESCENDING' }));
      expect(first.Queues?.map(({ Name }) => Name)).toEqual(['echo', 'bravo', 'charlie']);
      await remove('charlie');
      api.clock.now = 4_000_000_000_100;
      await create({ Name: 'newest' });
      const second = await client.send(
        new ListQueuesCommand({ MaxResults: 3, Order: 'DESCENDING', NextToken: first.NextToken }),
      );
      expect(second.Queues?.map(({ Name }) => Name)).toEqual(['Alpha', 'delta', 'Default']);
      expect(second).not.toHaveProperty('NextToken');
    },
  );

  conformance(
    'ListQueues',
    'BadRequestException',
    'a token of another order, and pages out of range',
    async () => {
      await create();
      const { NextToken } = await client.send(new ListQueuesCommand({ MaxResults: 1 }));
      for (const input of [
        { NextToken, ListBy: 'NAME' },
        { NextToken: 'x' },
        { MaxResults: 21 },
        { ListBy: 'SYSTEM' as 'NAME' },
      ] as const)
        await expect(client.send(new ListQueuesCommand(input))).rejects.toBeInstanceOf(BadRequestException);
    },
  );
});
