import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { channels } from '../../src/database/channels.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { isTransientDatabaseError } from '../../src/database/transient-errors.ts';
import { describeOnBoth } from './implementations.ts';

const never = new AbortController().signal;

describeOnBoth('an opened database', (under) => {
  test('keeps its content over a restart and creates Default once', async () => {
    const location = await under.newLocation();
    const first = await openDatabase(location, never, { now: () => 1_000 });
    await first.sql.updateTable('queue').set({ description: 'mine' }).execute();
    await first.close();
    await first.close();
    const second = await openDatabase(location, never, { now: () => 2_000 });
    const queues = await second.sql
      .selectFrom('queue')
      .select(['name', 'description', 'created_at_ms'])
      .execute();
    await second.close();
    expect(queues).toEqual([{ name: 'Default', description: 'mine', created_at_ms: 1_000 }]);
  });

  test('of a newer openconvert is refused with both schemas named, and left as it is', async () => {
    const location = await under.newLocation();
    const first = await openDatabase(location, never);
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-future', 'now')`.execute(
      first.sql,
    );
    await first.close();
    await expect(openDatabase(location, never)).rejects.toMatchObject({
      why: 'newer-schema',
      message: expect.stringMatching(/schema 9999-future.*newer openconvert.*up to \d{4}-/s),
    });
    await expect(openDatabase(location, never)).rejects.toMatchObject({ why: 'newer-schema' });
  });

  test('reads bigint as exact numbers and refuses what would be rounded', async () => {
    const exact = await sql<{ n: number }>`SELECT ${Number.MAX_SAFE_INTEGER}::bigint AS n`.execute(
      under.database.sql,
    );
    expect(exact.rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
    await expect(sql`SELECT 9007199254740993::bigint`.execute(under.database.sql)).rejects.toThrow(
      RangeError,
    );
    expect((await sql<{ n: number }>`SELECT 1 AS n`.execute(under.database.sql)).rows).toEqual([{ n: 1 }]);
  });

  test('says the same error codes for the same mistakes and goes on working', async () => {
    await expect(sql`SELECT * FROM nowhere`.execute(under.database.sql)).rejects.toMatchObject({
      code: '42P01',
    });
    await expect(
      sql`INSERT INTO queue (name) VALUES ('Default')`.execute(under.database.sql),
    ).rejects.toMatchObject({
      code: '23502',
    });
    const failing = under.database.sql.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('queue').execute();
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await under.database.sql.selectFrom('queue').select('name').execute()).toHaveLength(1);
  });

  test('carries a megabyte of settings both ways', async () => {
    const text = 'ü'.repeat(1 << 20);
    const { rows } = await sql<{ text: string }>`SELECT ${text}::text AS text`.execute(under.database.sql);
    expect(rows[0]?.text).toBe(text);
  });

  test('tells every listener, in order, what was committed and nothing that was rolled back', async () => {
    const { database } = under;
    const listening = new AbortController();
    const heard: (string | null)[][] = [[], []];
    const done = heard.map(
      (payloads) =>
        new Promise<void>((resolve, reject) => {
          const handler = (payload: string | null) => {
            payloads.push(payload);
            if (payload === 'end') resolve();
          };
          database.listen(channels.taskReady, handler, listening.signal).catch(reject);
        }),
    );
    // Both subscriptions are active once a third one is: they are made in order.
    await database.listen(channels.taskReady, () => {}, listening.signal);
    const notify = (db: Database['sql'], payload: string) =>
      sql`SELECT pg_notify(${channels.taskReady}, ${payload})`.execute(db);
    await notify(database.sql, 'one');
    const rolledBack = database.sql.transaction().execute(async (transaction) => {
      await notify(transaction, 'never');
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await notify(database.sql, 'end');
    await Promise.all(done);
    expect(heard).toEqual([
      ['one', 'end'],
      ['one', 'end'],
    ]);
    listening.abort();
  });

  test('listens again after its connections broke, and says that something may have been missed', async (context) => {
    const listening = new AbortController();
    const heard: (string | null)[] = [];
    let wake = () => {};
    await under.database.listen(
      channels.eventStored,
      (payload) => {
        heard.push(payload);
        wake();
      },
      listening.signal,
    );
    const restored = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (!(await under.breakConnections()))
      return context.skip('the embedded engine has no connections to break');
    await restored;
    const again = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await notifyAgain(under.database);
    await again;
    expect(heard).toEqual([null, 'again']);
    listening.abort();
  });
});

/** A pooled connection may learn only when it is used that it was broken; each failed use takes one out of the pool. */
async function notifyAgain(database: Database): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await sql`SELECT pg_notify(${channels.eventStored}, 'again')`.execute(database.sql);
      return;
    } catch (error) {
      if (tries === 20 || !isTransientDatabaseError(error)) throw error;
    }
  }
}

describe('a server', () => {
  test('that nobody runs is said to be unreachable, with the reason', async () => {
    await expect(openDatabase({ url: 'postgres://user@127.0.0.1:1/none' }, never)).rejects.toMatchObject({
      why: 'unreachable',
      message: expect.stringMatching(/does not answer: .*ECONNREFUSED/),
    });
  });
});
