/**
 * The dispatcher: takes tasks from the queues for one worker, and sees each attempt through to its end.
 *
 * States: new → running → stopping → stopped. `start` announces the worker's slots and begins to claim. `stop`
 * claims nothing more and returns when nothing of it is left running; attempts that do not end within the grace
 * time are aborted, and their tasks handed back without spending an attempt: stopping is not failing.
 *
 * It claims when it is told to look: at start, when a task became ready (NOTIFY), when a slot became free. A round
 * every few seconds is only the net under that. The round also renews the leases, and then sweeps (`sweeps.ts`): it
 * renews first, so that a machine that slept does not take its own leases.
 */
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultJobLimitMs } from '../catalogue/job-time-limit.ts';
import { channels } from '../database/channels.ts';
import type { Database } from '../database/database.ts';
import { type ClaimedTask, claimTask } from '../database/statements/claim-task.ts';
import { releaseAttempt } from '../database/statements/finish-attempt.ts';
import { removeWorker, renewLeases } from '../database/statements/leases.ts';
import type { Reporting } from '../database/statements/record-progress.ts';
import type { EnvelopeOf } from '../database/statements/store-event.ts';
import {
  type AttemptOutcome,
  type AttemptStop,
  type RunAttempt,
  type RunningAttempt,
  startAttempt,
} from './attempt.ts';
import { sweepQueues } from './sweeps.ts';

/** A lease outlives five missed rounds; a dead worker's tasks wait no longer than that. */
const defaultLeaseMs = 30_000;
const defaultRoundMs = 5_000;
/** An aborted attempt that has not ended by then is handed back while it still runs; its writes are fenced off. */
const abortLimitMs = 15_000;

/** What a dispatcher works with. */
export interface DispatcherOptions {
  readonly database: Database;
  /** Attempts at a time, ≥ 1. */
  readonly slots: number;
  /** Runs one attempt; see `attempt.ts`. */
  readonly runAttempt: RunAttempt;
  readonly envelopeOf: EnvelopeOf;
  /** Aborting it stops the dispatcher without grace. */
  readonly signal: AbortSignal;
  /** Unique among living workers; default: host name and a random part. */
  readonly workerId?: string;
  /** How long a claim stands without renewal, in milliseconds. */
  readonly leaseMs?: number;
  /** Time between rounds in milliseconds, well below `leaseMs`. */
  readonly roundMs?: number;
  /** Jobs that may run at once on all on-demand queues together; absent: as many as the workers have slots. */
  readonly accountConcurrentJobs?: number;
  /** How long a job may be PROGRESSING, in milliseconds. */
  readonly jobLimitMs?: number;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Hears of failures that were survived, for the log. */
  readonly onTrouble?: (error: Error) => void;
  /** Hears of every attempt that has ended and is stored. */
  readonly onAttemptEnded?: (claimed: ClaimedTask, outcome: AttemptOutcome) => void;
}

/** A dispatcher. */
export interface Dispatcher {
  readonly workerId: string;
  /** Attempts under way. */
  readonly runningCount: number;
  /** Resolves when it listens and has looked once. Starting twice is a bug and throws. */
  start(): Promise<void>;
  /** Waits up to `graceMs` for running attempts, then aborts them. Tolerates never started and stopped twice. */
  stop(graceMs?: number): Promise<void>;
}

