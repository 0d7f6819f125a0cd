/**
 * Entry of the database thread: opens PGlite and passes protocol bytes through, one request after the other.
 * Stop closes the engine in order and lets the thread end.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { EngineThreadTask, MessageFromEngineThread, MessageToEngineThread } from './engine-thread.ts';
import { startParameters } from './postgres-parameters.ts';

const port = parentPort;
if (port === null) throw new Error('engine-thread-main is the entry of a thread');
const task = workerData as EngineThreadTask;
const say = (message: MessageFromEngineThread, transfer: ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);

// Bytes a function executes before V8 optimises it, 1.8 MB by default. At the start of PostgreSQL everything runs once:
// optimising it costs 0.4 s of CPU on other threads while the server wants to start. What runs often is optimised
// a little later and as fast (measured: same statement times after 200 jobs).
setFlagsFromString('--wasm-tiering-budget=100000000');

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
    const response = await answer(request);
    say({ type: 'response', response }, [response.buffer]);
  } catch (error) {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * PGlite's `execProtocolRaw` keeps every parsed message for ever (seen with 0.5.16: 60 KB a job); the streaming form
 * does not parse. Only the first message of a session, which begins with its length, needs the other form.
 * The pieces are views of the engine's memory and are copied, and joined in the buffer that moves to the other thread.
 */
async function answer(request: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (request[0] === 0) return new Uint8Array(await engine.execProtocolRaw(request));
  const pieces: Uint8Array[] = [];
  await engine.execProtocolRawStream(request, { onRawData: (piece) => pieces.push(piece.slice()) });
  return joined(pieces);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}

async function stop(): Promise<void> {
  await engine.close();
  port?.close();
}
