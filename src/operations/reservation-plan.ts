/**
 * Plans of reserved queues (spec api.md 8, queues-and-lifecycle.md 5): bookkeeping of purchases, terms and renewals.
 * A term is one calendar year from the purchase. At its end an AUTO_RENEW plan goes on for another year, an EXPIRE
 * plan ends for good; what then follows is a new purchase. Nothing has to happen at that instant: what a plan is at
 * any time follows from what is stored, because every change first settles the terms that have passed.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import type { ReservationPlanSettings } from '../contract/types.generated.ts';
import type { ReservationPlanRecord } from '../database/queue-repository.ts';

/** A plan as it stands at an instant. */
export interface StandingPlan extends ReservationPlanRecord {
  readonly status: 'ACTIVE' | 'EXPIRED';
}

/** What asking for a plan comes to. */
export type PlanChange =
  | { readonly plan: ReservationPlanRecord }
  /** Refused: capacity that was bought stays until the term ends. */
  | { readonly refusal: ErrorFinding };

/** A plan bought now. */
export function purchasePlan(settings: ReservationPlanSettings, nowMs: number): ReservationPlanRecord {
  return {
    reservedSlots: settings.reservedSlots,
    commitment: settings.commitment,
    renewalType: settings.renewalType,
    purchasedAtMs: nowMs,
    expiresAtMs: addYears(nowMs, 1),
  };
}

/** The plan at `nowMs`: terms that were renewed meanwhile are counted. */
export function planAt(plan: ReservationPlanRecord, nowMs: number): StandingPlan {
  let { expiresAtMs } = plan;
  if (plan.renewalType === 'AUTO_RENEW') {
    for (let years = 1; expiresAtMs <= nowMs; years += 1) expiresAtMs = addYears(plan.expiresAtMs, years);
  }
  return { ...plan, expiresAtMs, status: expiresAtMs > nowMs ? 'ACTIVE' : 'EXPIRED' };
}

/**
 * The plan after an update: as many slots keep the term and may change the renewal; more slots, and any plan after an
 * expired one, are a new purchase for a full term.
 */
export function changePlan(
  plan: ReservationPlanRecord,
  settings: ReservationPlanSettings,
  nowMs: number,
): PlanChange {
  const { status, ...standing } = planAt(plan, nowMs);
  if (status === 'EXPIRED' || settings.reservedSlots > standing.reservedSlots)
    return { plan: purchasePlan(settings, nowMs) };
  if (settings.reservedSlots < standing.reservedSlots) {
    return {
      refusal: {
        severity: 'error',
        code: 400,
        pointer: '/reservationPlanSettings/reservedSlots',
        message: `Should be greater than or equal to ${standing.reservedSlots}`,
        remedy: `reserved slots can only grow until the plan ends on ${new Date(standing.expiresAtMs).toISOString().slice(0, 10)}`,
      },
    };
  }
  return { plan: { ...standing, renewalType: settings.renewalType } };
}

/** The same day and time of another year; the 29th of February becomes the 28th where there is none. */
function addYears(ms: number, years: number): number {
  const date = new Date(ms);
  const month = date.getUTCMonth();
  date.setUTCFullYear(date.getUTCFullYear() + years);
  if (date.getUTCMonth() !== month) date.setUTCDate(0);
  return date.getTime();
}