/** Makes a dispatcher that is not running yet. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new WorkerDispatcher(options);
}

class WorkerDispatcher implements Dispatcher {
  readonly workerId: string;
  readonly #options: Required<DispatcherOptions>;
  readonly #running = new Set<RunningAttempt>();
  /** Tasks canceled while a claim was under way: the notification may overtake the claim's answer. */
  readonly #earlyCancels = new Set<string>();
  /** Aborts when the dispatcher begins to stop. */
  readonly #stopping = new AbortController();
  #isStarted = false;
  #filling: Promise<void> | null = null;
  #lookAgain = false;
  #rounds: Promise<void> = Promise.resolve();
  #renewedAtMs = performance.now();
  #stopped: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    this.workerId = options.workerId ?? `${os.hostname()}-${randomUUID()}`;
    this.#options = {
      leaseMs: defaultLeaseMs,
      roundMs: defaultRoundMs,
      accountConcurrentJobs: Number.POSITIVE_INFINITY,
      jobLimitMs: defaultJobLimitMs,
      now: Date.now,
      onTrouble: () => {},
      onAttemptEnded: () => {},
      ...options,
      workerId: this.workerId,
    };
  }

  get runningCount(): number {
    return this.#running.size;
  }

  async start(): Promise<void> {
    const { database, signal, onTrouble } = this.#options;
    if (this.#isStarted) throw new Error('a dispatcher starts once');
    signal.throwIfAborted();
    this.#isStarted = true;
    const until = this.#stopping.signal;
    signal.addEventListener('abort', () => void this.stop(), { once: true, signal: until });
    database.lost.addEventListener('abort', () => this.#stopAll('lease-lost'), { once: true, signal: until });
    await database.listen(channels.taskReady, () => void this.#fill(), until);
    await database.listen(channels.cancelRequested, (taskId) => this.#onCancel(taskId), until);
    await this.#round().catch(onTrouble);
    this.#rounds = this.#runRounds();
  }

  stop(graceMs = 0): Promise<void> {
    this.#stopped ??= this.#stopOnce(graceMs);
    return this.#stopped;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #reporting(): Reporting {
    return { nowMs: this.#options.now(), envelopeOf: this.#options.envelopeOf };
  }

  /** Claims until the slots are full or nothing is ready. One claimer at a time; a call meanwhile makes it look again. */
  #fill(): Promise<void> {
    this.#lookAgain = true;
    this.#filling ??= this.#claimAll()
      .catch(this.#options.onTrouble)
      .finally(() => {
        this.#filling = null;
        this.#earlyCancels.clear();
      });
    return this.#filling;
  }

  async #claimAll(): Promise<void> {
    const { database, slots, leaseMs, now, envelopeOf, accountConcurrentJobs } = this.#options;
    while (this.#lookAgain && !this.#isStopping) {
      this.#lookAgain = false;
      while (!this.#isStopping && this.#running.size < slots) {
        const request = {
          workerId: this.workerId,
          leaseMs,
          nowMs: now(),
          envelopeOf,
          accountConcurrentJobs,
        };
        const claimed = await claimTask(database.sql, request);
        if (claimed === null) break;
        if (this.#isStopping) await releaseAttempt(database.sql, claimed, this.#reporting());
        else this.#begin(claimed);
      }
    }
  }

  #begin(claimed: ClaimedTask): void {
    const attempt = startAttempt(claimed, this.#options);
    this.#running.add(attempt);
    if (this.#earlyCancels.has(String(claimed.taskId))) attempt.stop('canceled');
    void attempt.ended.then((outcome) => {
      this.#running.delete(attempt);
      this.#options.onAttemptEnded(claimed, outcome);
      if (!this.#isStopping) void this.#fill();
    });
  }

  async #runRounds(): Promise<void> {
    const { roundMs, onTrouble } = this.#options;
    while (!this.#isStopping) {
      await delay(roundMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
      if (!this.#isStopping) await this.#round().catch(onTrouble);
    }
  }

  async #round(): Promise<void> {
    await this.#renew();
    await sweepQueues({ ...this.#options, reporting: () => this.#reporting() });
    await this.#fill();
  }

  async #renew(): Promise<void> {
    const { database, slots, leaseMs } = this.#options;
    const asked = [...this.#running];
    const attempts = asked.map(({ claimed }) => ({ taskId: claimed.taskId, attempt: claimed.attempt }));
    const heartbeat = { workerId: this.workerId, host: os.hostname(), slots, leaseMs, attempts };
    try {
      const renewed = await renewLeases(database.sql, heartbeat);
      this.#renewedAtMs = performance.now();
      for (const attempt of asked) {
        const lease = renewed.find(({ taskId }) => taskId === attempt.claimed.taskId);
        // An attempt that ended meanwhile has no lease either, and does not mind.
        if (lease === undefined) attempt.stop('lease-lost');
        else if (lease.cancelRequested) attempt.stop('canceled');
      }
    } catch (error) {
      // The database is away. Once the lease has run out, another worker may publish the same objects.
      if (performance.now() - this.#renewedAtMs > leaseMs) this.#stopAll('lease-lost');
      throw error;
    }
  }

  /** A null payload means that notifications may have been missed: the renewal tells which jobs were canceled. */
  #onCancel(taskId: string | null): void {
    if (taskId === null) return void this.#renew().catch(this.#options.onTrouble);
    if (this.#filling !== null) this.#earlyCancels.add(taskId);
    for (const attempt of this.#running) {
      if (String(attempt.claimed.taskId) === taskId) attempt.stop('canceled');
    }
  }

  #stopAll(why: AttemptStop): void {
    for (const attempt of this.#running) attempt.stop(why);
  }

  async #stopOnce(graceMs: number): Promise<void> {
    const { database, onTrouble } = this.#options;
    this.#stopping.abort();
    if (!this.#isStarted) return;
    await this.#filling;
    await this.#rounds;
    await this.#allEnded(graceMs);
    this.#stopAll('stopping');
    await this.#allEnded(abortLimitMs);
    for (const attempt of this.#running) await this.#handBack(attempt);
    await removeWorker(database.sql, this.workerId).catch(onTrouble);
  }

  async #allEnded(limitMs: number): Promise<void> {
    const limit = new AbortController();
    const ended = Promise.all([...this.#running].map((attempt) => attempt.ended)).then(() => limit.abort());
    await Promise.race([ended, delay(limitMs, undefined, { signal: limit.signal }).catch(() => {})]);
  }

  /** An attempt that ignores its signal. Nothing it still does is stored. */
  async #handBack(attempt: RunningAttempt): Promise<void> {
    const { database, onTrouble } = this.#options;
    const { claimed } = attempt;
    onTrouble(new Error(`attempt ${claimed.attempt} of job ${claimed.job.id} did not stop in time`));
    await releaseAttempt(database.sql, claimed, this.#reporting()).catch(onTrouble);
    attempt.stop('lease-lost');
  }
}
