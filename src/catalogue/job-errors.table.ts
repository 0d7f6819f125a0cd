/** All job errors in one table, from the tables of the four families. */
import { accessErrors } from './access-errors.table.ts';
import type { JobErrorCode, JobErrorEntry } from './codes.ts';
import { httpErrors } from './http-errors.table.ts';
import { mediaErrors } from './media-errors.table.ts';
import { settingsErrors } from './settings-errors.table.ts';

/** All 48 job errors by code (spec errors.md 7). Other files read it through `jobErrorEntry`. */
export const jobErrors: Readonly<Record<JobErrorCode, JobErrorEntry>> = {
  ...mediaErrors,
  ...settingsErrors,
  ...accessErrors,
  ...httpErrors,
};
