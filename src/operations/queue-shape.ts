/** A stored queue as clients see it (spec api.md 8). */
import type { Queue, ServiceOverride } from '../contract/types.generated.ts';
import type { QueueRecord, ReservationPlanRecord } from '../database/queue-repository.ts';
import { type DeploymentIdentity, resourceArn } from '../identity/arn.ts';
import { toEpochSeconds } from './job-shape.ts';
import { planAt } from './reservation-plan.ts';

/** The `Queue` of a record at `nowMs`. */
export function toQueue(record: QueueRecord, identity: DeploymentIdentity, nowMs: number): Queue {
  const overrides = serviceOverrides(record);
  return {
    arn: resourceArn(identity, 'queues', record.name),
    name: record.name,
    ...(record.description === null ? {} : { description: record.description }),
    type: record.type,
    status: record.status,
    pricingPlan: record.pricingPlan,
    createdAt: toEpochSeconds(record.createdAtMs),
    lastUpdated: toEpochSeconds(record.lastUpdatedMs),
    submittedJobsCount: record.submittedJobsCount,
    progressingJobsCount: record.progressingJobsCount,
    ...(record.concurrentJobs === null ? {} : { concurrentJobs: record.concurrentJobs }),
    ...(record.maximumConcurrentFeeds === null
      ? {}
      : { maximumConcurrentFeeds: record.maximumConcurrentFeeds }),
    ...(record.reservationPlan === null
      ? {}
      : { reservationPlan: toReservationPlan(record.reservationPlan, nowMs) }),
    ...(overrides.length === 0 ? {} : { serviceOverrides: overrides }),
  };
}

function toReservationPlan(
  plan: ReservationPlanRecord,
  nowMs: number,
): NonNullable<Queue['reservationPlan']> {
  const { status, reservedSlots, commitment, renewalType, purchasedAtMs, expiresAtMs } = planAt(plan, nowMs);
  return {
    status,
    reservedSlots,
    commitment,
    renewalType,
    purchasedAt: toEpochSeconds(purchasedAtMs),
    expiresAt: toEpochSeconds(expiresAtMs),
  };
}

/** Slots that no worker has are capped by the deployment, which is what the service calls an override. */
function serviceOverrides(record: QueueRecord): readonly ServiceOverride[] {
  const { fleetSlots, concurrentJobs, reservationPlan } = record;
  const slots = reservationPlan?.reservedSlots ?? concurrentJobs;
  if (fleetSlots === 0 || slots === null || slots <= fleetSlots) return [];
  return [
    {
      name: reservationPlan === null ? 'concurrentJobs' : 'reservedSlots',
      value: String(slots),
      overrideValue: String(fleetSlots),
      message: `The workers of this deployment run ${fleetSlots} jobs at a time.`,
    },
  ];
}
