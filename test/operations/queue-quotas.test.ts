/** The service's quotas on queues and jobs queries, switched on, through the real SDK. */
import {
  CreateQueueCommand,
  type CreateQueueCommandInput,
  GetQueueCommand,
  ListQueuesCommand,
  type MediaConvertClient,
  ServiceQuotaExceededException,
  StartJobsQueryCommand,
  TooManyRequestsException,
  UpdateQueueCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi({ quotas: { jobsQueries: 3 }, accountConcurrentJobs: 1000 });
  client = api.client();
});
beforeEach(async () => {
  await api.database.sql.deleteFrom('queue').where('name', '<>', 'Default').execute();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = async (input: CreateQueueCommandInput) =>
  (await client.send(new CreateQueueCommand(input))).Queue;

conformance(
  'CreateQueue',
  'ServiceQuotaExceededException',
  'the eleventh queue, also when many are asked for at once',
  async () => {
    const names = Array.from({ length: 12 }, (_, index) => `q${index}`);
    const made = await Promise.allSettled(names.map((Name) => create({ Name, ConcurrentJobs: 1 })));
    const refused = made.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    // Default is one of the ten.
    expect(refused).toHaveLength(3);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(ServiceQuotaExceededException);
      expect(reason.$metadata.httpStatusCode).toBe(402);
    }
    expect((await client.send(new ListQueuesCommand({}))).Queues).toHaveLength(10);
  },
);

conformance(
  'CreateQueue',
  'TooManyRequestsException',
  'more slots than a queue or the account may have',
  async () => {
    expect(await create({ Name: 'usual' })).toMatchObject({ ConcurrentJobs: 200 });
    await expect(create({ Name: 'a', ConcurrentJobs: 501 })).rejects.toBeInstanceOf(TooManyRequestsException);
    await create({ Name: 'b', ConcurrentJobs: 500 });
    // Default has one slot while no worker lives: 299 are left.
    await expect(create({ Name: 'c', ConcurrentJobs: 300 })).rejects.toThrow('299 are left');
    await create({ Name: 'c', ConcurrentJobs: 299 });
    const plan = { Commitment: 'ONE_YEAR', RenewalType: 'EXPIRE', ReservedSlots: 700 } as const;
    expect(
      await create({ Name: 'r', PricingPlan: 'RESERVED', ReservationPlanSettings: plan }),
    ).not.toHaveProperty('ConcurrentJobs');
  },
);

conformance(
  'UpdateQueue',
  'TooManyRequestsException',
  'slots beyond the quotas; its own are free again',
  async () => {
    await create({ Name: 'a', ConcurrentJobs: 500 });
    await create({ Name: 'b', ConcurrentJobs: 400 });
    const update = (Name: string, ConcurrentJobs: number) =>
      client.send(new UpdateQueueCommand({ Name, ConcurrentJobs }));
    await expect(update('b', 500)).rejects.toBeInstanceOf(TooManyRequestsException);
    await update('b', 499);
    await expect(update('a', 501)).rejects.toThrow('A queue can run at most 500 concurrent jobs.');
    expect((await client.send(new GetQueueCommand({ Name: 'a' }))).Queue).toMatchObject({
      ConcurrentJobs: 500,
    });
  },
);

conformance('StartJobsQuery', 'TooManyRequestsException', 'more queries than may be open', async () => {
  const start = () => client.send(new StartJobsQueryCommand({}));
  for (let open = 0; open < 3; open += 1) await start();
  await expect(start()).rejects.toBeInstanceOf(TooManyRequestsException);
  await api.database.sql.updateTable('jobs_query').set({ status: 'COMPLETE' }).execute();
  await start();
});
