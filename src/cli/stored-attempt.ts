/**
 * Runs a claimed task as the database's attempt: what the worker observes becomes rows and events, how it ends
 * becomes the attempt's end. Events carry what spec events.md says; STATUS_UPDATE follows the job's interval, with an
 * early one at the first change of phase.
 */
import type { Logger } from 'pino';
import { type WarningCode, warningEntry } from '../catalogue/codes.ts';
import { explainFault } from '../catalogue/explanation.ts';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { Finding } from '../catalogue/finding.ts';
import { isFinal, isWorthRetrying, maxRetries } from '../catalogue/retries.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import type { AccelerationMode } from '../database/job-repository.ts';
import type { ClaimedTask } from '../database/statements/claim-task.ts';
import { statusUpdateBody } from '../events/bodies.ts';
import { completeBody } from '../events/complete-body.ts';
import { inputInformationBody } from '../events/input-details.ts';
import { resourceArn } from '../identity/arn.ts';
import { toPlannable } from '../operations/merge-job.ts';
import type { PlanCapacity } from '../plan/plan-job.ts';
import type { AttemptControls, AttemptEnd, RunAttempt } from '../queue/attempt.ts';
import type { CompletedJob, FailedJob, JobObserver, JobProgress } from '../worker/observer.ts';
import { type AttemptResources, runJob } from '../worker/run-job.ts';
import { capacityOfOneSlot } from '../worker/slot-capacity.ts';

/** Percent is stored when it moved, at most this often; progress is no reason for a transaction (design section 6). */
const storedProgressMs = 1000;

/** Makes the dispatcher's `runAttempt` for this worker, which runs `slots` jobs at a time. */
export function createStoredAttempt(resources: AttemptResources, slots: number, log: Logger): RunAttempt {
  // Of jobs that wait for another attempt. An attempt on another worker does not know them and is tried once more.
  const lastFaults = new Map<string, FaultRecord>();
  return async (claimed, controls) => {
    const { job } = claimed;
    const sinceSubmitMs = Date.now() - job.submitTimeMs;
    log.info({ jobId: job.id, attempt: claimed.attempt, sinceSubmitMs }, 'attempt begins');
    const recorder = recordAttempt(claimed, controls, log);
    try {
      const outcome = await runJob(
        {
          id: job.id,
          settings: toPlannable(job.settings as JobSettings),
          role: job.role,
          queueArn: resourceArn(resources.identity, 'queues', job.queueName),
          acceleration: job.accelerationMode,
          startTimeMs: job.startTimeMs ?? job.createdAtMs,
        },
        { ...resources, capacity: capacityFor(claimed, resources.capacity, slots) },
        recorder.observer,
        controls.signal,
      );
      const previous = lastFaults.get(job.id) ?? null;
      lastFaults.delete(job.id);
      if (outcome.status === 'CANCELED') return { status: 'STOPPED' };
      if (outcome.status === 'COMPLETE') return completed(outcome, job.accelerationMode);
      const isRetriable = isWorthRetrying(outcome.fault, previous);
      if (isRetriable && claimed.retryCount < maxRetries) lastFaults.set(job.id, outcome.fault);
      return failed(outcome, isRetriable, claimed, log);
    } finally {
      recorder.stop();
    }
  };
}

/** Jobs in reserved queues, and those that ask for the same, get the share of one slot and no more. */
function capacityFor({ job, isReserved }: ClaimedTask, whole: PlanCapacity, slots: number): PlanCapacity {
  return isReserved || job.simulateReservedQueue === 'ENABLED' ? capacityOfOneSlot(whole, slots) : whole;
}

