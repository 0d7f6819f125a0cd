/** Headers of written objects from a plan's object settings (spec naming.md 10). */
import type { WriteOptions } from './store.ts';

/** What a plan says of the objects of a group; null: nothing. */
export interface PlannedHeaders {
  readonly cannedAcl: string | null;
  readonly storageClass: string | null;
  readonly encryption: NonNullable<WriteOptions['serverSideEncryption']> | null;
}

/** Store options of an object; what the plan leaves open stays absent, so that the bucket's default holds. */
export function toWriteOptions(settings: PlannedHeaders, contentType: string): WriteOptions {
  return {
    contentType,
    ...(settings.cannedAcl === null ? {} : { cannedAcl: settings.cannedAcl }),
    ...(settings.storageClass === null ? {} : { storageClass: settings.storageClass }),
    ...(settings.encryption === null ? {} : { serverSideEncryption: settings.encryption }),
  };
}
