/**
 * The seam between statements and the two PostgreSQL implementations (design D10, style 9): embedded in this
 * process, or a server. Statements see only this interface, and test/database runs one suite on both.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Channel } from './channels.ts';
import type { Schema } from './schema.ts';

/** An open database with the schema of this version. */
export interface Database {
  readonly kind: 'embedded' | 'server';
  /** Runs statements. The embedded database has one connection: inside a transaction use the transaction only. */
  readonly sql: Kysely<Schema>;
  /**
   * Calls `handler` for every notification until `signal` aborts; resolves when the subscription is active.
   * The payload is null after a lost connection was restored: notifications may have been missed.
   */
  listen(channel: Channel, handler: NotificationHandler, signal: AbortSignal): Promise<void>;
  /** Aborts, with the reason, when the database is gone for good (the embedded engine crashed). */
  readonly lost: AbortSignal;
  /** Waits for running statements, then closes. Closing twice is the same as closing once. */
  close(): Promise<void>;
}

/** Statements run either on the database or inside a transaction of it. */
export type Statements = Kysely<Schema> | Transaction<Schema>;

/** Must not throw; slow work belongs elsewhere. */
export type NotificationHandler = (payload: string | null) => void;

/** A database that cannot be opened, with a message for the operator. `why` is stable, for scripts and tests. */
export class DatabaseOpenError extends Error {
  override readonly name = 'DatabaseOpenError';
  readonly why: 'locked' | 'newer-schema' | 'other-major' | 'server-too-old' | 'unreachable';

  constructor(why: DatabaseOpenError['why'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.why = why;
  }
}
