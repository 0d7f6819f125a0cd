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
  EngineProgress,
  EngineResult,
  EngineTask,
  MessageFromEngine,
  MessageToEngine,
} from '../engine/protocol.ts';
import { guardMemory, memoryLimitsFor } from './memory-guard.ts';
import type { Sandbox } from './sandbox.ts';

const engineEntry = fileURLToPath(new URL('../../dist/engine/main.js', import.meta.url));
/** Waiting contexts, concurrent heavy calls and spare; threads are cheap, a missing one is a deadlock (design D3). */
const threadPoolSize = 32;
const cancelGraceMs = 500;
const keptLogBytes = 8192;
/** Descriptor of the object channel inside the child. */
const channelIndex = 4;

/** How one task is watched. */
export interface TaskControls {
  /** Predicted memory of the task; limits are derived from it. */
  readonly estimatedMemoryBytes: number;
  /** Ended as stalled when no sign of progress came for so long. */
  readonly stallMs: number;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly onWarning: (code: WarningCode, count: number, detail: string) => void;
  readonly signal: AbortSignal;
}

/** A running engine child. */
export interface EngineProcess {
  readonly sandbox: Sandbox;
  /** The worker's end of the object channel. */
  readonly channel: Socket;
  /** Resolves when the libraries are loaded; rejects with fault 1999 when the child dies first. */
  ready(): Promise<void>;
  /** Runs one task. Rejects with a JobFault, or with an AbortError when `signal` fired. */
  runTask(task: EngineTask, controls: TaskControls): Promise<EngineResult>;
  /** Highest resident memory seen while a task ran, in bytes. */
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
  // The child's death breaks the channel; the death itself is reported by `exited`.
  channel.on('error', () => {});
  let enginePid = child.pid ?? 0;
  let peakBytes = 0;
  let endRequested = false;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });

  const readiness = new Promise<void>((resolve, reject) => {
    const onMessage = (message: MessageFromEngine): void => {
      if (message.type !== 'ready') return;
      enginePid = message.pid;
      child.off('message', onMessage);
      resolve();
    };
    child.on('message', onMessage);
    void exited.then((reason) => reject(deathFault(reason, log())));
  });
  readiness.catch(() => {});

  const kill = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };

  async function runTask(task: EngineTask, controls: TaskControls): Promise<EngineResult> {
    await readiness;
    controls.signal.throwIfAborted();
    return new Promise<EngineResult>((resolve, reject) => {
      let causeOfEnd: JobFault | null = null;
      const endBecause = (fault: JobFault): void => {
        causeOfEnd ??= fault;
        kill();
      };
      const guard = guardMemory(enginePid, memoryLimitsFor(controls.estimatedMemoryBytes), (resident) => {
        endBecause(memoryFault(resident));
      });
      const stall = watchForStall(controls.stallMs, () => endBecause(stallFault(controls.stallMs, log())));
      let graceTimer: NodeJS.Timeout | undefined;

      const onMessage = (message: MessageFromEngine): void => {
        switch (message.type) {
          case 'progress':
            stall.sign(message.progress);
            return controls.onProgress(message.progress);
          case 'warning':
            return controls.onWarning(message.code, message.count, message.detail);
          case 'result':
            return settle(() => resolve(message.result));
          case 'fault':
            return settle(() =>
              reject(controls.signal.aborted ? controls.signal.reason : faultFromRecord(message.fault)),
            );
          case 'canceled':
            return settle(() => reject(controls.signal.reason ?? jobFault(1999, 'unknown', {})));
          case 'ready':
            return undefined;
        }
      };
      const onAbort = (): void => {
        send(child, { type: 'cancel' });
        graceTimer = setTimeout(kill, cancelGraceMs);
      };
      let settled = false;
      const settle = (finish: () => void): void => {
        if (settled) return;
        settled = true;
        child.off('message', onMessage);
        controls.signal.removeEventListener('abort', onAbort);
        clearTimeout(graceTimer);
        stall.stop();
        guard.stop();
        peakBytes = Math.max(peakBytes, guard.peakBytes());
        finish();
      };
      child.on('message', onMessage);
      controls.signal.addEventListener('abort', onAbort, { once: true });
      void exited.then((reason) =>
        settle(() =>
          reject(
            controls.signal.aborted ? controls.signal.reason : (causeOfEnd ?? deathFault(reason, log())),
          ),
        ),
      );
      send(child, { type: 'task', task });
    });
  }

  return {
    sandbox,
    channel,
    ready: () => readiness,
    runTask,
    peakMemoryBytes: () => peakBytes,
    async end() {
      if (!endRequested) kill();
      endRequested = true;
      await exited;
      channel.destroy();
    },
  };
}

function send(child: ChildProcess, message: MessageToEngine): void {
  // A child that died meanwhile has closed the channel; its exit is what the task reports.
  child.send(message, () => {});
}

function keepLog(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-keptLogBytes);
    });
  }
  return () => kept.trim();
}

/** Progress means that a counter moved; a message alone proves only that the event loop lives. */
function watchForStall(
  stallMs: number,
  onStall: () => void,
): { sign(progress: EngineProgress): void; stop(): void } {
  let last = '';
  let timer = setTimeout(onStall, stallMs);
  return {
    sign(progress) {
      const counters = `${progress.phase} ${progress.framesDecoded} ${progress.outputTimeUs} ${progress.bytesRead} ${progress.bytesWritten}`;
      if (counters === last) return;
      last = counters;
      clearTimeout(timer);
      timer = setTimeout(onStall, stallMs);
    },
    stop: () => clearTimeout(timer),
  };
}

function deathFault(reason: string, log: string): JobFault {
  return jobFault(
    1999,
    'unknown',
    {},
    { component: 'worker', mediaFact: `the engine process ended by ${reason}`, detail: log },
  );
}

function memoryFault(residentBytes: number): JobFault {
  const mebibytes = Math.round(residentBytes / 1024 / 1024);
  return jobFault(
    1999,
    'out-of-memory',
    {},
    { component: 'worker', mediaFact: `the engine process held ${mebibytes} MiB, more than its plan allows` },
  );
}

function stallFault(stallMs: number, log: string): JobFault {
  return jobFault(
    1999,
    'unknown',
    {},
    {
      component: 'worker',
      mediaFact: `the engine made no progress for ${Math.round(stallMs / 1000)} s`,
      detail: log,
    },
  );
}
