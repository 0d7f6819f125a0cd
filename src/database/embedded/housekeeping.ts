/**
 * What a PostgreSQL server does in background processes and the embedded engine does not: checkpoints, so that
 * the log stays small and a restart replays little, and vacuum with statistics for the tables that change.
 * Runs as ordinary statements between others, so it never meets an open transaction.
 */
import type pg from 'pg';

const intervalMs = 60_000;
/** Sessions taken from the pool since the last time; below, nothing worth cleaning happened. */
const checkpointAfterUses = 50;
/** Early at first, because young tables have no statistics, then ever rarer: vacuum takes longer as tables grow. */
const firstVacuumAfterUses = 500;
const laterVacuumAfterUses = 20_000;
/** Tables whose rows change after insertion; settings documents and outputs do not. */
const vacuumStatement = 'VACUUM (ANALYZE) task, job, event, attempt, idempotency, worker, target_lease';

/** Starts housekeeping; the returned function ends it. */
export function startHousekeeping(pool: pg.Pool, onTrouble: (error: Error) => void): () => void {
  let usesSinceCheckpoint = 0;
  let usesSinceVacuum = 0;
  let vacuumAfterUses = firstVacuumAfterUses;
  let running = false;
  const countUse = () => {
    usesSinceCheckpoint += 1;
    usesSinceVacuum += 1;
  };
  const tidy = async () => {
    if (usesSinceVacuum >= vacuumAfterUses) {
      await pool.query(vacuumStatement);
      usesSinceVacuum = 0;
      vacuumAfterUses = Math.min(2 * vacuumAfterUses, laterVacuumAfterUses);
    }
    if (usesSinceCheckpoint >= checkpointAfterUses) {
      await pool.query('CHECKPOINT');
      usesSinceCheckpoint = 0;
    }
  };
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    tidy()
      .catch(onTrouble)
      .finally(() => {
        running = false;
      });
  }, intervalMs);
  timer.unref();
  pool.on('acquire', countUse);
  return () => {
    clearInterval(timer);
    pool.off('acquire', countUse);
  };
}
