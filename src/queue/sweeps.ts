/**
 * What time does to jobs, looked at in every round of every dispatcher: leases of dead workers run out, waiting jobs
 * hop, jobs between two attempts meet the time limit. Each sweep is exclusive with claims by the rows it locks, so
 * several dispatchers may sweep at once.
 */
import { renderMessage } from '../catalogue/codes.ts';
import type { Database } from '../database/database.ts';
import { hopDueTasks } from '../database/statements/hop-tasks.ts';
import { expireLeases } from '../database/statements/leases.ts';
import { endOverdueJobs } from '../database/statements/limit-job-time.ts';
import type { Reporting } from '../database/statements/record-progress.ts';
import { unexplained } from './attempt.ts';

/** What the sweeps work with. */
export interface SweepOptions {
  readonly database: Database;
  readonly jobLimitMs: number;
  readonly reporting: () => Reporting;
  /** Hears of a sweep that failed; the others go on. */
  readonly onTrouble: (error: Error) => void;
}

/** One round of all sweeps. Never rejects. */
export async function sweepQueues({
  database: { sql },
  jobLimitMs,
  reporting,
  onTrouble,
}: SweepOptions): Promise<void> {
  const timedOut = { errorCode: 1522, errorMessage: renderMessage(1522, 'timed-out', {}) } as const;
  await expireLeases(sql, unexplained(), reporting()).catch(onTrouble);
  await hopDueTasks(sql, reporting()).catch(onTrouble);
  await endOverdueJobs(sql, jobLimitMs, timedOut, reporting()).catch(onTrouble);
}
