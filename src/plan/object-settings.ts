/** S3 headers of what a group writes (spec naming.md 10). */
import type { DestinationSettings, S3ObjectCannedAcl } from '../contract/types.generated.ts';
import type { ObjectSettings } from './group-plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** `x-amz-acl` by setting. */
const aclHeaders: Readonly<Record<S3ObjectCannedAcl, string>> = {
  PUBLIC_READ: 'public-read',
  AUTHENTICATED_READ: 'authenticated-read',
  BUCKET_OWNER_READ: 'bucket-owner-read',
  BUCKET_OWNER_FULL_CONTROL: 'bucket-owner-full-control',
};

/** Reads the S3 settings of a destination. */
export function readObjectSettings(destination: SettingsReader<DestinationSettings>): ObjectSettings {
  const s3 = destination.child('s3Settings');
  const acl = s3.child('accessControl').read('cannedAcl');
  const encryption = s3.child('encryption');
  const type = encryption.read('encryptionType');
  const keyArn = encryption.read('kmsKeyArn') ?? null;
  const context = encryption.read('kmsEncryptionContext') ?? null;
  const isKms = type === 'SERVER_SIDE_ENCRYPTION_KMS';
  return {
    cannedAcl: acl === undefined ? null : aclHeaders[acl],
    storageClass: s3.read('storageClass') ?? null,
    encryption: type === undefined ? null : { type: isKms ? 'aws:kms' : 'AES256', keyArn, context },
  };
}
