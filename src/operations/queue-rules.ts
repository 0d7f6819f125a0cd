/**
 * Rules of queues that the contract does not know (spec api.md 8, queues-and-lifecycle.md 4 and 5). They return
 * findings, so that one answer names all mistakes; pointers begin at the request.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import type {
  CreateQueueRequest,
  ReservationPlanSettings,
  UpdateQueueRequest,
} from '../contract/types.generated.ts';

/** Longest name of a queue, in characters: ours; an ARN with it stays within what clients put into a path. */
const longestName = 255;
/** Slots are stored as a 32-bit integer. */
const mostSlots = 2_147_483_647;

/** Findings of a CreateQueue request whose types are right. */
export function checkNewQueue(request: CreateQueueRequest): readonly ErrorFinding[] {
  const { name, pricingPlan = 'ON_DEMAND', reservationPlanSettings: plan } = request;
  const isReserved = pricingPlan === 'RESERVED';
  return [
    ...checkName(name),
    ...checkSlots('/concurrentJobs', request.concurrentJobs),
    ...checkFeeds(request.maximumConcurrentFeeds),
    ...(isReserved ? checkReserved(request) : []),
    ...(isReserved && plan === undefined
      ? [
          refusal(
            '',
            'reservationPlanSettings is a required property',
            'a reserved queue needs commitment, reservedSlots and renewalType',
          ),
        ]
      : []),
    ...(!isReserved && plan !== undefined ? [planOfOnDemandQueue] : []),
    ...checkPlan(plan),
  ];
}

/** Findings of an UpdateQueue request, given what kind of queue it is for. */
export function checkQueueChange(
  request: UpdateQueueRequest,
  pricingPlan: 'ON_DEMAND' | 'RESERVED',
): readonly ErrorFinding[] {
  const { reservationPlanSettings: plan } = request;
  return [
    ...checkSlots('/concurrentJobs', request.concurrentJobs),
    ...checkFeeds(request.maximumConcurrentFeeds),
    ...(pricingPlan === 'RESERVED' ? checkReserved(request) : []),
    ...(pricingPlan === 'ON_DEMAND' && plan !== undefined ? [planOfOnDemandQueue] : []),
    ...checkPlan(plan),
  ];
}

/** A refusal by a rule of queues: 400 at `pointer`. */
export function refusal(pointer: string, message: string, remedy: string): ErrorFinding {
  return { severity: 'error', code: 400, pointer, message, remedy };
}

const planOfOnDemandQueue = refusal(
  '/reservationPlanSettings',
  'Is not applicable to on-demand queues',
  'remove it, or create another queue with pricingPlan RESERVED',
);

/** A name must be told from an ARN, and be something a person can see. */
function checkName(name: string): readonly ErrorFinding[] {
  if (name.length === 0) return [refusal('/name', 'Should have at least 1 characters', 'name the queue')];
  if ([...name].length > longestName)
    return [refusal('/name', `Should have at most ${longestName} characters`, 'choose a shorter name')];
  return /\p{Cc}/u.test(name) || name.startsWith('arn:') || name.trim() !== name
    ? [
        refusal(
          '/name',
          'Is not a valid queue name',
          'no control characters, no spaces at its ends, not beginning with arn:',
        ),
      ]
    : [];
}

/** Absent keeps what is there: slots once given cannot be unset (spec queues-and-lifecycle.md 4). */
function checkSlots(pointer: string, slots: number | undefined): readonly ErrorFinding[] {
  if (slots === undefined) return [];
  if (slots < 1)
    return [
      refusal(pointer, 'Should be greater than or equal to 1', 'to start no jobs, set the status to PAUSED'),
    ];
  return slots > mostSlots
    ? [refusal(pointer, `Should be less than or equal to ${mostSlots}`, 'choose fewer')]
    : [];
}

function checkFeeds(feeds: number | undefined): readonly ErrorFinding[] {
  return feeds !== undefined && feeds > mostSlots
    ? [refusal('/maximumConcurrentFeeds', `Should be less than or equal to ${mostSlots}`, 'choose fewer')]
    : [];
}

function checkReserved(request: { readonly concurrentJobs?: number | undefined }): readonly ErrorFinding[] {
  return request.concurrentJobs === undefined
    ? []
    : [
        refusal(
          '/concurrentJobs',
          'Is not applicable to reserved queues',
          'a reserved queue runs as many jobs as it has reservedSlots',
        ),
      ];
}

function checkPlan(plan: ReservationPlanSettings | undefined): readonly ErrorFinding[] {
  return plan === undefined ? [] : checkSlots('/reservationPlanSettings/reservedSlots', plan.reservedSlots);
}
