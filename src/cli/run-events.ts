/** Events of `run`: the same bodies and envelopes as the server's, straight to a file or standard output. */
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { type WarningCode, warningEntry } from '../catalogue/codes.ts';
import { explainFault } from '../catalogue/explanation.ts';
import {
  canceledBody,
  type EventBody,
  errorBody,
  newWarningBody,
  progressingBody,
  statusUpdateBody,
} from '../events/bodies.ts';
import { completeBody } from '../events/complete-body.ts';
import { type EventTarget, eventEnvelope } from '../events/envelope.ts';
import { inputInformationBody } from '../events/input-details.ts';
import { jsonLinesFileTarget, jsonLinesStreamTarget } from '../events/json-lines-target.ts';
import { type DeploymentIdentity, resourceArn } from '../identity/arn.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobOutcome, JobProgress } from '../worker/observer.ts';
import type { JobToRun } from '../worker/run-job.ts';
import { UsageError } from './options.ts';

/** Writes the events of one run, in order. */
export interface EventRecorder {
  phaseChanged(progress: JobProgress): Promise<void>;
  inputsProbed(facts: readonly InputFacts[]): Promise<void>;
  warned(code: WarningCode): Promise<void>;
  /** The job begins again: STATUS_UPDATE says so from now on. */
  retried(): void;
  /** Writes the terminal event. */
  finish(outcome: JobOutcome): Promise<void>;
}

/** A file that cannot be written is wrong usage, told before the job begins. Throws UsageError. */
export async function checkEventsDestination(destination: string | null): Promise<void> {
  if (destination === null || destination === '-') return;
  await appendFile(path.resolve(destination), '').catch((error: Error) => {
    throw new UsageError(`--events ${destination} cannot be written: ${error.message}`);
  });
}

/** `destination` is a file, `-` for standard output, or null for nothing. */
export function recordRunEvents(
  job: JobToRun,
  userMetadata: Readonly<Record<string, string>>,
  identity: DeploymentIdentity,
  destination: string | null,
): EventRecorder {
  const target = targetOf(destination);
  const subject = {
    ...identity,
    jobId: job.id,
    jobArn: resourceArn(identity, 'jobs', job.id),
    queueArn: resourceArn(identity, 'queues', 'Default'),
    userMetadata,
  };
  const warned = new Set<WarningCode>();
  let hasBegun = false;
  let hasInputInformation = false;
  let retryCount = 0;
  const emit = async (body: EventBody): Promise<void> => {
    await target?.deliver(eventEnvelope(subject, body, Date.now()), new AbortController().signal);
  };
  return {
    async phaseChanged(progress) {
      if (!hasBegun) await emit(progressingBody());
      hasBegun = true;
      if (progress.phase !== 'PROBING') await emit(statusUpdateBody(progress, retryCount));
    },
    async inputsProbed(facts) {
      // One event for all attempts (spec events.md 3).
      if (!hasInputInformation) await emit(inputInformationBody(facts));
      hasInputInformation = true;
    },
    async warned(code) {
      if (warned.has(code)) return;
      warned.add(code);
      await emit(newWarningBody(code, warningEntry(code).message));
    },
    retried() {
      retryCount += 1;
    },
    async finish(outcome) {
      switch (outcome.status) {
        case 'COMPLETE':
          return emit(
            completeBody({
              outputGroups: outcome.outputGroups,
              warnings: outcome.warnings,
              blackVideo: outcome.blackVideo,
            }),
          );
        case 'ERROR':
          return emit(
            errorBody(outcome.fault, outcome.warnings, explainFault(outcome.fault, outcome.findings)),
          );
        case 'CANCELED':
          return emit(canceledBody());
      }
    },
  };
}

function targetOf(destination: string | null): EventTarget | null {
  if (destination === null) return null;
  return destination === '-'
    ? jsonLinesStreamTarget('stdout', process.stdout)
    : jsonLinesFileTarget(path.resolve(destination));
}
