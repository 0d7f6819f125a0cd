/** Where a group writes (spec naming.md 1). */
import type { FileGroupSettings } from '../contract/types.generated.ts';
import type { JobScope } from './job-scope.ts';
import { destinationBase, forbiddenDestinationIdentifiers } from './naming.ts';
import { nameVariables } from './output-tracks.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Reads the destination of a group: the base of all its names. Identifiers that differ between outputs are refused. */
export function readDestinationBase(
  settings: SettingsReader<Pick<FileGroupSettings, 'destination'>>,
  scope: JobScope,
): string {
  const destination = settings.require('destination') ?? '';
  for (const identifier of forbiddenDestinationIdentifiers(destination)) {
    scope.findings.incompatible(
      settings.at('destination'),
      `several outputs share it, so it cannot hold ${identifier}`,
    );
  }
  return destinationBase(destination, nameVariables(null, '', scope));
}
