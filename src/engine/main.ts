/**
 * The engine child (design D2): loads the media libraries, says `ready`, then serves the tasks of one attempt over
 * Node's IPC channel; object bytes travel over the inherited socket. It never ends by itself while library calls may
 * be waiting: the parent ends it.
 *
 * States: loading → ready ⇄ working → canceled. `cancel` is sticky: IO fails at once, the graph unwinds, the answer
 * is `canceled`, and no further task is taken.
 */
import { type FaultRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import { firstFaultOf } from '../catalogue/several-faults.ts';
import type { InputFacts } from '../plan/facts.ts';
import { createChannelObjects, openInheritedChannel } from './channel-objects.ts';
import { captureLibraryLog, clearLibraryLog, recentLibraryLog } from './library-log.ts';
import { lookAtSideObjects } from './look-at-side-objects.ts';
import type { EngineObjects } from './objects.ts';
import { probeInput } from './probe/probe-input.ts';
import type { EngineResult, EngineTask, MessageFromEngine, MessageToEngine } from './protocol.ts';
import { runGraph } from './run-graph.ts';

/** The task under way and its brakes. */
interface WorkingTask {
  readonly objects: EngineObjects;
  readonly stopper: AbortController;
}

serve();

function serve(): void {
  captureLibraryLog();
  const channel = openInheritedChannel();
  let working: WorkingTask | null = null;
  let isCanceled = false;

  process.on('uncaughtException', (error) => answer({ type: 'fault', fault: unknownFault(error) }));
  process.on('unhandledRejection', (error) => answer({ type: 'fault', fault: unknownFault(error) }));
  // Without a parent nobody waits for the result. A library call may be stuck, so nothing gentler is sure to work.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', (message: MessageToEngine) => {
    if (message.type === 'cancel') {
      isCanceled = true;
      if (working === null) return answer({ type: 'canceled' });
      working.objects.cancel();
      return working.stopper.abort(new DOMException('the task was canceled', 'AbortError'));
    }
    if (isCanceled) return answer({ type: 'canceled' });
    working = {
      objects: createChannelObjects(channel, message.task.sources),
      stopper: new AbortController(),
    };
    void perform(message.task, working).then((reply) => {
      working = null;
      answer(isCanceled ? { type: 'canceled' } : reply);
    });
  });
  answer({ type: 'ready' });
}

async function perform(task: EngineTask, { objects, stopper }: WorkingTask): Promise<MessageFromEngine> {
  clearLibraryLog();
  try {
    return { type: 'result', result: await execute(task, objects, stopper.signal) };
  } catch (error) {
    return { type: 'fault', fault: error instanceof JobFault ? error.record : unknownFault(error) };
  }
}

async function execute(task: EngineTask, objects: EngineObjects, signal: AbortSignal): Promise<EngineResult> {
  switch (task.kind) {
    case 'probe': {
      const facts: InputFacts[] = [];
      const faults: FaultRecord[] = [];
      for (const { location } of task.sources) {
        signal.throwIfAborted();
        try {
          const row = task.ofOutputs ? 'output' : task.trackFiles.includes(location) ? 'imf' : null;
          facts.push(await probeOne(objects, location, row));
        } catch (error) {
          // All inputs are looked at, so that everything wrong is told at once.
          if (!(error instanceof JobFault)) throw error;
          faults.push({ location, ...error.record });
        }
      }
      const fault = firstFaultOf(faults);
      if (fault !== null) throw fault;
      return { kind: 'probe', facts };
    }
    case 'look':
      return { kind: 'look', faults: await lookAtSideObjects(objects, task, signal) };
    case 'run':
      return {
        kind: 'run',
        outputGroups: await runGraph({
          plan: task.plan,
          keys: task.keys,
          objects,
          scratchFolder: task.scratchFolder,
          onProgress: (progress) => answer({ type: 'progress', progress }),
          onWarning: (code, count, detail) => answer({ type: 'warning', code, count, detail }),
          onBlackVideo: (black) => answer({ type: 'black-video', black }),
          onLeftOut: (reason, inputIndexes) => answer({ type: 'left-out', reason, inputIndexes }),
          signal,
        }),
      };
  }
}

async function probeOne(
  objects: EngineObjects,
  location: string,
  row: 'output' | 'imf' | null,
): Promise<InputFacts> {
  const input = await objects.openInput(location);
  try {
    return await probeInput(input, location, row);
  } finally {
    await input.close();
  }
}

/** A parent that is gone cannot be answered; `disconnect` ends the process then. */
function answer(message: MessageFromEngine): void {
  if (process.connected) process.send?.(message, () => {});
}

function unknownFault(error: unknown): FaultRecord {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return jobFault(
    1999,
    'unknown',
    {},
    { component: 'engine', detail: `${cause}\n${recentLibraryLog()}`.trim() },
  ).record;
}
