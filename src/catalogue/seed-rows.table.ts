/**
 * The error table that this product grew from: the 33 rows of the service's user guide of 2022, each in our words. The
 * test that runs a row's cause has its words for a name.
 */
import type { JobErrorCode } from './codes.ts';

/** What befalls a job with the code, by code; later additions of the service have no row. */
export const seedRows: Readonly<Partial<Record<JobErrorCode, string>>> = {
  1010: 'an input file that cannot be opened',
  1020: 'an input in which no video can be found',
  1021: 'an input in which no sound can be found',
  1030: 'an input of a codec or container that is not supported',
  1040: 'settings that do not go together, or not with the input',
  1041: 'settings that cannot be accelerated',
  1042: 'a job too small to gain from acceleration',
  1050: 'a disk that is full while the job is at work',
  1056: 'a file of the job that cannot be opened for use',
  1060: 'a clip whose timecodes are not in its input',
  1075: 'a file whose structure defeats the demuxer',
  1076: 'an input that ends before it should',
  1080: 'an MXF output that its profile does not allow',
  1091: 'an output that cannot be encrypted',
  1092: 'sound of a supported codec that the decoder cannot start on',
  1401: 'storage that denies access to a file or bucket',
  1404: 'an input file or bucket that cannot be found',
  1432: 'a role that exists and cannot be used',
  1433: 'a role that does not exist',
  1434: 'a role that does not trust the service',
  1507: 'a destination that is full',
  1515: 'a role that is malformed',
  1550: 'an accelerated job that breaks down',
  1999: 'a failure that nobody foresaw',
  3400: 'an HLS input that breaks the rules for HLS inputs',
  3401: 'a file at an HTTP server that wants a login',
  3403: 'an HTTP server that refuses the request',
  3404: 'a file that the HTTP server does not have',
  3408: 'an HTTP transfer that breaks off',
  3450: 'an HTTP server that fails',
  3451: 'an HTTP server that cannot be reached',
  3457: 'an input that the policy disallows',
  3999: 'an answer of an HTTP server that no other code names',
};
