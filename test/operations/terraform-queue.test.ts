/**
 * The calls of Terraform's AWS provider for `aws_media_convert_queue`, in its order (hashicorp/terraform-provider-aws,
 * internal/service/mediaconvert/queue.go): create and read back, list tags, plan again, update, change tags, delete,
 * and the read that must find nothing.
 */
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueCommand,
  ListTagsForResourceCommand,
  type MediaConvertClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateQueueCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

/** Attributes of the resource as the provider reads them. */
async function read(Name: string) {
  const { Queue } = await client.send(new GetQueueCommand({ Name }));
  const { ResourceTags } = await client.send(new ListTagsForResourceCommand({ Arn: Queue?.Arn }));
  return {
    arn: Queue?.Arn,
    name: Queue?.Name,
    description: Queue?.Description ?? '',
    pricing_plan: Queue?.PricingPlan,
    status: Queue?.Status,
    concurrent_jobs: Queue?.ConcurrentJobs,
    reservation_plan_settings: Queue?.ReservationPlan?.ReservedSlots,
    tags: ResourceTags?.Tags,
  };
}

it('an on-demand queue is created, read, updated, tagged, untagged and deleted without a difference left', async () => {
  await client.send(
    new CreateQueueCommand({
      Name: 'tf-queue',
      Status: 'ACTIVE',
      PricingPlan: 'ON_DEMAND',
      Description: 'made by terraform',
      ConcurrentJobs: 2,
      Tags: { Name: 'tf-queue', env: 'test' },
    }),
  );
  const created = await read('tf-queue');
  expect(created).toEqual({
    arn: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/tf-queue',
    name: 'tf-queue',
    description: 'made by terraform',
    pricing_plan: 'ON_DEMAND',
    status: 'ACTIVE',
    concurrent_jobs: 2,
    reservation_plan_settings: undefined,
    tags: { Name: 'tf-queue', env: 'test' },
  });
  expect(await read('tf-queue')).toEqual(created);

  await client.send(
    new UpdateQueueCommand({ Name: 'tf-queue', Status: 'PAUSED', Description: '', ConcurrentJobs: 3 }),
  );
  await client.send(new UntagResourceCommand({ Arn: created.arn, TagKeys: ['env'] }));
  await client.send(new TagResourceCommand({ Arn: created.arn, Tags: { owner: 'me' } }));
  expect(await read('tf-queue')).toEqual({
    ...created,
    description: '',
    status: 'PAUSED',
    concurrent_jobs: 3,
    tags: { Name: 'tf-queue', owner: 'me' },
  });

  await client.send(new DeleteQueueCommand({ Name: 'tf-queue' }));
  await expect(client.send(new GetQueueCommand({ Name: 'tf-queue' }))).rejects.toMatchObject({
    name: 'NotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  // The resource is made again under its name: nothing of the first one is left.
  await client.send(new CreateQueueCommand({ Name: 'tf-queue' }));
  expect((await read('tf-queue')).tags).toEqual({});
});

it('a reserved queue takes its plan with the create and with each update', async () => {
  const ReservationPlanSettings = {
    Commitment: 'ONE_YEAR',
    RenewalType: 'AUTO_RENEW',
    ReservedSlots: 1,
  } as const;
  await client.send(
    new CreateQueueCommand({ Name: 'tf-reserved', PricingPlan: 'RESERVED', ReservationPlanSettings }),
  );
  expect(await read('tf-reserved')).toMatchObject({ pricing_plan: 'RESERVED', reservation_plan_settings: 1 });
  await client.send(
    new UpdateQueueCommand({
      Name: 'tf-reserved',
      Status: 'ACTIVE',
      ReservationPlanSettings: { ...ReservationPlanSettings, ReservedSlots: 4 },
    }),
  );
  expect(await read('tf-reserved')).toMatchObject({ reservation_plan_settings: 4 });
});
