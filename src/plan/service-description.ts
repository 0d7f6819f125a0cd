/**
 * The service description table of M2TS files: what the service and its provider are called (spec containers.md 7).
 * Following copies the names of the first input's program; where the input has none, SDT_FOLLOW writes no table, and
 * SDT_FOLLOW_IF_PRESENT one with the job's names (API reference, DvbSdtSettings).
 */
import type { DvbSdtSettings } from '../contract/types.generated.ts';
import type { TransportPlan } from './file-plan.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';

type ServiceDescription = TransportPlan['sdt'];

const defaultIntervalMs = 500;

/** Names where SDT_MANUAL gives none. */
const plainNames = { serviceName: 'Service01', providerName: 'openconvert' };

/** Both names stand in one descriptor of 255 bytes, beside its type and their lengths (EN 300 468 6.2.33). */
const mostNameBytes = 252;

/** Plans the table; null: there is none. */
export function readServiceDescription(
  settings: SettingsReader<DvbSdtSettings>,
  scope: JobScope,
): ServiceDescription {
  const mode = settings.read('outputSdt') ?? 'SDT_FOLLOW';
  const followed = scope.inputs[0]?.program?.service;
  switch (mode) {
    case 'SDT_NONE':
      return withoutTable(settings, 'outputSdt is SDT_NONE');
    case 'SDT_MANUAL':
      return withOwnNames(settings, scope);
    case 'SDT_FOLLOW':
    case 'SDT_FOLLOW_IF_PRESENT':
      if (followed !== undefined) {
        withoutNames(settings, 'the output follows the service description of the input');
        return { intervalMs: readInterval(settings), ...followed, areNamesCoded: true };
      }
      return mode === 'SDT_FOLLOW_IF_PRESENT' && hasOwnNames(settings)
        ? withOwnNames(settings, scope)
        : withoutTable(settings, 'the first input has no service description to follow');
  }
}

function withOwnNames(settings: SettingsReader<DvbSdtSettings>, { findings }: JobScope): ServiceDescription {
  const serviceName = settings.read('serviceName') ?? plainNames.serviceName;
  const providerName = settings.read('serviceProviderName') ?? plainNames.providerName;
  const bytes = Buffer.byteLength(serviceName) + Buffer.byteLength(providerName);
  // A name that is not plain begins with the code of its alphabet.
  if (bytes > mostNameBytes - 2)
    findings.incompatible(
      settings.pointer,
      `serviceName and serviceProviderName share ${mostNameBytes - 2} bytes of a descriptor, and have ${bytes}`,
    );
  return { intervalMs: readInterval(settings), serviceName, providerName };
}

function withoutTable(settings: SettingsReader<DvbSdtSettings>, reason: string): null {
  withoutNames(settings, reason);
  settings.withoutEffect('sdtInterval', reason);
  return null;
}

function withoutNames(settings: SettingsReader<DvbSdtSettings>, reason: string): void {
  settings.withoutEffect('serviceName', reason);
  settings.withoutEffect('serviceProviderName', reason);
}

function hasOwnNames(settings: SettingsReader<DvbSdtSettings>): boolean {
  return settings.has('serviceName') || settings.has('serviceProviderName');
}

function readInterval(settings: SettingsReader<DvbSdtSettings>): number {
  return settings.read('sdtInterval') ?? defaultIntervalMs;
}
