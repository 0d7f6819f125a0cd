/** `openconvert explain CODE` and `openconvert explain --job ID`. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { explainCode, isKnownCode } from '../catalogue/explain.ts';
import { openTarget, type TargetOptions } from './api-target.ts';
import { type DescribedJob, diagnose } from './diagnosis.ts';
import { exitCodes, UsageError } from './options.ts';
import { formatDiagnosis } from './print-diagnosis.ts';

/** Options of `explain`. */
export interface ExplainOptions extends TargetOptions {
  readonly job?: string;
  readonly json: boolean;
}

/** Prints what is known of a code or a job. Exit code 2 when there is no such code or job. */
export async function explainCommand(code: string | undefined, options: ExplainOptions): Promise<number> {
  const { job } = options;
  if ((code === undefined) === (job === undefined)) throw new UsageError('explain takes a code or --job ID');
  if (job !== undefined) return await explainJob(job, options);
  if (options.json) throw new UsageError('--json belongs to --job');
  process.stdout.write(`${explainCode(code as string)}\n`);
  return isKnownCode(code as string) ? exitCodes.done : exitCodes.usage;
}

async function explainJob(id: string, options: ExplainOptions): Promise<number> {
  refuseMissingFolder(options);
  await using target = await openTarget(options);
  const answer = await target.call('GetJob', { id });
  if (answer.isRefused) throw new UsageError(answer.message);
  const diagnosis = diagnose(answer.body['job'] as DescribedJob);
  process.stdout.write(`${options.json ? JSON.stringify(diagnosis, null, 2) : formatDiagnosis(diagnosis)}\n`);
  return exitCodes.done;
}

/** Opening a folder makes a database in it, and a question makes nothing. */
function refuseMissingFolder({ data, database, endpoint }: TargetOptions): void {
  const folder = path.resolve(data, 'database');
  if (endpoint !== undefined || database !== undefined || existsSync(folder)) return;
  throw new UsageError(`no server has run with the data folder ${data}: there is no ${folder}`);
}
