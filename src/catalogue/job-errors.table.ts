import type { JobErrorCode, JobErrorEntry } from './codes.ts';

export const jobErrors = {} as unknown as Readonly<Record<JobErrorCode, JobErrorEntry>>;
