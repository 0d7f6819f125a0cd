/** The header by which a client asks what a request would do (docs/serve.md, "Dry run"). */
import { apiFault } from '../operations/api-fault.ts';
import type { Exchange } from './exchange.ts';

/** Lower case, as headers are compared. */
export const dryRunHeader = 'x-openconvert-dry-run';

/** True when the request is a dry run. Throws ApiFault (400) for values other than `true` and `false`. */
export function asksForDryRun({ rawHeaders }: Pick<Exchange, 'rawHeaders'>): boolean {
  const values = rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === dryRunHeader)
    .map((value) => value.trim().toLowerCase());
  const wrong = values.find((value) => value !== 'true' && value !== 'false');
  if (wrong !== undefined || new Set(values).size > 1)
    throw apiFault(
      'BadRequestException',
      `The header ${dryRunHeader} takes true or false.`,
      'leave the header out to run the request',
    );
  return values[0] === 'true';
}
