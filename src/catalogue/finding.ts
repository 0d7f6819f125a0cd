/**
 * A finding: one result of validating or planning (style 14). Validation collects findings, it does
 * not throw at the first one.
 */
import type { JobErrorCode, WarningCode } from './codes.ts';

/**
 * - `error`: the job cannot run. `code` is 400 (refused at CreateJob) or a job error code; which of the two
 *   follows the rule "400 or 1040" of the specification.
 * - `warning`: a documented warning code, raised on the job when it runs.
 * - `notice`: something the user should know that has no AWS code (a substitution, a setting without effect).
 */
export type Finding = ErrorFinding | WarningFinding | NoticeFinding;

interface FindingPlace {
  /** JSON pointer below `settings`, wire names, list indexes from 0; '' for the whole document. */
  readonly pointer: string;
  /** AWS-like text: for 400 the validation clause, for job errors the error message. */
  readonly message: string;
  /** What the user should do, in our words. */
  readonly remedy?: string;
  /** What was found in the media. */
  readonly mediaFact?: string;
  /** What would have been accepted. */
  readonly expected?: string;
}

/** The job cannot run as it is. */
export interface ErrorFinding extends FindingPlace {
  readonly severity: 'error';
  readonly code: 400 | JobErrorCode;
  /** For job errors: template and parameters in the catalogue, so that the fault can be raised from the finding. */
  readonly template?: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
}

/** The job runs and carries a documented warning. */
export interface WarningFinding extends FindingPlace {
  readonly severity: 'warning';
  readonly code: WarningCode;
}

/** Why something was left out or changed; a closed set (style 15). */
export type NoticeReason =
  | 'substituted'
  | 'no-effect'
  | 'left-out'
  | 'track-not-selected'
  | 'captions-dropped'
  | 'foreign-account'
  | 'not-verified'
  | 'scratch-short'
  | 'rate-short'
  | 'deprecated-value'
  | 'encoded-again';

/** The job runs; something is not as written. */
export interface NoticeFinding extends FindingPlace {
  readonly severity: 'notice';
  readonly reason: NoticeReason;
}
