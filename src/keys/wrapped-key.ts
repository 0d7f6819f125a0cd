/** A data key as a job names it: wrapped by KMS. */
import { jobFault } from '../catalogue/fault.ts';

/** A data key as the job names it. */
export interface WrappedKey {
  /** Base64. */
  readonly ciphertext: string;
  /** Region of the KMS key; null: the deployment's. */
  readonly region: string | null;
  /** Location of the input, for faults. */
  readonly location: string;
  /** JSON pointer of the decryption settings. */
  readonly pointer: string;
}

/** A key that decrypts nothing (spec README: bad key is 1010). */
export function noKey({ location, pointer }: WrappedKey, mediaFact: string, cause?: unknown): Error {
  const parameters = { url: location, cause: `The data key cannot be used: ${mediaFact}` };
  return jobFault(
    1010,
    'open-failed',
    parameters,
    { component: 'gateway', location, pointer, mediaFact },
    cause,
  );
}
