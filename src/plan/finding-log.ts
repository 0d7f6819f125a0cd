/**
 * Collects the findings of one planning run (style 14): planning goes on after each, so that all are reported. Errors
 * are job errors only: what the request alone shows to be wrong is the contract's to refuse (400), before planning.
 */
import { type JobErrorCode, renderMessage, type WarningCode, warningEntry } from '../catalogue/codes.ts';
import type { Finding, NoticeReason } from '../catalogue/finding.ts';

/** What else is known of a finding. */
export interface FindingDetails {
  readonly remedy?: string;
  readonly mediaFact?: string;
  readonly expected?: string;
}

/** The only way planning steps report anything. */
export interface FindingLog {
  readonly findings: readonly Finding[];
  /** True when a finding stops the job. */
  readonly hasErrors: boolean;
  /** A job error from the catalogue. Throws TypeError (a bug) when the template does not exist. */
  jobError(
    code: JobErrorCode,
    template: string,
    parameters: Readonly<Record<string, string | number>>,
    pointer: string,
    details?: FindingDetails,
  ): void;
  /** 1040: a setting or value that this release cannot honour. `reason` is a clause without full stop. */
  notSupported(pointer: string, value: unknown, reason: string): void;
  /** 1040: a setting that contradicts another part of the job. `reason` is a clause without full stop. */
  incompatible(pointer: string, reason: string): void;
  warning(code: WarningCode, pointer: string, details?: FindingDetails): void;
  notice(reason: NoticeReason, pointer: string, message: string, details?: FindingDetails): void;
}

/** An empty log. */
export function createFindingLog(): FindingLog {
  const findings: Finding[] = [];
  const told = new Set<string>();
  /** A setting read once per input or output gives the same finding each time: it is told once. */
  const tell = (finding: Finding): void => {
    const key = `${finding.severity} ${finding.pointer} ${finding.message}`;
    if (told.has(key)) return;
    told.add(key);
    findings.push(finding);
  };
  const log: FindingLog = {
    findings,
    get hasErrors() {
      return findings.some((finding) => finding.severity === 'error');
    },
    jobError(code, template, parameters, pointer, details = {}) {
      const message = renderMessage(code, template, parameters);
      tell({ severity: 'error', code, template, parameters, pointer, message, ...details });
    },
    notSupported(pointer, value, reason) {
      const parameters = { setting: pointer, value: describeValue(value), reason: `${reason}.` };
      log.jobError(1040, 'not-supported', parameters, pointer, {
        remedy: 'Remove the setting or give it a value listed as honoured in docs/coverage/settings.md.',
      });
    },
    incompatible(pointer, reason) {
      log.jobError(1040, 'incompatible', { setting: pointer, reason: `${reason}.` }, pointer);
    },
    warning(code, pointer, details = {}) {
      tell({ severity: 'warning', code, pointer, message: warningEntry(code).message, ...details });
    },
    notice(reason, pointer, message, details = {}) {
      tell({ severity: 'notice', reason, pointer, message, ...details });
    },
  };
  return log;
}

function describeValue(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
