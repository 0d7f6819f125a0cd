/**
 * The body of each event: what `detail` holds beside the common members (spec events.md 2–9). One function per
 * status; the envelope adds account, job, queue and time.
 */
import type { WarningCode } from '../catalogue/codes.ts';
import type { FaultExplanation } from '../catalogue/explanation.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { JobProgress } from '../worker/observer.ts';
import type { OutputGroupDetail } from './complete-body.ts';
import type { InputDetail } from './input-details.ts';

/** Any event body, told apart by `status`. */
export type EventBody =
  | { readonly status: 'PROGRESSING' }
  | { readonly status: 'INPUT_INFORMATION'; readonly inputDetails: readonly InputDetail[] }
  | StatusUpdateBody
  | { readonly status: 'NEW_WARNING'; readonly warningCode: string; readonly warningMessage: string }
  | QueueHopBody
  | CompleteBody
  | { readonly status: 'CANCELED' }
  | ErrorBody;

/** Body of STATUS_UPDATE (spec events.md 4). */
export interface StatusUpdateBody {
  readonly status: 'STATUS_UPDATE';
  readonly framesDecoded: number;
  readonly jobProgress: {
    readonly jobPercentComplete: number;
    readonly currentPhase: JobPhaseName;
    readonly retryCount: number;
    readonly phaseProgress: Readonly<Record<JobPhaseName, PhaseProgress>>;
  };
}

type JobPhaseName = 'PROBING' | 'TRANSCODING' | 'UPLOADING';

interface PhaseProgress {
  readonly status: 'PENDING' | 'PROGRESSING' | 'COMPLETE';
  /** Absent while unknown. */
  readonly percentComplete?: number;
}

/**
 * Body of QUEUE_HOP (spec events.md 9); the envelope's `queue` is the destination. `previousQueue` is a name until
 * the body is put into its envelope, which makes an ARN of it as of all queues.
 */
export interface QueueHopBody {
  readonly status: 'QUEUE_HOP';
  readonly previousQueue: string;
  readonly priority: number;
  readonly previousPriority: number;
}

/** Body of COMPLETE (spec events.md 5). */
export interface CompleteBody {
  readonly status: 'COMPLETE';
  readonly outputGroupDetails: readonly OutputGroupDetail[];
  readonly paddingInserted: number;
  /** Milliseconds of black in the source. */
  readonly blackVideoDetected: number;
  readonly blackVideoSegments?: readonly { readonly start: number; readonly end: number }[];
  readonly warnings?: readonly WarningCount[];
}

/** Body of ERROR (spec events.md 7). */
export interface ErrorBody {
  readonly status: 'ERROR';
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly warnings?: readonly WarningCount[];
  /** Our own member, which the service's clients do not look at: place, facts, remedy, what else is wrong. */
  readonly openconvert?: FaultExplanation;
}

/** How often a warning was raised. The code is an integer here and a string in NEW_WARNING (spec README). */
export interface WarningCount {
  readonly code: number;
  readonly count: number;
}

/** SUBMITTED → PROGRESSING; once per job, a retry does not repeat it. */
export function progressingBody(): EventBody {
  return { status: 'PROGRESSING' };
}

/** Sent at the job's status interval. `retryCount` counts the attempts before this one. */
export function statusUpdateBody(progress: JobProgress, retryCount: number): StatusUpdateBody {
  const phase = (name: JobPhaseName): PhaseProgress => phaseProgress(name, progress);
  return {
    status: 'STATUS_UPDATE',
    framesDecoded: progress.framesDecoded,
    jobProgress: {
      jobPercentComplete: Math.floor(progress.jobPercent),
      currentPhase: progress.phase,
      retryCount,
      phaseProgress: {
        PROBING: phase('PROBING'),
        TRANSCODING: phase('TRANSCODING'),
        UPLOADING: phase('UPLOADING'),
      },
    },
  };
}

const phaseOrder: readonly JobPhaseName[] = ['PROBING', 'TRANSCODING', 'UPLOADING'];

function phaseProgress(name: JobPhaseName, progress: JobProgress): PhaseProgress {
  const distance = phaseOrder.indexOf(name) - phaseOrder.indexOf(progress.phase);
  const percent = progress.phasePercent[name];
  const known = percent === null ? null : Math.floor(percent);
  if (distance < 0 || known === 100) return { status: 'COMPLETE', percentComplete: 100 };
  if (distance > 0) return { status: 'PENDING', percentComplete: 0 };
  return known === null ? { status: 'PROGRESSING' } : { status: 'PROGRESSING', percentComplete: known };
}

/** Sent when a warning is first raised; later ones only raise its count (spec events.md 8). */
export function newWarningBody(code: WarningCode, message: string): EventBody {
  return { status: 'NEW_WARNING', warningCode: String(code), warningMessage: message };
}

/** Sent once per hop. `previousQueue` is a name here, `priority` the priority in the destination queue. */
export function queueHopBody(
  previousQueue: string,
  priority: number,
  previousPriority: number,
): QueueHopBody {
  return { status: 'QUEUE_HOP', previousQueue, priority, previousPriority };
}

/** Sent for jobs canceled before and while they ran. */
export function canceledBody(): EventBody {
  return { status: 'CANCELED' };
}

/** Sent once, after retries are used up. */
export function errorBody(
  fault: Pick<FaultRecord, 'code' | 'message'>,
  warnings: ReadonlyMap<WarningCode, number> = new Map(),
  explanation: FaultExplanation | null = null,
): ErrorBody {
  return {
    status: 'ERROR',
    errorCode: fault.code,
    errorMessage: fault.message,
    ...warningCounts(warnings),
    ...(explanation === null ? {} : { openconvert: explanation }),
  };
}

/** The `warnings` member, absent when nothing was raised. */
export function warningCounts(warnings: ReadonlyMap<WarningCode, number>): {
  readonly warnings?: readonly WarningCount[];
} {
  if (warnings.size === 0) return {};
  return { warnings: [...warnings].map(([code, count]) => ({ code, count })) };
}
