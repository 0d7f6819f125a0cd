/**
 * Encoders write the statistics of their first pass by themselves, and where the disk is full they say no more than
 * that something failed. The scratch volume itself tells whether that was it.
 */
import { statfsSync } from 'node:fs';
import { JobFault, jobFault } from '../catalogue/fault.ts';

/** Less room than this is none: statistics and their buffers are written in larger pieces. */
const noRoomBytes = 64 * 1024;

/** Fault 1050 for an encoder's failure while the scratch volume has no room; any other error as it is. */
export function explainFullScratch(error: unknown, scratchFolder: string): unknown {
  if (!(error instanceof JobFault) || error.record.component !== 'encoder') return error;
  const { bavail, bsize } = statfsSync(scratchFolder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= noRoomBytes) return error;
  const { message, mediaFact, detail } = error.record;
  const facts = {
    component: 'encoder',
    mediaFact: `${freeBytes} bytes are free in the scratch folder`,
    detail: [message, mediaFact, detail].filter((part) => part !== undefined).join('\n'),
  };
  return jobFault(1050, 'scratch', { path: scratchFolder }, facts, error);
}
