/**
 * What a system preset or job template is: part of every account, the same everywhere, never stored and never changed
 * (spec api.md 4 and 9).
 */

/** A system preset or job template; `Settings` has wire names. */
export interface SystemItem<Settings> {
  readonly name: string;
  readonly description: string;
  readonly category: string;
  /** Milliseconds since the epoch: creation and last update. */
  readonly createdAtMs: number;
  readonly settings: Settings;
}
