/**
 * The outbox: carries stored events to the targets. At least once; in order per job and target; a target that is
 * down delays only itself, an event that a target refuses delays only its job.
 *
 * Each target has a loop of its own. States: idle (nothing waits; a NOTIFY rings its bell, a slow poll is the net
 * under that) → delivering → after failures, resting (`delivery-pauses.ts`) → delivering. What was delivered is in
 * the rows: a restart goes on where it ended, and at worst repeats the event it was delivering.
 *
 * With several servers a lease per target keeps one of them delivering.
 */
import { channels } from '../database/channels.ts';
import type { Database } from '../database/database.ts';
import {
  closeDelivered,
  leaseTarget,
  markDelivered,
  readWaitingEvents,
  releaseTargets,
  type StoredEvent,
} from '../database/statements/deliver-events.ts';
import type { EventTarget } from '../events/envelope.ts';
import { type Bell, createBell } from './bell.ts';
import { createDeliveryPauses, type DeliveryPauses } from './delivery-pauses.ts';

const idlePollMs = 15_000;
const targetLeaseMs = 40_000;
const deliveryLimitMs = 30_000;
const batchSize = 50;

/** Makes an outbox. */
export interface OutboxOptions {
  readonly database: Database;
  /** Names must differ; a target keeps its name over restarts. Empty: events are kept, but wait for nobody. */
  readonly targets: readonly EventTarget[];
  /** Unique among living processes. */
  readonly ownerId: string;
  /** Aborting it stops the outbox. */
  readonly signal: AbortSignal;
  /** Pause after the first failure in a row, in milliseconds. */
  readonly firstPauseMs?: number;
  /** Hears of failed deliveries and of a database that is away. */
  readonly onTrouble?: (error: Error) => void;
}

/** An outbox. */
export interface Outbox {
  /** Resolves when it listens. Starting twice is a bug and throws. */
  start(): Promise<void>;
  /** Aborts the delivery under way and returns when nothing runs. Tolerates never started and stopped twice. */
  stop(): Promise<void>;
}

/** Makes an outbox that is not running yet. Throws TypeError when two targets have one name. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { database, targets, ownerId, onTrouble = () => {} } = options;
  const names = targets.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw new TypeError(`event targets must have different names: ${names}`);
  const stopping = new AbortController();
  const bells: Bell[] = [];
  let loops: Promise<unknown> | null = null;

  const startLoop = (loop: (bell: Bell) => Promise<void>) => {
    const bell = createBell();
    bells.push(bell);
    return loop(bell);
  };
  const stopOnce = async () => {
    stopping.abort();
    if (loops === null) return;
    await loops;
    await releaseTargets(database.sql, ownerId).catch(onTrouble);
  };
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= stopOnce());

  return {
    async start() {
      if (loops !== null || stopping.signal.aborted) throw new Error('an outbox starts once');
      options.signal.throwIfAborted();
      options.signal.addEventListener('abort', () => void stop(), { once: true, signal: stopping.signal });
      const context = { ...options, onTrouble, names, firstPauseMs: options.firstPauseMs ?? 1_000 };
      // Targets that were removed hold nothing up.
      await closeDelivered(database.sql, names);
      await database.listen(
        channels.eventStored,
        () => {
          for (const bell of bells) bell.ring();
        },
        stopping.signal,
      );
      loops =
        targets.length === 0
          ? startLoop((bell) => closeLoop(context, bell, stopping.signal))
          : Promise.all(
              targets.map((target) =>
                startLoop((bell) => deliveryLoop(context, target, bell, stopping.signal)),
              ),
            );
    },
    stop,
  };
}

type Context = Required<Omit<OutboxOptions, 'signal'>> & { readonly names: readonly string[] };

/** Without targets events are done as soon as they are stored. */
async function closeLoop({ database, onTrouble }: Context, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await closeDelivered(database.sql, []).catch(onTrouble);
    await bell.wait(idlePollMs, signal);
  }
}

async function deliveryLoop(
  context: Context,
  target: EventTarget,
  bell: Bell,
  signal: AbortSignal,
): Promise<void> {
  const { onTrouble } = context;
  const pauses = createDeliveryPauses(context.firstPauseMs);
  // Nobody rings this one: new events do not shorten a rest.
  const rest = createBell();
  while (!signal.aborted) {
    let waitMs = 0;
    try {
      waitMs = await deliverWaiting(context, target, pauses, signal);
    } catch (error) {
      if (signal.aborted) return;
      pauses.interrupted();
      onTrouble(error as Error);
    }
    if (waitMs > 0) await bell.wait(waitMs, signal);
    if (pauses.restMs() > 0) await rest.wait(pauses.restMs(), signal);
  }
}

/** Delivers what waits for the target. Returns how long to wait for the bell; 0 when there may be more at once. */
async function deliverWaiting(
  context: Context,
  target: EventTarget,
  pauses: DeliveryPauses,
  signal: AbortSignal,
): Promise<number> {
  const { database, ownerId } = context;
  const postponedJobIds = pauses.postponedJobIds();
  const query = { target: target.name, postponedJobIds, limit: batchSize };
  const events = await readWaitingEvents(database.sql, query);
  if (events.length === 0) return Math.min(idlePollMs, pauses.untilDueMs(postponedJobIds));
  if (!(await leaseTarget(database.sql, target.name, ownerId, targetLeaseMs))) return idlePollMs;
  await deliverBatch(context, target, events, pauses, signal);
  return 0;
}

/** Delivers in order until the first failure. The lease outlives the batch or is renewed on the way. */
async function deliverBatch(
  { database, ownerId, names, onTrouble }: Context,
  target: EventTarget,
  events: readonly StoredEvent[],
  pauses: DeliveryPauses,
  signal: AbortSignal,
): Promise<void> {
  let leasedAt = performance.now();
  for (const { id, jobId, envelope } of events) {
    if (performance.now() - leasedAt > targetLeaseMs / 4) {
      if (!(await leaseTarget(database.sql, target.name, ownerId, targetLeaseMs))) return;
      leasedAt = performance.now();
    }
    try {
      await withDeadline(signal, (deadline) => target.deliver(envelope, deadline));
    } catch (cause) {
      if (signal.aborted) return;
      pauses.failed(jobId);
      return onTrouble(
        new Error(`event target ${target.name} did not take an event of job ${jobId}`, { cause }),
      );
    }
    pauses.succeeded(jobId);
    await markDelivered(database.sql, id, target.name, names);
  }
}

/** Gives one delivery a signal of its own: `AbortSignal.any` on a signal that lives for months would collect listeners. */
async function withDeadline(
  signal: AbortSignal,
  deliver: (deadline: AbortSignal) => Promise<void>,
): Promise<void> {
  const delivery = new AbortController();
  const abort = () => delivery.abort(signal.reason);
  const timer = setTimeout(() => delivery.abort(new Error('the delivery took too long')), deliveryLimitMs);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await deliver(delivery.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
