/** Rules of destination settings inside one object (spec naming.md 10). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { S3EncryptionSettings } from '../types.generated.ts';
import { refuse, refuseDependency, type StructureRules } from './rule.ts';

/** Destination rules. */
export const destinationRules: StructureRules = {
  S3EncryptionSettings: [keyManagement, encryptionContext],
};

/** A key and a context are for keys of the key service. */
function keyManagement(settings: S3EncryptionSettings, pointer: string): ErrorFinding[] {
  if (settings.encryptionType === 'SERVER_SIDE_ENCRYPTION_KMS') return [];
  return (['kmsKeyArn', 'kmsEncryptionContext'] as const)
    .filter((name) => settings[name] !== undefined)
    .map((name) =>
      refuseDependency(
        `${pointer}/${name}`,
        [`${pointer}/encryptionType: Must be SERVER_SIDE_ENCRYPTION_KMS`],
        `Set encryptionType to SERVER_SIDE_ENCRYPTION_KMS, or remove ${name}.`,
      ),
    );
}

/** The store would refuse each object of the job, after all of its work. */
function encryptionContext(
  { kmsEncryptionContext: context }: S3EncryptionSettings,
  pointer: string,
): ErrorFinding[] {
  if (context === undefined || isStringMap(Buffer.from(context, 'base64').toString('utf8'))) return [];
  return [
    refuse(
      `${pointer}/kmsEncryptionContext`,
      'Should be a JSON object of strings, encoded in base64',
      'Encode pairs of names and values, e.g. {"department":"news"}.',
    ),
  ];
}

function isStringMap(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return Object.values(value).every((member) => typeof member === 'string');
  } catch {
    return false;
  }
}
