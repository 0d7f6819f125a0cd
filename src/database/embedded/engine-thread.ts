/**
 * The thread that runs the embedded PostgreSQL: a heavy statement blocks that thread, never the server's event
 * loop. Life: starting → ready → stopped, or lost when the engine died; a lost engine answers nothing more.
 */
import { Worker } from 'node:worker_threads';

/** Compiled entry; the same path from `src/` and from `dist/`. */
const threadEntry = new URL('../../../dist/database/embedded/engine-thread-main.js', import.meta.url);

/** What the thread is told to open. */
export interface EngineThreadTask {
  /** Folder of the PostgreSQL data, made when missing. */
  readonly postgresFolder: string;
  /** A prepared data archive for a folder without data; null: initialise from scratch. */
  readonly preparedData: string | null;
}

/** Messages to the thread. Requests are answered in order. */
export type MessageToEngineThread =
  | { readonly type: 'exchange'; readonly request: Uint8Array }
  | { readonly type: 'stop' };

/** Messages from the thread. */
export type MessageFromEngineThread =
  | { readonly type: 'ready' }
  | { readonly type: 'response'; readonly response: Uint8Array }
  | { readonly type: 'failed'; readonly message: string };

/** A running engine. */
export interface EngineThread {
  /** Sends protocol bytes and returns what the engine answers. Rejects when the engine is gone. */
  exchange(request: Uint8Array): Promise<Buffer>;
  /** Aborts with an Error when the engine died by itself. */
  readonly lost: AbortSignal;
  /** Shuts the engine down in order (with a checkpoint, so that the next start replays nothing). */
  stop(): Promise<void>;
}

/** Starts the engine; resolves when it answers. Aborting `signal` ends a start that is under way. */
export async function startEngineThread(task: EngineThreadTask, signal: AbortSignal): Promise<EngineThread> {
  signal.throwIfAborted();
  const worker = new Worker(threadEntry, { workerData: task, name: 'openconvert-database' });
  const lost = new AbortController();
  const replies: Reply[] = [];
  let stopping = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  const endedWith = (cause: Error) => {
    for (const reply of replies.splice(0)) reply.reject(cause);
    if (!stopping) lost.abort(cause);
  };
  worker.on('error', (cause) => endedWith(new Error('the embedded database died', { cause })));
  worker.once('exit', () => endedWith(new Error('the embedded database is not running')));
  worker.on('message', (message: MessageFromEngineThread) => {
    const reply = replies.shift();
    if (message.type === 'failed') reply?.reject(new Error(`embedded database: ${message.message}`));
    else reply?.resolve(message.type === 'response' ? asBuffer(message.response) : Buffer.alloc(0));
  });

  const nextReply = () =>
    new Promise<Buffer>((resolve, reject) => {
      if (lost.signal.aborted) reject(lost.signal.reason);
      else replies.push({ resolve, reject });
    });
  const terminate = () => void worker.terminate();
  signal.addEventListener('abort', terminate, { once: true });
  try {
    await nextReply();
  } catch (error) {
    stopping = true;
    await worker.terminate();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', terminate);
  }

  const send = (message: MessageToEngineThread) => worker.postMessage(message);
  return {
    lost: lost.signal,
    exchange(request) {
      const reply = nextReply();
      send({ type: 'exchange', request });
      return reply;
    },
    stop() {
      if (!stopping) send({ type: 'stop' });
      stopping = true;
      return ended;
    },
  };
}

interface Reply {
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: Error) => void;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
