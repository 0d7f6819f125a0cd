/**
 * One engine child and its life: starting → ready → working (one task at a time, all of one attempt) → ended.
 * It ends by `end()`, by its own death, by the memory limit or by a stall; whatever the reason, nothing of it is
 * left running afterwards and the waiting task learns the cause. A death that nobody asked for is fault 1999;
 * a canceled task is not a fault (style 17).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { WarningCode } from '../catalogue/codes.ts';
import { faultFromRecord, type JobFault, jobFault } from '../catalogue/fault.ts';
import type {
  BlackVideo,
  EngineProgress,
  EngineResult,
  EngineTask,
  LeftOutReason,
  MessageFromEngine,
  MessageToEngine,
} from '../engine/protocol.ts';
import {
  deathFault,
  memoryFault,
  type ProcessEnd,
  readProcessEnd,
  stallFault,
  startFault,
} from './engine-faults.ts';
import { guardMemory, type MemoryLimits, memoryLimitsFor } from './memory-guard.ts';
import type { Sandbox } from './sandbox.ts';
import { watchForStall } from './stall-watch.ts';

const engineEntry = fileURLToPath(new URL('../../dist/engine/main.js', import.meta.url));
/** Waiting contexts, concurrent heavy calls and spare; threads are cheap, a missing one is a deadlock (design D3). */
const threadPoolSize = 32;
/** Loading takes 0.15–0.3 s on an idle machine; a child that needs so long never comes. */
const startLimitMs = 60_000;
const cancelGraceMs = 500;
/** A dead child's last words are in the pipe; a descendant that outlived it may hold the pipe open. */
const lastWordsLimitMs = 200;
const keptLogBytes = 8192;
/** Descriptor of the object channel inside the child. */
const channelIndex = 4;

/** How one task is watched. */
export interface TaskControls {
  /** Predicted memory of the task; limits are derived from it. */
  readonly estimatedMemoryBytes: number;
  /** The limits themselves; default: derived from the estimate (`memoryLimitsFor`). */
  readonly memoryLimits?: MemoryLimits;
  /** Ended as stalled when no sign of progress came for so long (`stall-watch.ts`). */
  readonly stallMs: number;
  /** The same after all encoding; default: `stallMs`. */
  readonly uploadStallMs?: number;
  /** Milliseconds since a store last answered the engine, 0 while it owes an answer; default: never asked. */
  readonly sinceServedMs?: () => number;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly onWarning: (code: WarningCode, count: number, detail: string) => void;
  readonly onBlackVideo?: (black: BlackVideo) => void;
  readonly onLeftOut?: (reason: LeftOutReason, inputIndexes: readonly number[]) => void;
  readonly signal: AbortSignal;
}

/** A running engine child. */
export interface EngineProcess {
  readonly sandbox: Sandbox;
  /** The worker's end of the object channel. */
  readonly channel: Socket;
  /** False once the child has ended, whatever the reason. */
  isAlive(): boolean;
  /** Resolves with the engine's process id when the libraries are loaded; rejects with fault 1999 when it dies first. */
  ready(): Promise<number>;
  /** Runs one task. Rejects with a JobFault, or with the reason of `signal` when that fired. */
  runTask(task: EngineTask, controls: TaskControls): Promise<EngineResult>;
  /** Highest resident memory of the child by the end of its last task, in bytes. */
  peakMemoryBytes(): number;
  /** Ends the child and everything it started. Tolerates being called twice. */
  end(): Promise<void>;
}

/** Starts a child. It loads the libraries at once and waits for its attempt. */
export function startEngine(sandbox: Sandbox, scratchRoot: string): EngineProcess {
  const [command, ...commandArguments] = sandbox.command(['--no-warnings', engineEntry], scratchRoot);
  const child = spawn(command, commandArguments, {
    // Own process group: ending it ends a sandbox launcher and the engine together.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', UV_THREADPOOL_SIZE: String(threadPoolSize) },
  });
  return superviseEngine(child, sandbox);
}

