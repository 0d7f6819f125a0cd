/** Role book and STS together: who decides, and what the stores get. */
import { describe, expect, it } from 'vitest';
import { everythingAllowed } from '../../src/contract/input-locations.ts';
import { type Role, roleBookOf } from '../../src/identity/role-book.ts';
import type { StsClient } from '../../src/identity/sts.ts';
import type { JobUse, ObjectStore } from '../../src/store/store.ts';
import { openJobStores } from '../../src/worker/job-access.ts';

const identity = { accountId: '000000000000', region: 'us-east-1' };
const inBook = 'arn:aws:iam::000000000000:role/InBook';
const elsewhere = 'arn:aws:iam::111122223333:role/Elsewhere';
const trusting: Role = {
  arn: inBook,
  trustPolicy: {
    version: '2012-10-17',
    statements: [
      {
        sid: null,
        effect: 'Allow',
        principals: {
          isNegated: false,
          principals: [{ kind: 'Service', value: 'mediaconvert.amazonaws.com' }],
        },
        actions: { isNegated: false, patterns: ['sts:AssumeRole'] },
        resources: null,
        conditions: [],
      },
    ],
  },
  permissions: { policies: [], boundary: null },
  isDisabled: false,
};

/** Opens for a role; returns the roles STS was asked for and how the stores were asked. */
async function open(role: string | null, roles: readonly Role[] | null, withSts: boolean) {
  const asked: string[] = [];
  let use: JobUse | null = null;
  // STS and stores are looked at here only for what they are asked; both are met for real in test/e2e/sts-job.test.ts.
  const sts: StsClient = {
    async assumeRole(arn) {
      asked.push(arn);
      return {
        accessKeyId: `ASIA${asked.length}`,
        secretAccessKey: 's',
        sessionToken: 't',
        expiration: new Date(0),
      };
    },
    close() {},
  };
  const stores = {
    forJob(given: JobUse): ObjectStore {
      use = given;
      return {} as ObjectStore;
    },
  };
  const { notices } = await openJobStores(
    { id: 'job', role, queueArn: null, firstInput: 's3://b/in.mp4' },
    { stores, identity },
    {
      roleBook: roleBookOf(roles, null),
      sts: withSts ? sts : null,
      inputPolicy: async () => everythingAllowed,
    },
    () => {},
    new AbortController().signal,
  );
  return { asked, notices: notices.length, credentials: (use as JobUse | null)?.credentials };
}

describe('with STS', () => {
  it('and no role book, every well-formed role is asked for as it is named', async () => {
    const { asked, notices, credentials } = await open(elsewhere, null, true);
    expect([asked, notices]).toEqual([[elsewhere], 0]);
    // The first session is used first; after it has expired there is another.
    expect([(await credentials?.())?.accessKeyId, (await credentials?.())?.accessKeyId]).toEqual([
      'ASIA1',
      'ASIA2',
    ]);
  });

  it('and a role book, the book decides first', async () => {
    expect((await open(inBook, [trusting], true)).asked).toEqual([inBook]);
    await expect(open(elsewhere, [trusting], true)).rejects.toMatchObject({ record: { code: 1433 } });
  });

  it('a person who runs bare settings assumes nothing', async () => {
    expect(await open(null, null, true)).toMatchObject({ asked: [], credentials: undefined });
  });
});

describe('without STS', () => {
  it('a role of another account stands for the default one, and says so', async () => {
    expect(await open(elsewhere, null, false)).toMatchObject({
      asked: [],
      notices: 1,
      credentials: undefined,
    });
  });
});
