/** What becomes of an input that ends before it should. */
import { jobFault } from '../catalogue/fault.ts';
import type { OpenSource } from './open-source.ts';
import type { Pass } from './pass.ts';

/** Missing samples fail the job; a damaged tail is a warning, because outputs exist (spec errors.md 1076, 220000). */
export function noteTruncation(pass: Pass, source: OpenSource): void {
  const truncation = source.truncation();
  if (truncation === 'missing-samples') {
    const mediaFact = `the object ends at byte ${source.sizeBytes}, before samples that its index declares`;
    throw jobFault(1076, 'truncated', { bytes: source.sizeBytes }, { component: 'demuxer', mediaFact });
  }
  if (truncation === 'tail' && pass.passNumber !== 1) pass.counters.inputsTruncated += 1;
}
