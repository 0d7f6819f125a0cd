/** The rights of a role on real objects of local buckets: asked for each one, at the moment it is opened or made. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingAllowed } from '../../src/contract/input-locations.ts';
import type { PolicySet } from '../../src/identity/policy/evaluate.ts';
import { parsePolicy } from '../../src/identity/policy/parse-policy.ts';
import { createObjectStores, type ObjectStores } from '../../src/store/locations.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { withRights } from '../../src/worker/role-rights.ts';

const signal = new AbortController().signal;
let folder: string;
let stores: ObjectStores;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'openconvert-rights-'));
  await mkdir(path.join(folder, 'buckets/b/in'), { recursive: true });
  await writeFile(path.join(folder, 'buckets/b/in/a.txt'), 'content');
  stores = await createObjectStores({
    localBuckets: { bucketsFolder: path.join(folder, 'buckets'), named: {}, createMissingBuckets: false },
    s3: null,
    http: {},
  });
});
afterAll(async () => {
  stores.close();
  await rm(folder, { recursive: true, force: true });
});

function storesOf(
  statements: readonly object[] | null,
  policy = everythingAllowed,
  region = 'us-east-1',
): ObjectStore {
  const problems: string[] = [];
  const permissions: PolicySet | null =
    statements === null
      ? null
      : {
          policies: [parsePolicy({ Version: '2012-10-17', Statement: statements }, 'identity', '', problems)],
          boundary: null,
        };
  expect(problems).toEqual([]);
  return withRights(stores, {
    roleArn: 'arn:aws:iam::000000000000:role/Jobs',
    permissions,
    inputPolicy: policy,
    identity: { accountId: '000000000000', region },
  });
}

const allow = (Action: string, Resource: string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const read = async (store: ObjectStore, location: string) => {
  const reader = await store.open(location, signal);
  const bytes = await reader.read(0, 100, signal);
  await reader.close();
  return Buffer.from(bytes).toString();
};
const put = async (store: ObjectStore, location: string, more: object = {}) => {
  const writer = await store.create(location, { contentType: 'text/plain', ...more }, signal);
  await writer.write(Buffer.from('new'));
  await writer.publish();
};
const code = (expected: number) => ({ record: { code: expected } });

describe('the rights of a role', () => {
  it('cover each object by its own ARN', async () => {
    const store = storesOf([allow('s3:GetObject', 'arn:aws:s3:::b/in/*')]);
    expect(await read(store, 's3://b/in/a.txt')).toBe('content');
    await expect(read(store, 's3://b/a.txt')).rejects.toMatchObject(code(1401));
    await expect(put(store, 's3://b/in/new.txt')).rejects.toMatchObject(code(1401));
    expect(await readdir(path.join(folder, 'buckets/b/in'))).toEqual(['a.txt']);
    const reason = await store.open('s3://b/a.txt', signal).catch((error: unknown) => error);
    expect(reason).toMatchObject({
      record: {
        detail: 'arn:aws:iam::000000000000:role/Jobs: no policy allows s3:GetObject on arn:aws:s3:::b/a.txt',
      },
    });
  });

  it('are those of the partition', async () => {
    const china = storesOf([allow('s3:GetObject', 'arn:aws-cn:s3:::b/*')], everythingAllowed, 'cn-north-1');
    expect(await read(china, 's3://b/in/a.txt')).toBe('content');
  });

  it('decide whether a missing object is missing or denied', async () => {
    const listing = storesOf([
      allow('s3:GetObject', 'arn:aws:s3:::b/*'),
      allow('s3:ListBucket', 'arn:aws:s3:::b'),
    ]);
    await expect(read(listing, 's3://b/none')).rejects.toMatchObject(code(1404));
    await expect(read(storesOf([allow('s3:GetObject', '*')]), 's3://b/none')).rejects.toMatchObject(
      code(1401),
    );
  });

  it('cover how an object is written', async () => {
    const store = storesOf([
      allow('s3:PutObject', 'arn:aws:s3:::b/*', { StringNotEquals: { 's3:x-amz-storage-class': 'GLACIER' } }),
      allow('s3:PutObjectAcl', 'arn:aws:s3:::b/public/*'),
    ]);
    await put(store, 's3://b/out/1');
    await expect(put(store, 's3://b/out/2', { storageClass: 'GLACIER' })).rejects.toMatchObject(code(1401));
    await expect(put(store, 's3://b/out/3', { cannedAcl: 'public-read' })).rejects.toMatchObject(code(1401));
    await put(store, 's3://b/public/4', { cannedAcl: 'public-read' });
    const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/k';
    const encrypted = { serverSideEncryption: { type: 'aws:kms', keyArn, context: null } };
    await expect(put(store, 's3://b/out/5', encrypted)).rejects.toMatchObject(code(1401));
    const keyed = storesOf([
      allow('s3:*', '*'),
      allow('kms:GenerateDataKey', keyArn, {
        StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
      }),
    ]);
    await put(keyed, 's3://b/out/5', encrypted);
    expect((await readdir(path.join(folder, 'buckets/b/out'))).toSorted()).toEqual(['1', '5']);
  });

  it('let a job read back what it has written, and nothing more', async () => {
    const store = storesOf([allow('s3:PutObject', '*')]);
    await put(store, 's3://b/out/mine');
    expect(await read(store, 's3://b/out/mine')).toBe('new');
    await expect(read(store, 's3://b/in/a.txt')).rejects.toMatchObject(code(1401));
  });

  it('are asked before work begins, with the headers of the object to come', async () => {
    const store = storesOf([allow('s3:PutObject', 'arn:aws:s3:::b/out/seg_0000?.ts')]);
    await expect(store.checkWritable('s3://b/out/x.mp4', signal)).rejects.toMatchObject(code(1401));
    await store.checkWritable('s3://b/out/seg_00001.ts', signal);
    const withAcl = { contentType: '', cannedAcl: 'public-read' };
    await expect(store.checkWritable('s3://b/out/seg_00001.ts', signal, withAcl)).rejects.toMatchObject(
      code(1401),
    );
  });

  it('come after the input policy, which concerns everyone', async () => {
    const store = storesOf(null, { ...everythingAllowed, s3Inputs: 'DISALLOWED' });
    await expect(read(store, 's3://b/in/a.txt')).rejects.toMatchObject(code(3457));
    await put(store, 's3://b/out/own');
    expect(await read(store, 's3://b/out/own')).toBe('new');
  });
});
