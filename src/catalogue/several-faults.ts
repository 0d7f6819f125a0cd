/** Several things wrong at once: one of them is the job's error, the others are told beside it (style 14). */
import type { JobErrorCode } from './codes.ts';
import { evaluationOrder } from './evaluation-order.table.ts';
import { type FaultRecord, faultFromRecord, type JobFault } from './fault.ts';

/** Place of a code in the service's order of looking; codes of the run come last. */
export function evaluationRank(code: JobErrorCode): number {
  const place = evaluationOrder.findIndex((together) => together.includes(code));
  return place < 0 ? evaluationOrder.length : place;
}

/** The fault the service would report first, with the others as its `others`; of equals the one given first. Null when there is none. */
export function firstFaultOf(faults: readonly FaultRecord[]): JobFault | null {
  const [first, ...others] = [...faults].sort((a, b) => evaluationRank(a.code) - evaluationRank(b.code));
  if (first === undefined) return null;
  return faultFromRecord(others.length === 0 ? first : { ...first, others });
}
