/**
 * The listening session of the server implementation.
 *
 * States: idle (nobody listens, no session) → listening → broken → listening …→ closed. A broken session is
 * dialled again with growing pauses; when it is back every handler hears null, because notifications are not
 * kept for absent listeners.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { createSubscriptions } from '../subscriptions.ts';

const firstPauseMs = 200;
const longestPauseMs = 5_000;

/** Listens through a session of its own. */
export interface Listener {
  readonly listen: Database['listen'];
  close(): Promise<void>;
}

/** Makes a listener; `createClient` gives an unconnected session. */
export function createListener(createClient: () => pg.Client, onTrouble: (error: Error) => void): Listener {
  const subscriptions = createSubscriptions();
  const closing = new AbortController();
  let session: Promise<pg.Client> | null = null;
  let restoring: Promise<void> = Promise.resolve();

  const dial = async (): Promise<pg.Client> => {
    const client = createClient();
    let onEnd = (_error?: Error) => {};
    client.on('error', (error) => onEnd(error));
    client.on('end', () => onEnd());
    client.on('notification', ({ channel, payload }) => subscriptions.notify(channel, payload ?? ''));
    await client.connect();
    for (const channel of subscriptions.channels()) await client.query(`LISTEN ${channel}`);
    onEnd = (error = new Error('the listening session ended')) => {
      onEnd = () => {};
      if (closing.signal.aborted) return;
      onTrouble(error);
      restoring = restore();
    };
    return client;
  };

  const restore = async (): Promise<void> => {
    for (
      let pauseMs = firstPauseMs;
      !closing.signal.aborted;
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    ) {
      try {
        session = dial();
        await session;
        subscriptions.notifyMissed();
        return;
      } catch {
        await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  };

  return {
    async listen(channel, handler, until) {
      subscriptions.add(channel, handler, until);
      session ??= dial();
      try {
        await (await session).query(`LISTEN ${channel}`);
      } catch (error) {
        session = null;
        throw error;
      }
    },
    async close() {
      closing.abort();
      await restoring;
      const client = await session?.catch(() => null);
      await client?.end().catch(() => {});
    },
  };
}
