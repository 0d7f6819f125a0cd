/**
 * Which code a job carries when several things are wrong: the order in which the service looks (spec errors.md 1,
 * "Evaluation order"; README "Where pages disagree" for 1041 before 1043 before 1042).
 */
import type { JobErrorCode } from './codes.ts';

/** Codes that can be known before the run, first looked at first: role, policy, existence, access, container, streams, settings. */
export const evaluationOrder: readonly JobErrorCode[] = [
  1515, 1433, 1434, 1432, 3457, 3452, 3456, 3454, 3451, 3455, 3453, 1404, 3404, 3401, 3403, 3450, 3408, 3458,
  3999, 1401, 3400, 1010, 1075, 1076, 1056, 1030, 1020, 1021, 1022, 1092, 1700, 1601, 1602, 1603, 1040, 1060,
  1093, 1041, 1043, 1042, 1080,
];
