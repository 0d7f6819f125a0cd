/**
 * One conformance suite for both databases (style 32): `describeOnBoth` runs its tests on the embedded engine and on
 * a real PostgreSQL server. Without a server binary the second half is skipped, with the reason printed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type DatabaseLocation, openDatabase } from '../../src/database/open-database.ts';
import { missingServerReason, type PostgresServer, startPostgresServer } from './postgres-server.ts';

/** What a test gets. */
export interface DatabaseUnderTest {
  readonly kind: Database['kind'];
  /** Open during all tests of the suite. */
  readonly database: Database;
  /** Another handle on the same data: a second process's view. On the embedded engine it is the same handle. */
  openSecond(): Promise<Database>;
  /** Where a new, empty database can be opened. */
  newLocation(): Promise<DatabaseLocation>;
  /** Breaks all connections; false where there are none to break. */
  breakConnections(): Promise<boolean>;
}

/** Defines a suite for both implementations. */
export function describeOnBoth(title: string, define: (under: DatabaseUnderTest) => void): void {
  describe(`${title} (embedded)`, () => define(embedded()));
  const reason = missingServerReason();
  if (reason !== null) console.log(`SKIPPED: ${title} (server): ${reason}`);
  describe.skipIf(reason !== null)(`${title} (server)`, () => define(server()));
}

const never = new AbortController().signal;

function embedded(): DatabaseUnderTest {
  const folders: string[] = [];
  const newFolder = () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-database-'));
    folders.push(folder);
    return folder;
  };
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const held = holdDatabase(() => openDatabase({ dataFolder: newFolder() }, never));
  return {
    kind: 'embedded',
    get database() {
      return held.database;
    },
    openSecond: async () => ({ ...held.database, close: async () => {} }),
    newLocation: async () => ({ dataFolder: newFolder() }),
    breakConnections: async () => false,
  };
}

function server(): DatabaseUnderTest {
  let postgres: PostgresServer;
  let url = '';
  beforeAll(async () => {
    postgres = await startPostgresServer();
    url = await postgres.createDatabase();
  });
  afterAll(() => postgres.stop());
  const held = holdDatabase(() => openDatabase({ url }, never));
  return {
    kind: 'server',
    get database() {
      return held.database;
    },
    openSecond: () => openDatabase({ url }, never),
    newLocation: async () => ({ url: await postgres.createDatabase() }),
    async breakConnections() {
      await postgres.endSessions(url);
      return true;
    },
  };
}

/** Hooks run in the order of registration at start and in reverse at the end: the database closes before its server. */
function holdDatabase(open: () => Promise<Database>): { readonly database: Database } {
  let database: Database | null = null;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());
  return {
    get database() {
      if (database === null) throw new Error('the database is open only while tests run');
      return database;
    },
  };
}
