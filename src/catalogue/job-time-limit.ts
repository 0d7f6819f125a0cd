/** How long a job may be PROGRESSING, all attempts together, before error 1522 ends it: 48 h (spec errors.md 1522). */
export const defaultJobLimitMs = 48 * 3_600_000;
