/** Rules inside container settings (spec containers.md 4, 7, 9). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { CmfcSettings, M2tsSettings, Mp4Settings, MpdSettings } from '../types.generated.ts';
import { refuse, refuseDependency, refuseMissing, type StructureRules } from './rule.ts';

/** Container rules. */
export const containerSettingsRules: StructureRules = {
  Mp4Settings: [compositionOffsets, contentCredentials],
  M2tsSettings: [segmentationTime],
  CmfcSettings: [timedMetadata, signaling, contentCredentials],
  MpdSettings: [timedMetadata, signaling, contentCredentials],
};

function compositionOffsets({ cttsVersion, cslgAtom }: Mp4Settings, pointer: string): ErrorFinding[] {
  if (cttsVersion !== 1 || cslgAtom !== 'EXCLUDE') return [];
  return [
    refuseDependency(
      `${pointer}/cttsVersion`,
      [`${pointer}/cslgAtom: Must be INCLUDE`],
      'Set cslgAtom to INCLUDE, or cttsVersion to 0.',
    ),
  ];
}

interface SigningSettings {
  readonly c2paManifest?: string | undefined;
  readonly certificateSecret?: string | undefined;
  readonly signingKmsKey?: string | undefined;
}

function contentCredentials(settings: SigningSettings, pointer: string): ErrorFinding[] {
  if (settings.c2paManifest !== 'INCLUDE') return [];
  return (['certificateSecret', 'signingKmsKey'] as const)
    .filter((name) => settings[name] === undefined)
    .map((name) => refuseMissing(pointer, name, `c2paManifest INCLUDE needs ${name}.`));
}

function segmentationTime(
  { segmentationMarkers, segmentationTime: time }: M2tsSettings,
  pointer: string,
): ErrorFinding[] {
  if ((segmentationMarkers ?? 'NONE') === 'NONE' || time !== undefined) return [];
  return [
    refuseMissing(
      pointer,
      'segmentationTime',
      `segmentationMarkers ${segmentationMarkers} needs segmentationTime in seconds.`,
    ),
  ];
}

function timedMetadata(settings: CmfcSettings | MpdSettings, pointer: string): ErrorFinding[] {
  if (settings.timedMetadata === 'PASSTHROUGH') return [];
  return (['timedMetadataBoxVersion', 'timedMetadataSchemeIdUri', 'timedMetadataValue'] as const)
    .filter((name) => settings[name] !== undefined)
    .map((name) =>
      refuseDependency(
        `${pointer}/${name}`,
        [`${pointer}/timedMetadata: Must be PASSTHROUGH`],
        `Set timedMetadata to PASSTHROUGH, or remove ${name}.`,
      ),
    );
}

function signaling(settings: CmfcSettings | MpdSettings, pointer: string): ErrorFinding[] {
  if (settings.manifestMetadataSignaling !== 'ENABLED') return [];
  const { scte35Source, scte35Esam, timedMetadata: id3 } = settings;
  const carriesEvents =
    id3 === 'PASSTHROUGH' || scte35Esam === 'INSERT' || (scte35Source ?? 'NONE') !== 'NONE';
  if (carriesEvents) return [];
  const message =
    'Should be DISABLED unless scte35Source or timedMetadata is PASSTHROUGH or scte35Esam is INSERT';
  return [
    refuse(
      `${pointer}/manifestMetadataSignaling`,
      message,
      'Pass an event track through, or set it to DISABLED.',
    ),
  ];
}
