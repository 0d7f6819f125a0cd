/**
 * The rights of a job's role on every object the job reads and writes, and the input policy on every location it reads
 * (spec iam-and-policy.md 4.1 and 5). Stores wrapped here ask for each object, at the moment it is opened or made: a
 * segment that only a playlist names is no different from the input itself.
 */
import { JobFault, jobFault } from '../catalogue/fault.ts';
import { allowsInput, type InputPolicy } from '../contract/input-locations.ts';
import { type DeploymentIdentity, objectArn, partitionOf } from '../identity/arn.ts';
import { describeDenial, evaluate, type PolicySet } from '../identity/policy/evaluate.ts';
import { requestContext } from '../identity/policy/request-context.ts';
import type { ObjectStore, WriteOptions } from '../store/store.ts';
import { inputDisallowed, readDenied, writeDenied } from '../store/store-faults.ts';

/** Whose rights hold. */
export interface RightsOfJob {
  readonly roleArn: string | null;
  /** Null: everything this deployment can reach. */
  readonly permissions: PolicySet | null;
  readonly inputPolicy: InputPolicy;
  readonly identity: DeploymentIdentity;
}

/**
 * `stores` with the rights of a job. Faults: 3457 for locations the policy disallows, 1401 for what the role may not
 * do, and 1401 instead of 1404 where the role may not list the bucket, as S3 answers. What the job has written it may
 * read back: verification is the deployment's own check, and roles often may only put.
 */
export function withRights(stores: ObjectStore, rights: RightsOfJob): ObjectStore {
  const written = new Set<string>();
  const { inputPolicy } = rights;
  const permits = (action: string, resource: string, context: Values = {}): string | null =>
    denialOf(rights, action, resource, context);

  const assertMayPut = (location: string, options: WriteOptions): void => {
    const object = objectArn(location, rights.identity);
    if (object === null) return;
    const context = writeContext(options);
    const denial =
      permits('s3:PutObject', object, context) ??
      (options.cannedAcl === undefined ? null : permits('s3:PutObjectAcl', object, context));
    if (denial !== null) throw writeDenied(location, denial);
    const key = options.serverSideEncryption?.keyArn ?? null;
    const keyDenial =
      key === null ? null : permits('kms:GenerateDataKey', key, keyContext(rights.identity.region));
    if (keyDenial !== null)
      throw jobFault(1401, 'kms-denied', {}, { component: 'gateway', detail: keyDenial });
  };

  return {
    async open(location, signal) {
      if (written.has(location)) return stores.open(location, signal);
      if (!allowsInput(inputPolicy, location)) throw inputDisallowed(location);
      const object = objectArn(location, rights.identity);
      const denial = object === null ? null : permits('s3:GetObject', object);
      if (denial !== null) throw readDenied(location, denial);
      return stores.open(location, signal).catch((error: unknown) => {
        const bucket = bucketArn(location, rights.identity);
        const listing = bucket === null ? null : permits('s3:ListBucket', bucket);
        if (!(error instanceof JobFault) || error.code !== 1404 || listing === null) throw error;
        throw readDenied(location, `the object may be missing, but ${listing}`, error);
      });
    },
    async checkWritable(location, signal, options = { contentType: '' }) {
      assertMayPut(location, options);
      return stores.checkWritable(location, signal, options);
    },
    async create(location, options, signal) {
      assertMayPut(location, options);
      written.add(location);
      return stores.create(location, options, signal);
    },
    async publishFile(path, location, options, signal) {
      assertMayPut(location, options);
      written.add(location);
      return stores.publishFile(path, location, options, signal);
    },
  };
}

type Values = Parameters<typeof requestContext>[0];

/** Why an action is denied, for people; null when it is allowed. */
function denialOf(
  { permissions, roleArn, identity }: RightsOfJob,
  action: string,
  resource: string,
  context: Values,
): string | null {
  if (permissions === null) return null;
  const now = new Date();
  const decision = evaluate(permissions, {
    principal: null,
    action,
    resource,
    context: requestContext({
      'aws:PrincipalArn': roleArn,
      'aws:PrincipalAccount': roleArn?.split(':')[4] ?? null,
      'aws:PrincipalType': 'AssumedRole',
      'aws:CalledVia': 'mediaconvert.amazonaws.com',
      'aws:ViaAWSService': 'true',
      'aws:SecureTransport': 'true',
      'aws:RequestedRegion': identity.region,
      'aws:CurrentTime': now.toISOString(),
      'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
      ...context,
    }),
  });
  return decision.isAllowed ? null : `${roleArn}: ${describeDenial(decision, action)} on ${resource}`;
}

/** Condition keys of a PUT (Service Authorization Reference, "Condition keys for Amazon S3"). */
function writeContext({ cannedAcl, storageClass, serverSideEncryption }: WriteOptions): Values {
  return {
    's3:x-amz-acl': cannedAcl,
    's3:x-amz-storage-class': storageClass,
    's3:x-amz-server-side-encryption': serverSideEncryption?.type,
    's3:x-amz-server-side-encryption-aws-kms-key-id': serverSideEncryption?.keyArn,
  };
}

/** S3 uses the key on the role's behalf. */
function keyContext(region: string): Values {
  return { 'kms:ViaService': `s3.${region}.amazonaws.com` };
}

function bucketArn(location: string, identity: DeploymentIdentity): string | null {
  const [, bucket] = /^s3:\/\/([^/]+)/.exec(location) ?? [];
  return bucket === undefined ? null : `arn:${partitionOf(identity.region)}:s3:::${bucket}`;
}
