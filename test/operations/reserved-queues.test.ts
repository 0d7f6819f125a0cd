/** Reserved queues through the real SDK: plans, terms, renewals, and what they let run. */
import {
  BadRequestException,
  CreateJobCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueCommand,
  type HopDestination,
  type MediaConvertClient,
  NotFoundException,
  type ReservationPlanSettings,
  UpdateQueueCommand,
  type UpdateQueueCommandInput,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
beforeEach(async () => {
  await api.database.sql.deleteFrom('job').execute();
  await api.database.sql.deleteFrom('queue').where('name', '<>', 'Default').execute();
});
afterAll(() => api[Symbol.asyncDispose]());

const update = async (input: Partial<UpdateQueueCommandInput>) =>
  (await client.send(new UpdateQueueCommand({ Name: 'Fast', ...input }))).Queue;
const get = async () => (await client.send(new GetQueueCommand({ Name: 'Fast' }))).Queue;
const remove = () => client.send(new DeleteQueueCommand({ Name: 'Fast' }));
const submit = async (Queue: string) =>
  (await client.send(new CreateJobCommand({ Role: role, Settings: mp4Settings(), Queue }))).Job?.Id ?? '';
const claim = () =>
  claimTask(api.database.sql, {
    workerId: 'w',
    leaseMs: 60_000,
    nowMs: api.clock.now ?? 0,
    envelopeOf: api.envelopeOf,
  });
const plan = (changes: Partial<ReservationPlanSettings> = {}): ReservationPlanSettings => ({
  Commitment: 'ONE_YEAR',
  RenewalType: 'EXPIRE',
  ReservedSlots: 2,
  ...changes,
});
/** The instant of a documented purchase, and the end of its term (spec api.md 8). */
const purchasedAt = new Date(1_564_066_203_000);
const expiresAt = new Date(1_595_688_603_000);

describe('reserved queues', () => {
  const reserve = (changes: Partial<ReservationPlanSettings> = {}) => {
    api.clock.now = purchasedAt.getTime();
    return client
      .send(
        new CreateQueueCommand({
          Name: 'Fast',
          PricingPlan: 'RESERVED',
          ReservationPlanSettings: plan(changes),
        }),
      )
      .then(({ Queue }) => Queue);
  };
  const replan = (changes: Partial<ReservationPlanSettings>) =>
    update({ ReservationPlanSettings: plan(changes) });

  conformance('CreateQueue', 'success', 'buys a plan for one calendar year', async () => {
    const queue = await reserve();
    expect(queue).toMatchObject({
      PricingPlan: 'RESERVED',
      ReservationPlan: {
        Status: 'ACTIVE',
        ReservedSlots: 2,
        Commitment: 'ONE_YEAR',
        RenewalType: 'EXPIRE',
        PurchasedAt: purchasedAt,
        ExpiresAt: expiresAt,
      },
    });
    expect(queue).not.toHaveProperty('ConcurrentJobs');
  });

  conformance(
    'GetQueue',
    'success',
    'an expired plan takes jobs and runs none until a new one is bought',
    async () => {
      await reserve();
      api.clock.now = expiresAt.getTime();
      expect((await get())?.ReservationPlan).toMatchObject({ Status: 'EXPIRED', ExpiresAt: expiresAt });
      const id = await submit('Fast');
      expect(await claim()).toBeNull();
      // Fewer slots than before, because nothing is active any more.
      expect((await replan({ ReservedSlots: 1 }))?.ReservationPlan).toMatchObject({
        Status: 'ACTIVE',
        ReservedSlots: 1,
        PurchasedAt: expiresAt,
        ExpiresAt: new Date('2021-07-25T14:50:03Z'),
      });
      expect((await claim())?.job.id).toBe(id);
    },
  );

  conformance('UpdateQueue', 'success', 'a plan that is renewed goes on, year after year', async () => {
    await reserve({ RenewalType: 'AUTO_RENEW' });
    api.clock.now = Date.parse('2022-01-01T00:00:00Z');
    expect((await get())?.ReservationPlan).toMatchObject({
      Status: 'ACTIVE',
      PurchasedAt: purchasedAt,
      ExpiresAt: new Date('2022-07-25T14:50:03Z'),
    });
    // The renewal can be changed at any time, and counts at the end of the term that runs.
    expect((await replan({ RenewalType: 'EXPIRE' }))?.ReservationPlan).toMatchObject({
      Status: 'ACTIVE',
      RenewalType: 'EXPIRE',
      ExpiresAt: new Date('2022-07-25T14:50:03Z'),
    });
    api.clock.now = Date.parse('2022-07-25T14:50:03Z');
    expect((await get())?.ReservationPlan).toMatchObject({ Status: 'EXPIRED' });
  });

  conformance('UpdateQueue', 'success', 'more slots are a new term', async () => {
    await reserve();
    api.clock.now = Date.parse('2020-02-29T12:00:00Z');
    expect((await replan({ ReservedSlots: 3 }))?.ReservationPlan).toMatchObject({
      ReservedSlots: 3,
      PurchasedAt: new Date('2020-02-29T12:00:00Z'),
      ExpiresAt: new Date('2021-02-28T12:00:00Z'),
    });
  });

  conformance(
    'UpdateQueue',
    'BadRequestException',
    'slots of an active plan only grow; it has no concurrentJobs',
    async () => {
      await reserve();
      await expect(replan({ ReservedSlots: 1 })).rejects.toThrow(
        '/reservationPlanSettings/reservedSlots: Should be greater than or equal to 2',
      );
      await expect(update({ ConcurrentJobs: 5 })).rejects.toBeInstanceOf(BadRequestException);
      expect((await get())?.ReservationPlan).toMatchObject({ ReservedSlots: 2 });
    },
  );

  conformance('DeleteQueue', 'ConflictException', 'a queue with an active plan', async () => {
    await reserve();
    await expect(remove()).rejects.toThrow('its pricing plan is active');
    api.clock.now = expiresAt.getTime();
    await remove();
    await expect(get()).rejects.toBeInstanceOf(NotFoundException);
  });

  conformance('CreateJob', 'BadRequestException', 'features that reserved queues do not have', async () => {
    await reserve();
    const [group] = mp4Settings().OutputGroups ?? [];
    const [output] = group?.Outputs ?? [];
    const job = (Queue: string, video: object, HopDestinations: HopDestination[] = []) => {
      const Outputs = [{ ...output, VideoDescription: { ...output?.VideoDescription, ...video } }];
      const Settings = { ...mp4Settings(), OutputGroups: [{ ...group, Outputs }] };
      return client.send(new CreateJobCommand({ Role: role, Settings, Queue, HopDestinations }));
    };
    const path = '/outputGroups/0/outputs/0/videoDescription';
    const av1 = {
      CodecSettings: {
        Codec: 'AV1',
        Av1Settings: { RateControlMode: 'QVBR', MaxBitrate: 900_000, QvbrSettings: { QvbrQualityLevel: 7 } },
      },
    } as const;
    await expect(job('Fast', av1)).rejects.toThrow(
      `${path}/codecSettings/codec: AV1 is not available in reserved`,
    );
    await expect(job('Fast', { Width: 8192, Height: 4320 })).rejects.toThrow(
      `${path}/width: 8K output is not`,
    );
    const frameFormer = {
      CodecSettings: {
        Codec: 'H_264',
        H264Settings: {
          RateControlMode: 'QVBR',
          MaxBitrate: 900_000,
          FramerateControl: 'SPECIFIED',
          FramerateNumerator: 50,
          FramerateDenominator: 1,
          FramerateConversionAlgorithm: 'FRAMEFORMER',
        },
      },
    };
    await expect(job('Fast', frameFormer)).rejects.toThrow(
      'FrameFormer conversion is not available in reserved',
    );
    await expect(job('Default', av1, [{ Queue: 'Fast', WaitMinutes: 1 }])).rejects.toBeInstanceOf(
      BadRequestException,
    );
    // The same in an on-demand queue is accepted at submit.
    expect((await job('Default', av1)).Job?.Status).toBe('SUBMITTED');
    expect((await job('Fast', { Width: 3840, Height: 2160 })).Job?.Status).toBe('SUBMITTED');
  });
});
