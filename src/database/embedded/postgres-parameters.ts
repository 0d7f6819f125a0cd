/**
 * Parameters of the embedded PostgreSQL, and which version of its data it reads.
 */

/** PostgreSQL major of PGlite 0.5.x (`PG_VERSION` of the data); data belong to one major. */
export const embeddedPostgresMajor = 18;

/**
 * `shared_buffers`: 16 MB halve the memory of the 128 MB default and cost nothing measurable at our sizes.
 * `max_wal_size`/`min_wal_size`: how many log files are kept for reuse; the engine has no background processes,
 * so checkpoints are asked for by `housekeeping.ts`, and without them the log grew by 200 MB in a minute of bulk
 * inserts (measured, PGlite 0.5.16).
 */
const ownParameters = {
  shared_buffers: '16MB',
  max_wal_size: '48MB',
  min_wal_size: '32MB',
} as const;

/** The engine's own parameters followed by ours. */
export function startParameters(defaults: readonly string[]): string[] {
  return [
    ...defaults,
    ...Object.entries(ownParameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}
