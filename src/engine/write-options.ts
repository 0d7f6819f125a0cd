/** Headers of written objects from a plan's object settings (spec naming.md 10). */
import type { ObjectSettings } from '../plan/group-plan.ts';
import type { WriteOptions } from '../store/store.ts';

/** Store options of an object; what the plan leaves open stays absent, so that the bucket's default holds. */
export function toWriteOptions(settings: ObjectSettings, contentType: string): WriteOptions {
  return {
    contentType,
    ...(settings.cannedAcl === null ? {} : { cannedAcl: settings.cannedAcl }),
    ...(settings.storageClass === null ? {} : { storageClass: settings.storageClass }),
    ...(settings.encryption === null ? {} : { serverSideEncryption: settings.encryption }),
  };
}
