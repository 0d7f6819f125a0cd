/**
 * The EventBridge envelope around every event body (spec events.md 1) and the seam through which events leave.
 */
import { randomUUID } from 'node:crypto';
import type { EventBody } from './bodies.ts';

/** The job an event speaks of. */
export interface EventSubject {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  readonly jobId: string;
  readonly jobArn: string;
  /** ARN of the queue the job was submitted to; after a hop the destination queue (spec events.md 9). */
  readonly queueArn: string;
  readonly userMetadata: Readonly<Record<string, string>>;
}

/** Members of every `detail`. */
export interface EventDetailCommon {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly accountId: string;
  readonly queue: string;
  readonly jobId: string;
  readonly userMetadata: Readonly<Record<string, string>>;
}

/** What consumers of `aws.mediaconvert` events receive, member for member. */
export interface EventEnvelope {
  readonly version: '0';
  /** UUID, new for each event; a delivery tried again repeats it, so that consumers can drop the second copy. */
  readonly id: string;
  readonly 'detail-type': 'MediaConvert Job State Change';
  readonly source: 'aws.mediaconvert';
  readonly account: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`: `detail.timestamp` cut to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly [jobArn: string];
  readonly detail: EventDetailCommon & EventBody;
}

/** Who receives events. A rejected `deliver` is a failure that the outbox tries again (at least once, in order per job). */
export interface EventTarget {
  /** For logs and for the outbox's bookkeeping: stays the same over restarts. */
  readonly name: string;
  deliver(event: EventEnvelope, signal: AbortSignal): Promise<void>;
}

/** Puts a body into its envelope. `id` is given only to make an event a second time exactly as it was. */
export function eventEnvelope(
  subject: EventSubject,
  body: EventBody,
  timestampMs: number,
  id: string = randomUUID(),
): EventEnvelope {
  return {
    version: '0',
    id,
    'detail-type': 'MediaConvert Job State Change',
    source: 'aws.mediaconvert',
    account: subject.accountId,
    time: `${new Date(timestampMs).toISOString().slice(0, 19)}Z`,
    region: subject.region,
    resources: [subject.jobArn],
    detail: {
      timestamp: timestampMs,
      accountId: subject.accountId,
      queue: subject.queueArn,
      jobId: subject.jobId,
      userMetadata: subject.userMetadata,
      ...body,
    },
  };
}
