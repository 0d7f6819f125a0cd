/**
 * Entry of the database thread: opens PGlite and passes protocol bytes through, one request after the other.
 * Stop closes the engine in order and lets the thread end.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { EngineThreadTask, MessageFromEngineThread, MessageToEngineThread } from './engine-thread.ts';
import { startParameters } from './postgres-parameters.ts';

const port = parentPort;
if (port === null) throw new Error('engine-thread-main is the entry of a thread');
const task = workerData as EngineThreadTask;
const say = (message: MessageFromEngineThread, transfer: ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);

const engine = await PGlite.create({
  dataDir: task.postgresFolder,
  startParams: startParameters(PGlite.defaultStartParams),
  ...(task.preparedData === null ? {} : { loadDataDir: new Blob([readFileSync(task.preparedData)]) }),
});
let previous: Promise<void> = Promise.resolve();
port.on('message', (message: MessageToEngineThread) => {
  previous = previous.then(() => (message.type === 'exchange' ? exchange(message.request) : stop()));
});
say({ type: 'ready' });

async function exchange(request: Uint8Array): Promise<void> {
  try {
    const response = await engine.execProtocolRaw(request);
    // A copy of its own, because the engine reuses its buffer; moved, not copied again, to the other thread.
    const moved = new Uint8Array(response);
    say({ type: 'response', response: moved }, [moved.buffer]);
  } catch (error) {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

async function stop(): Promise<void> {
  await engine.close();
  port?.close();
}
