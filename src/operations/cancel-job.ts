import { apiFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import { jobNotFound } from './get-job.ts';
import { isJobId } from './job-id.ts';
import type { Operation } from './operation.ts';

/**
 * CancelJob: accepted while the job waits, is probed or transcodes; 409 in UPLOADING and in terminal states (spec
 * README, "cancel while UPLOADING"). A running job is CANCELED once its worker has stopped, soon after the answer.
 */
export const cancelJob: Operation = async (input, { repository, now }) => {
  const { id } = checkedRequest('CancelJob', input);
  const result = isJobId(id) ? await repository.requestCancel(id, now()) : { outcome: 'not-found' as const };
  switch (result.outcome) {
    case 'not-found':
      throw jobNotFound(id);
    case 'refused':
      throw apiFault(
        'ConflictException',
        `The job ${id} cannot be canceled: its status is ${result.status}${result.status === 'PROGRESSING' && result.phase !== null ? ` and its phase is ${result.phase}` : ''}.`,
        result.status === 'PROGRESSING'
          ? 'all encoding has ended and outputs are being published: wait for the job to complete and delete its outputs'
          : 'the job has ended already',
      );
    case 'canceled':
    case 'requested':
      return {};
  }
};
