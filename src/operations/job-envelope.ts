/** Events of stored jobs: the ARNs an envelope needs, made as the API makes them. */
import type { EnvelopeOf } from '../database/statements/store-event.ts';
import { eventEnvelope } from '../events/envelope.ts';
import { type DeploymentIdentity, resourceArn } from '../identity/arn.ts';

/**
 * Puts event bodies of this deployment's jobs into their envelopes. The queue is the one the job was submitted to;
 * QUEUE_HOP alone names the destination (spec events.md 9).
 */
export function jobEnvelopeOf(identity: DeploymentIdentity): EnvelopeOf {
  const queueArn = (name: string) => resourceArn(identity, 'queues', name);
  return (job, body, atMs) => {
    const isHop = body.status === 'QUEUE_HOP';
    const queueName = (isHop && job.queueTransitions.at(-1)?.destinationQueueName) || job.queueName;
    return eventEnvelope(
      {
        accountId: identity.accountId,
        region: identity.region,
        jobId: job.id,
        jobArn: resourceArn(identity, 'jobs', job.id),
        queueArn: queueArn(queueName),
        userMetadata: job.userMetadata ?? {},
      },
      isHop ? { ...body, previousQueue: queueArn(body.previousQueue) } : body,
      atMs,
    );
  };
}
