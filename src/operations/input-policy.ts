/** The input policy at submit: no location that a job names may be of a kind the policy disallows. */
import { allowsInput, type InputPolicy, inputLocationsOf } from '../contract/input-locations.ts';
import { ApiFault } from './api-fault.ts';

/**
 * Throws ApiFault (400) naming the first disallowed location; all of them are in its remedies. What is found inside
 * inputs is the run's business (3457).
 */
export function refuseDisallowedInputs(settings: unknown, policy: InputPolicy): void {
  const refused = inputLocationsOf(settings).filter(({ url }) => !allowsInput(policy, url));
  const [first] = refused;
  if (first === undefined) return;
  throw new ApiFault(
    'BadRequestException',
    // The text of error 3457 without its number; the service's has no closing quote.
    `You specified an input location that your policy disallows: '${first.url}.`,
    refused.map(({ pointer, url }) => ({
      pointer,
      remedy: `the input policy (PutPolicy) disallows ${url.slice(0, url.indexOf(':'))} inputs: move the file or change the policy`,
    })),
  );
}
