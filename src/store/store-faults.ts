/** The faults of bucket stores, one function per real cause (spec errors.md 4). Local buckets and S3 share them. */
import { type FaultFacts, type JobFault, jobFault } from '../catalogue/fault.ts';

const component = 'gateway';

/** The object, or its bucket, does not exist. */
export function inputMissing(location: string, detail: string, cause?: unknown): JobFault {
  return jobFault(1404, 'input-missing', { url: location }, { component, location, detail }, cause);
}

/** The output bucket does not exist. */
export function outputBucketMissing(location: string, detail: string, cause?: unknown): JobFault {
  return jobFault(1404, 'output-bucket-missing', { url: location }, { component, location, detail }, cause);
}

/** The input policy disallows `url`: the location itself, or where a redirect from it leads. */
export function inputDisallowed(url: string, location: string = url): JobFault {
  return jobFault(3457, 'disallowed', { url }, { component, location });
}

/** Reading is not allowed. */
export function readDenied(location: string, detail: string, cause?: unknown): JobFault {
  return jobFault(1401, 'read-denied', { url: location }, { component, location, detail }, cause);
}

/** The object is in a storage class that hands nothing out before it is restored. */
export function readArchived(location: string, detail: string, cause?: unknown): JobFault {
  const mediaFact = `${location} is archived`;
  const expected = 'an object that was restored from the archive, or copied out of it';
  return jobFault(
    1401,
    'read-denied',
    { url: location },
    { component, location, detail, mediaFact, expected },
    cause,
  );
}

/** The store sends elsewhere for this bucket; `fact`: where it is, as far as the store tells. */
export function readElsewhere(location: string, fact: string, detail: string, cause?: unknown): JobFault {
  const expected = 'a bucket of the region and endpoint that the deployment is configured for';
  const facts = { component, location, detail, mediaFact: fact, expected };
  return jobFault(1401, 'read-denied', { url: location }, facts, cause);
}

/** Reading was allowed and is not any more. */
export function readRightWithdrawn(
  location: string,
  reachedBytes: number,
  detail: string,
  cause?: unknown,
): JobFault {
  const mediaFact = `${location} could be read up to byte ${reachedBytes} and is refused since`;
  return jobFault(1401, 'read-denied-later', {}, { component, location, detail, mediaFact }, cause);
}

/** Writing is not allowed. */
export function writeDenied(location: string, detail: string, cause?: unknown): JobFault {
  return jobFault(1401, 'write-denied', { url: location }, { component, location, detail }, cause);
}

/** The volume or store that receives the outputs is full. */
export function targetFull(location: string, detail: string, cause?: unknown): JobFault {
  return jobFault(1507, 'target', { path: location }, { component, location, detail }, cause);
}

/** Writing failed for any other reason. `reason`: the store's own code, or a network error in words. */
export function writeFailed(
  location: string,
  reason: string,
  cause?: unknown,
  more: Pick<FaultFacts, 'detail' | 'mediaFact'> = {},
): JobFault {
  const facts = { component, location, ...more };
  return jobFault(1517, 'write-failed', { url: location, reason }, facts, cause);
}

/** The bucket takes no access control lists, and the object was to have one. Not a matter of trying again. */
export function aclRefused(location: string, detail: string, cause?: unknown): JobFault {
  return jobFault(1517, 'acl-refused', { url: location }, { component, location, detail }, cause);
}

/** The source stops giving bytes at `reachedBytes`, although its head says more. */
export function readBrokeOff(
  location: string,
  reachedBytes: number,
  detail: string,
  cause?: unknown,
): JobFault {
  const facts = {
    component,
    location,
    detail,
    mediaFact: `reading ${location} ended at byte ${reachedBytes}`,
  };
  return jobFault(1076, 'truncated', { bytes: reachedBytes }, facts, cause);
}

/** No object can be made under this name. Not a matter of trying again, unlike other failed writes. */
export function outputNotOpenable(location: string, reason: string, cause?: unknown): JobFault {
  return jobFault(1056, 'output-open', { url: location, cause: reason }, { component, location }, cause);
}
