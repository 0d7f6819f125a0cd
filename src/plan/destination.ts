/** Where a group writes (spec naming.md 1). */
import type { FileGroupSettings } from '../contract/types.generated.ts';
import type { JobScope } from './job-scope.ts';
import { destinationBase } from './naming.ts';
import { nameVariables } from './output-tracks.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Reads the destination of a group: the base of all its names. */
export function readDestinationBase(
  settings: SettingsReader<Pick<FileGroupSettings, 'destination'>>,
  scope: JobScope,
): string {
  return destinationBase(settings.require('destination') ?? '', nameVariables(null, '', scope));
}
