/** Reads HTTP inputs from servers of a test; everything opened is closed after each test. */
import type { RequestListener } from 'node:http';
import { afterEach } from 'vitest';
import { createHttpStore, type HttpStore, type HttpStoreSettings } from '../../src/store/http.ts';
import { startServer, startTcpServer, type TestServer } from './http-servers.ts';

const signal = new AbortController().signal;
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** Closes `each` after the test. */
export function closeLater<Closable extends { close(): unknown }>(each: Closable): Closable {
  opened.push(each);
  return each;
}

/** A store that may reach loopback, repeats quickly and waits long enough for a busy machine. */
export function storeWith(settings: HttpStoreSettings = {}): HttpStore {
  const store = createHttpStore({
    allowedPrivateHosts: 'all',
    retry: { attempts: 3, firstPauseMs: 1, totalMs: 5_000 },
    deadlines: { connectMs: 10_000, headersMs: 10_000, stallMs: 10_000 },
    ...settings,
  });
  opened.push(store);
  return store;
}

export async function server(listener: RequestListener): Promise<TestServer> {
  const started = await startServer(listener);
  opened.push(started);
  return started;
}

export async function tcpServer(onConnection: Parameters<typeof startTcpServer>[0]): Promise<TestServer> {
  const started = await startTcpServer(onConnection);
  opened.push(started);
  return started;
}

export async function readAll(url: string, settings?: HttpStoreSettings): Promise<Buffer> {
  const reader = await storeWith(settings).open(url, signal);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < reader.head.sizeBytes; at += 100_000)
    pieces.push(await reader.read(at, 100_000, signal));
  await reader.close();
  return Buffer.concat(pieces);
}

/** Code and message of the fault that opening and reading ends with. */
export async function failure(
  url: string,
  settings?: HttpStoreSettings,
): Promise<{ code: number; message: string }> {
  try {
    await readAll(url, settings);
  } catch (error) {
    const { record } = error as { record?: { code: number; message: string } };
    if (record === undefined) throw error;
    return { code: record.code, message: record.message };
  }
  throw new Error(`${url} could be read`);
}
