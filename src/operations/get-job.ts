import { type ApiFault, apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { isJobId } from './job-id.ts';
import { toJobResult } from './job-result-shape.ts';
import { toJob } from './job-shape.ts';
import type { Operation } from './operation.ts';

/**
 * GetJob: 404 for ids that name no job, among them jobs past their retention. Jobs that have begun carry a member of our
 * own, `openconvert`, which clients of the service do not read.
 */
export const getJob: Operation = async (input, { repository, identity }) => {
  const { id } = checkedRequest('GetJob', input);
  const record = isJobId(id) ? await repository.findJob(id) : null;
  if (record === null) throw jobNotFound(id);
  const hasBegun = record.startTimeMs !== null;
  const result = hasBegun ? toJobResult(await repository.findJobResult(id)) : null;
  return { job: { ...toJob(record, identity), ...(result === null ? {} : { openconvert: result }) } };
};

/** 404 with the id in its text. */
export function jobNotFound(id: string): ApiFault {
  return apiFault(
    'NotFoundException',
    `The specified job was not found: jobId=${id}.`,
    'give the id, such as 1671476818694-phptj0, not the ARN; jobs are forgotten after their retention',
  );
}
