/** References to queues, templates and presets: a name, or a full ARN (spec api.md 4). */
import {
  type DeploymentIdentity,
  parseMediaConvertArn,
  type ResourceKind,
  resourceArn,
} from '../identity/arn.ts';

/** What a reference means here. */
export type ResourceReference =
  | { readonly name: string; readonly isForeign: boolean }
  /** An ARN that can name nothing here: of another kind, malformed, or foreign while `strictArns` is on. */
  | { readonly name: null };

/** How references are read. */
export interface ReferenceRules {
  readonly identity: DeploymentIdentity;
  /** False: ARNs of other accounts or regions are matched by name, so that documents run unchanged. */
  readonly strictArns: boolean;
}

/** Reads a reference. */
export function readReference(
  reference: string,
  kind: ResourceKind,
  { identity, strictArns }: ReferenceRules,
): ResourceReference {
  if (!reference.startsWith('arn:')) return { name: reference, isForeign: false };
  const arn = parseMediaConvertArn(reference);
  if (arn === null || arn.kind !== kind) return { name: null };
  const isForeign = reference !== resourceArn(identity, kind, arn.name);
  return isForeign && strictArns ? { name: null } : { name: arn.name, isForeign };
}

/** The ARN to show for a reference that names nothing: as given, or made from the name. */
export function referencedArn(reference: string, kind: ResourceKind, identity: DeploymentIdentity): string {
  return reference.startsWith('arn:') ? reference : resourceArn(identity, kind, reference);
}
