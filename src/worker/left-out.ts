/** What of the inputs a run left out, as notices of the job. */
import type { Finding } from '../catalogue/finding.ts';
import type { LeftOutReason } from '../engine/protocol.ts';
import type { PlannedInput } from '../plan/plan.ts';

const messages: Readonly<Record<LeftOutReason, string>> = {
  'splice-insert':
    'SCTE-35 messages are taken along that are a time_signal, and the input has splice_insert: these are left out',
};

/** One notice at each of the inputs, once. The engine is not trusted: what the job does not have is not told. */
export function tellLeftOut(
  reason: LeftOutReason,
  inputIndexes: readonly number[],
  inputs: readonly Pick<PlannedInput, 'inputIndex'>[],
  findings: Finding[],
): void {
  const message = Object.hasOwn(messages, reason) ? messages[reason] : null;
  if (message === null || !Array.isArray(inputIndexes)) return;
  const told = new Set(findings.map((finding) => `${finding.pointer} ${finding.message}`));
  for (const inputIndex of new Set(inputs.map((input) => input.inputIndex))) {
    const pointer = `/inputs/${inputIndex}`;
    if (!inputIndexes.includes(inputIndex) || told.has(`${pointer} ${message}`)) continue;
    findings.push({ severity: 'notice', reason: 'left-out', pointer, message });
  }
}
