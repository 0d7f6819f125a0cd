/**
 * Job errors about storage, roles and the service itself (spec errors.md 4 and 1; README: disk full, KMS, ACL).
 * Codes with `retriable: true` are the documented retry set (errors.md 1, cap 2).
 */
import type { JobErrorEntry } from './codes.ts';

/** Codes 1050, 1401–1550, 1999. */
export const accessErrors = {
  1050: {
    code: 1050,
    name: 'Disk full',
    phases: ['encode', 'package'],
    causes: [
      'The scratch folder of the worker has no space left while an encoder or muxer writes to it.',
      'The scratch folder is full before a job that needs it begins.',
    ],
    templates: {
      scratch: 'Write error, disk full {path}',
    },
    pointsAt: null,
    mediaFact: 'how much room the scratch folder has, and how much the job was expected to write there',
    actor: 'operator',
    retriable: false,
    remedy: 'Free space in the scratch folder or give another one; ask for fewer or shorter outputs.',
    provokedBy:
      'test/provocations/full-disks.test.ts: a disk that is full while the job is at work provokes 1050',
  },
  1401: {
    code: 1401,
    name: 'S3 access denied error',
    phases: ['probe', 'decode', 'upload'],
    causes: ['Storage answers 403 to reading, listing or writing, or KMS denies the key.'],
    templates: {
      'read-denied':
        "Unable to open input file [{url}]: [Failed probe/open: [Can't read input stream: [Failed to read data: Access denied to [{url}]]]]",
      // While the job already runs: a right was withdrawn.
      'read-denied-later': 'Demuxer: [Failed to read data: Error caching file]',
      'read-denied-audio': 'Audio input pipeline error: [Demuxer: [Failed to read data: Error caching file]]',
      'write-denied': 'Unable to write to output file [{url}]: [Failed to write data: Access Denied]',
      'kms-denied':
        'The role you provided is not authorized to perform kms:Decrypt on your destination S3 bucket. Allow it in the key policy.',
      // Our text: the published pages give none for keys of encrypted inputs.
      'kms-decrypt-denied':
        'The role you provided is not authorized to perform kms:Decrypt on the key of your input [{url}]. Allow it in the key policy.',
    },
    pointsAt: 'the location that was refused',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Give the job role the right to read the input and to write the destination. S3 also answers 403 for a missing key when the role may not list the bucket.',
    provokedBy:
      'test/provocations/s3-storage.test.ts: storage that denies access to a file or bucket provokes 1401',
  },
  1404: {
    code: 1404,
    name: 'File not found error',
    phases: ['probe'],
    causes: ['The bucket or the key of an input does not exist.', 'The output bucket does not exist.'],
    templates: {
      'input-missing':
        "Unable to open input file [{url}]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]",
      // Our text (the published pages give no sample for a missing output bucket).
      'output-bucket-missing':
        'Unable to write to output file [{url}]: [Failed to write data: HeadBucket failed]',
    },
    pointsAt: 'the location that does not exist',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Correct the URL: bucket and key are case sensitive; create the output bucket first.',
    provokedBy: 'test/e2e/input-errors.test.ts: an input file or bucket that cannot be found provokes 1404',
  },
  1432: {
    code: 1432,
    name: 'IAM role permission error',
    phases: ['probe'],
    causes: ['The role exists and trusts the service, but assuming it is denied for another reason.'],
    templates: {
      'role-unusable':
        "Unable to open input file [{url}]: [Failed probe/open: [Can't read input stream: [Failed to read data: Invalid role provided in RESOURCE_ROLE_ARN]]]",
    },
    pointsAt: 'the role of the job',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Check whether the role is disabled, or a boundary or organisation rule denies it.',
    provokedBy: 'test/e2e/roles.test.ts: a role that exists and cannot be used provokes 1432',
  },
  1433: {
    code: 1433,
    name: 'IAM role missing error',
    phases: ['probe'],
    causes: ['The role of the job is not defined.'],
    templates: {
      missing: 'Unable to assume role. Check that the role exists and that MediaConvert is a trusted entity.',
    },
    pointsAt: 'the role of the job',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Use the ARN of an existing role, or define it in the role book.',
    provokedBy: 'test/e2e/input-errors.test.ts: a role that does not exist provokes 1433',
  },
  1434: {
    code: 1434,
    name: 'IAM trust policy error',
    phases: ['probe'],
    causes: ['The trust policy of the role does not let the service assume it for this queue or account.'],
    templates: {
      'assume-failed':
        "Unable to open input file [{url}]: [Failed probe/open: [Can't read input stream: [Failed to read data: AssumeRole failed]]]",
    },
    pointsAt: 'the role of the job',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Let `mediaconvert.amazonaws.com` assume the role in its trust policy, without conditions that exclude the queue.',
    provokedBy: 'test/e2e/roles.test.ts: a role that does not trust the service provokes 1434',
  },
  1507: {
    code: 1507,
    name: 'Disk full',
    phases: ['upload'],
    causes: ['The volume or store that receives the outputs is full or over its quota.'],
    templates: {
      target: 'Write error, disk full {path}',
    },
    pointsAt: 'the destination of the output group',
    mediaFact: null,
    actor: 'operator',
    retriable: false,
    remedy: 'Free space at the destination, raise its quota, or ask for fewer or shorter outputs.',
    provokedBy: 'test/provocations/full-disks.test.ts: a destination that is full provokes 1507',
  },
  1515: {
    code: 1515,
    name: 'IAM role format error',
    phases: ['probe'],
    causes: ['The role of the job is not the ARN of a role.'],
    templates: {
      malformed: 'Invalid role ARN format. Please check the role ARN and try again.',
    },
    pointsAt: 'the role of the job',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Write the role as arn:aws:iam::123456789012:role/Name.',
    provokedBy: 'test/e2e/input-errors.test.ts: a role that is malformed provokes 1515',
  },
  1517: {
    code: 1517,
    name: 'S3 write error',
    phases: ['upload'],
    causes: [
      'Writing an output fails for a reason other than 403: wrong region, 5xx after retries, a bucket that vanished, ACLs not allowed.',
    ],
    templates: {
      // {reason}: the S3 error code, or a network error in words.
      'write-failed': 'Unable to write to output file [{url}]: [Failed to write data: {reason}]',
      'acl-refused':
        'Unable to write to output file [{url}]: [Failed to write data: AccessControlListNotSupported]',
    },
    pointsAt: 'the destination of the output group, or its access control',
    mediaFact: null,
    actor: 'operator',
    retriable: true,
    finalTemplates: ['acl-refused'],
    remedyOf: {
      'acl-refused':
        'Remove accessControl from the destination settings, or let the bucket take ACLs (object ownership other than BucketOwnerEnforced).',
    },
    remedy:
      'Check the output store: region, availability, and whether it accepts the ACL and encryption headers of the job.',
    provokedBy: 'test/provocations/s3-storage.test.ts: a store that fails at every write provokes 1517',
  },
  1522: {
    code: 1522,
    name: 'Processing timeout error',
    phases: ['probe', 'decode', 'encode', 'package', 'upload'],
    causes: ['The job was in progress for longer than the limit (48 h unless configured).'],
    templates: {
      'timed-out':
        'An internal error has occurred and your job timed out. Split the job into smaller ones, or raise the limit.',
    },
    pointsAt: null,
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Ask for fewer outputs per job, faster settings, or raise the configured limit.',
    provokedBy: 'test/provocations/limits.slow.test.ts: a job that outlives its time limit provokes 1522',
  },
  1550: {
    code: 1550,
    name: 'Acceleration system error',
    phases: ['decode', 'encode'],
    causes: ['A chunk of an accelerated job failed more often than it may.'],
    templates: {
      fault: 'Acceleration fault',
    },
    pointsAt: null,
    mediaFact: null,
    actor: 'operator',
    retriable: true,
    remedy: 'Submit the job without acceleration and report the job log.',
    provokedBy: null,
    awaits: 'accelerated transcoding',
  },
  1999: {
    code: 1999,
    name: 'Unexpected system error',
    phases: ['probe', 'decode', 'encode', 'package', 'upload'],
    causes: [
      'The engine ended by a signal, by its memory limit, or without progress, again after retries.',
      'Timestamps of the input cannot be repaired.',
      'A bug of openconvert; the job log has the details.',
    ],
    templates: {
      unknown: 'Unknown error',
      'post-transcode': 'Post Transcode work failed. See previous log messages for the reason for failure.',
      'out-of-memory': 'Job failed with unexpected error: std::bad_alloc',
      'no-valid-timestamps': 'Video sync did not find a valid series of timestamps in the input',
      'commit-failed': 'Could not commit single file',
      'video-pipeline': 'Video pipeline failed to start',
      'audio-outlasts-video':
        'Your input has a low framerate and audio that continues past the end of the video. Set audioDuration to MATCH_VIDEO_DURATION.',
    },
    neverSaid: [
      {
        text: 'Encoder runtime error on gpu [{n}] pipeline [Error processing GOP data in reorder FIFO].',
        instead: 'no encoder runs on a graphics processor',
      },
    ],
    pointsAt: null,
    mediaFact: 'how the engine ended, or what could not be repaired',
    actor: 'vendor',
    retriable: true,
    remedy: 'Submit the job again; if it fails again, report it with the job log and the input.',
    provokedBy: 'test/worker/server-survives.test.ts: a failure that nobody foresaw provokes 1999',
  },
} as const satisfies Partial<Record<number, JobErrorEntry>>;