function recordAttempt(
  claimed: ClaimedTask,
  controls: AttemptControls,
  log: Logger,
): { observer: JobObserver; stop(): void } {
  const { job, retryCount } = claimed;
  let latest: JobProgress | null = null;
  let storedAtMs = 0;
  let storedPercent = -1;
  let hasFrames = false;
  let isFirstChange = true;
  const sinceSubmitMs = (): number => Date.now() - job.submitTimeMs;

  const store = (progress: JobProgress, withEvent: boolean): Promise<boolean> => {
    storedAtMs = Date.now();
    storedPercent = progress.jobPercent;
    return controls.recordProgress({
      phase: progress.phase,
      percent: progress.jobPercent,
      statusUpdate: withEvent ? statusUpdateBody(progress, retryCount) : null,
    });
  };
  const ticker = setInterval(() => {
    if (latest !== null && latest.phase !== 'UPLOADING') void store(latest, true);
  }, job.statusUpdateIntervalSeconds * 1000);

  // Reports are stored in order and waited for by nobody: media work goes on meanwhile, and a refused report aborts
  // `controls.signal`, which ends the attempt.
  const observer: JobObserver = {
    phaseChanged(progress) {
      log.debug({ jobId: job.id, phase: progress.phase, sinceSubmitMs: sinceSubmitMs() }, 'phase begins');
      latest = progress;
      // The claim has stored PROBING.
      if (progress.phase === 'PROBING') return;
      void store(progress, isFirstChange);
      isFirstChange = false;
    },
    progressed(progress) {
      latest = progress;
      if (!hasFrames && progress.framesDecoded > 0) {
        hasFrames = true;
        const { attempt } = claimed;
        log.info({ jobId: job.id, attempt, sinceSubmitMs: sinceSubmitMs() }, 'first frame decoded');
      }
      if (progress.jobPercent > storedPercent && Date.now() - storedAtMs >= storedProgressMs)
        void store(progress, false);
    },
    inputsProbed(facts) {
      log.debug({ jobId: job.id, sinceSubmitMs: sinceSubmitMs() }, 'inputs probed');
      void controls.recordEvent(inputInformationBody(facts));
    },
    planned(_plan, findings) {
      log.debug({ jobId: job.id, sinceSubmitMs: sinceSubmitMs() }, 'planned');
      for (const finding of findings) log.debug({ jobId: job.id, finding }, 'finding');
    },
    warned(code, count, detail) {
      log.warn({ jobId: job.id, code, count, detail }, 'job warning');
      void controls.recordWarning({ code, count, message: warningEntry(code).message });
    },
  };
  return { observer, stop: () => clearInterval(ticker) };
}

function completed(outcome: CompletedJob, accelerationMode: AccelerationMode): AttemptEnd {
  const { outputGroups, verdicts, findings, blackVideo } = outcome;
  return {
    status: 'COMPLETE',
    completion: {
      outputs: outputGroups.flatMap((group) =>
        group.outputs.map((output) => ({
          groupIndex: group.groupIndex,
          outputIndex: output.outputIndex,
          durationMs: output.durationMs,
          video:
            output.video === null ? null : { widthPx: output.video.widthPx, heightPx: output.video.heightPx },
          details: { ...output },
          verdict: {
            ...verdicts.find(
              (each) => each.groupIndex === group.groupIndex && each.outputIndex === output.outputIndex,
            ),
          },
        })),
      ),
      infoMessages: noticesOf(findings),
      // Jobs are not accelerated yet; PREFERRED runs plainly (spec queues-and-lifecycle.md 7).
      accelerationStatus: accelerationMode === 'DISABLED' ? 'NOT_APPLICABLE' : 'NOT_ACCELERATED',
      // The job's counts: those of earlier attempts are among them.
      body: ({ warnings }) =>
        completeBody({
          outputGroups,
          warnings: new Map(warnings.map(({ code, count }) => [code as WarningCode, count])),
          blackVideo,
        }),
    },
  };
}

function failed(
  { fault, findings }: FailedJob,
  isRetriable: boolean,
  claimed: ClaimedTask,
  log: Logger,
): AttemptEnd {
  log.warn({ jobId: claimed.job.id, fault, findings }, 'attempt failed');
  return {
    status: 'ERROR',
    failure: {
      errorCode: fault.code,
      errorMessage: fault.message,
      isRetriable,
      fault: { ...fault, findings, ...(isFinal(fault) ? { isFinal: true } : {}) },
      explanation: explainFault(fault, findings),
      infoMessages: noticesOf(findings),
    },
  };
}

function noticesOf(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity === 'notice').map(({ message }) => message);
}
