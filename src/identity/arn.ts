/**
 * Amazon resource names of our resources (spec api.md 4). One deployment has one account and one region; both
 * are configuration.
 */

/** The account and region this deployment stands for. */
export interface DeploymentIdentity {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
}

/** Kinds of resources a client can name. */
export type ResourceKind = 'jobs' | 'queues' | 'jobTemplates' | 'presets';

/** The parts of a MediaConvert ARN. */
export interface MediaConvertArn {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly kind: string;
  /** Everything behind the first `/`; may hold spaces and further slashes. */
  readonly name: string;
}

/** `arn:{partition}:mediaconvert:{region}:{account}:{kind}/{name}`, the name raw. */
export function resourceArn(identity: DeploymentIdentity, kind: ResourceKind, name: string): string {
  return `arn:${partitionOf(identity.region)}:mediaconvert:${identity.region}:${identity.accountId}:${kind}/${name}`;
}

/** The parts of a MediaConvert ARN, or null when the text is none. */
export function parseMediaConvertArn(text: string): MediaConvertArn | null {
  const match = /^arn:([^:]*):mediaconvert:([^:]*):([^:]*):([^/:]+)\/(.+)$/s.exec(text);
  if (match === null) return null;
  const [, partition = '', region = '', accountId = '', kind = '', name = ''] = match;
  return { partition, region, accountId, kind, name };
}

/** The partition a region belongs to, by its prefix (AWS General Reference, ARN format). */
export function partitionOf(region: string): 'aws' | 'aws-cn' | 'aws-us-gov' {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The ARN of an object; null for locations that are no objects of a bucket. */
export function objectArn(location: string, identity: DeploymentIdentity): string | null {
  const [, place] = /^s3:\/\/([^/]+\/.+)$/s.exec(location) ?? [];
  return place === undefined ? null : `arn:${partitionOf(identity.region)}:s3:::${place}`;
}