function superviseEngine(child: ChildProcess, sandbox: Sandbox): EngineProcess {
  const log = keepLog(child);
  const channel = child.stdio[channelIndex] as Socket;
  // The child's death breaks the channel; the death itself is reported by `ended`.
  channel.on('error', () => {});
  let isAlive = true;
  let peakBytes = 0;
  /** Why we ended it, when it was not for a request. */
  let causeOfEnd: JobFault | null = null;
  child.once('exit', () => {
    isAlive = false;
  });
  const ended = endOf(child, log);
  const kill = (): void => killGroup(child);
  const endBecause = (fault: JobFault): void => {
    causeOfEnd ??= fault;
    kill();
  };
  const faultOfEnd = (end: ProcessEnd): JobFault => causeOfEnd ?? deathFault(end, log.text());
  const readiness = untilReady(child, ended.then(faultOfEnd), () =>
    endBecause(startFault(startLimitMs, log.text())),
  ).then(() => sandbox.enginePid(child.pid ?? 0));
  readiness.catch(() => {});

  async function runTask(task: EngineTask, controls: TaskControls): Promise<EngineResult> {
    const {
      signal,
      stallMs,
      uploadStallMs = stallMs,
      sinceServedMs = () => Number.POSITIVE_INFINITY,
    } = controls;
    const pid = await unlessAborted(readiness, signal);
    const limits = controls.memoryLimits ?? memoryLimitsFor(controls.estimatedMemoryBytes);
    const guard = guardMemory(pid, limits, (resident) =>
      endBecause(memoryFault(resident, limits.residentBytes)),
    );
    const stall = watchForStall({ stallMs, uploadStallMs, sinceServedMs }, (limitMs) =>
      endBecause(stallFault(limitMs, log.text())),
    );
    let graceTimer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      send(child, { type: 'cancel' });
      graceTimer = setTimeout(kill, cancelGraceMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    let stopListening = (): void => {};
    try {
      return await new Promise<EngineResult>((resolve, reject) => {
        stopListening = listen(child, (message) => {
          if (message.type === 'progress') stall.sign(message.progress);
          takeMessage(message, controls, resolve, reject);
        });
        void ended.then((end) => reject(signal.aborted ? signal.reason : faultOfEnd(end)));
        send(child, { type: 'task', task });
      });
    } finally {
      stopListening();
      signal.removeEventListener('abort', onAbort);
      clearTimeout(graceTimer);
      stall.stop();
      peakBytes = Math.max(peakBytes, await guard.stop());
    }
  }

  return {
    sandbox,
    channel,
    isAlive: () => isAlive && child.pid !== undefined,
    ready: () => readiness,
    runTask,
    peakMemoryBytes: () => peakBytes,
    async end() {
      kill();
      await ended;
      channel.destroy();
    },
  };
}

/** Resolves once the child is gone and its last words are read. */
async function endOf(child: ChildProcess, log: ChildLog): Promise<ProcessEnd> {
  const end = await new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve(readProcessEnd(exitCode, signal)));
    child.once('error', ({ message }) => resolve({ startFailure: message }));
  });
  await log.complete();
  return end;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function untilReady(child: ChildProcess, death: Promise<JobFault>, onLate: () => void): Promise<void> {
  const timer = setTimeout(onLate, startLimitMs);
  // A process that only waits for its spare may end.
  timer.unref();
  let stopListening = (): void => {};
  const ready = new Promise<void>((resolve, reject) => {
    stopListening = listen(child, ({ type }) => type === 'ready' && resolve());
    void death.then(reject);
  });
  return ready.finally(() => {
    clearTimeout(timer);
    stopListening();
  });
}

function listen(child: ChildProcess, receive: (message: MessageFromEngine) => void): () => void {
  child.on('message', receive);
  return () => void child.off('message', receive);
}

function takeMessage(
  message: MessageFromEngine,
  { onProgress, onWarning, onBlackVideo, onLeftOut, signal }: TaskControls,
  resolve: (result: EngineResult) => void,
  reject: (reason: unknown) => void,
): void {
  switch (message.type) {
    case 'progress':
      return onProgress(message.progress);
    case 'warning':
      return onWarning(message.code, message.count, message.detail);
    case 'black-video':
      return onBlackVideo?.(message.black);
    case 'left-out':
      return onLeftOut?.(message.reason, message.inputIndexes);
    case 'result':
      return resolve(message.result);
    case 'fault':
      return reject(signal.aborted ? signal.reason : faultFromRecord(message.fault));
    case 'canceled':
      return reject(
        signal.reason ??
          jobFault(1999, 'unknown', {}, { component: 'worker', mediaFact: 'the engine stopped unasked' }),
      );
    case 'ready':
      return undefined;
  }
}

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function send(child: ChildProcess, message: MessageToEngine): void {
  // A child that died meanwhile has closed the channel; its end is what the task reports.
  child.send(message, () => {});
}

/** What a child printed, its end kept. */
interface ChildLog {
  text(): string;
  /** Resolves when everything is read. */
  complete(): Promise<void>;
}

function keepLog(child: ChildProcess): ChildLog {
  let kept = '';
  const read = [child.stdout, child.stderr].map((stream) => {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-keptLogBytes);
    });
    return new Promise((resolve) => stream?.once('close', resolve));
  });
  return {
    text: () => kept.trim(),
    async complete() {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, lastWordsLimitMs);
      });
      await Promise.race([Promise.all(read), limit]);
      clearTimeout(timer);
    },
  };
}
