/** Whether a job's scratch files have room: looked at before it runs, and told when it failed for want of it. */
import { statfs } from 'node:fs/promises';
import { type FaultRecord, jobFault } from '../catalogue/fault.ts';
import type { NoticeFinding } from '../catalogue/finding.ts';
import type { JobPlan } from '../plan/plan.ts';

/** With less room than this a volume is full: no media file and no statistics of a first pass fit in. */
const fullBytes = 32 * 1024;

/** What is foreseen of the scratch folder. */
export interface ScratchVerdict {
  /** The volume is full, and the job needs some of it. */
  readonly fault: FaultRecord | null;
  /** It may turn out too small: estimates are of rates that encoders often stay below, so this is no error. */
  readonly notice: NoticeFinding | null;
}

/** Compares what a plan is expected to write with the room there is. */
export async function judgeScratch({ estimate }: JobPlan, scratchRoot: string): Promise<ScratchVerdict> {
  const { scratchBytes } = estimate;
  const freeBytes = await freeBytesOf(scratchRoot);
  if (freeBytes === null || freeBytes >= scratchBytes) return { fault: null, notice: null };
  const mediaFact = describeRoom(scratchRoot, freeBytes, scratchBytes);
  if (freeBytes < fullBytes) {
    const { record } = jobFault(1050, 'scratch', { path: scratchRoot }, { component: 'worker', mediaFact });
    return { fault: record, notice: null };
  }
  const message = `Scratch space may not suffice: ${mediaFact}.`;
  return { fault: null, notice: { severity: 'notice', reason: 'scratch-short', pointer: '', message } };
}

/** Fault 1050 with what the volume looks like now; other faults, and those that tell it themselves, as they are. */
export async function describeFullScratch(
  fault: FaultRecord,
  plan: JobPlan | null,
  scratchRoot: string,
): Promise<FaultRecord> {
  if (fault.code !== 1050 || fault.mediaFact !== undefined) return fault;
  const freeBytes = await freeBytesOf(scratchRoot);
  if (freeBytes === null) return fault;
  return { ...fault, mediaFact: describeRoom(scratchRoot, freeBytes, plan?.estimate.scratchBytes ?? null) };
}

function describeRoom(scratchRoot: string, freeBytes: number, scratchBytes: number | null): string {
  const room = `${freeBytes} bytes are free in ${scratchRoot}`;
  return scratchBytes === null ? room : `${room}, and the job is expected to write ${scratchBytes} there`;
}

/** Null where the system does not tell. */
async function freeBytesOf(folder: string): Promise<number | null> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}
