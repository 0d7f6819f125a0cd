/**
 * Which code a job carries when several things are wrong: the order in which the service looks (spec errors.md 1,
 * "Evaluation order"; README "Where pages disagree" for 1041 before 1043 before 1042).
 */
import type { JobErrorCode } from './codes.ts';

/** Codes that can be known before the run, first looked at first. Of codes that are looked for together the job's own order decides. */
export const evaluationOrder: readonly (readonly JobErrorCode[])[] = [
  // The role.
  [1515],
  [1433],
  [1434],
  [1432],
  // The input policy, for files found through others.
  [3457],
  // Existence, and whatever an HTTP server answers in place of a file.
  [1404, 3401, 3403, 3404, 3408, 3450, 3451, 3452, 3453, 3454, 3455, 3456, 3458, 3999],
  [1401],
  // The container.
  [1010, 1056, 1075, 1076, 3400],
  // Its streams.
  [1020, 1021, 1022, 1030, 1092, 1700],
  // What the settings make of them.
  [1601, 1602, 1603],
  [1040],
  [1041],
  [1043],
  [1042],
  // What shows itself when decoding begins.
  [1060, 1093],
  [1080],
];
