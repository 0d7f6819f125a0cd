/** Account-level state on both databases: one policy, certificates, shares. */
import { beforeEach, expect, test } from 'vitest';
import { everythingAllowed } from '../../src/contract/input-locations.ts';
import type { AccountRepository } from '../../src/database/account-repository.ts';
import { createAccountRepository } from '../../src/database/account-store.ts';
import { createJobRepository } from '../../src/database/job-store.ts';
import { describeOnBoth } from './implementations.ts';
import { clear, envelopeOf, submission } from './jobs.ts';

describeOnBoth('the account', (under) => {
  let account: AccountRepository;
  beforeEach(async () => {
    await clear(under.database);
    account = createAccountRepository(under.database);
    await account.deleteInputPolicy();
  });

  test('has one policy: put twice at once, it is one of both, whole', async () => {
    expect(await account.readInputPolicy()).toEqual(everythingAllowed);
    const noHttp = { ...everythingAllowed, httpInputs: 'DISALLOWED', httpsInputs: 'DISALLOWED' } as const;
    const noS3 = { ...everythingAllowed, s3Inputs: 'DISALLOWED' } as const;
    await Promise.all([account.putInputPolicy(noHttp, 1), account.putInputPolicy(noS3, 2)]);
    expect([noHttp, noS3]).toContainEqual(await account.readInputPolicy());
    await account.putInputPolicy(everythingAllowed, 3);
    expect(await account.readInputPolicy()).toEqual(everythingAllowed);
  });

  test('associates a certificate once, and says whether there was one to take away', async () => {
    const arn = 'arn:aws:acm:us-east-1:000000000000:certificate/a';
    await account.associateCertificate(arn, 1);
    await account.associateCertificate(arn, 2);
    expect(await account.hasCertificate(arn)).toBe(true);
    expect(await account.disassociateCertificate(arn)).toBe(true);
    expect(await account.disassociateCertificate(arn)).toBe(false);
    expect(await account.hasCertificate(arn)).toBe(false);
    expect(await account.disassociateCertificate('\u0000')).toBe(false);
  });

  test('shares jobs that exist; the newest share shows, and goes with the job', async () => {
    const jobs = createJobRepository(under.database, envelopeOf);
    const job = submission();
    await jobs.submitJob(job, null, job.createdAtMs);
    expect(await account.shareJob(job.id, { supportCaseId: 'case-1', sharedAtMs: 5 })).toBe(true);
    expect(await account.shareJob(job.id, { supportCaseId: 'case-2', sharedAtMs: 6 })).toBe(true);
    expect((await jobs.findJob(job.id))?.share).toEqual({ supportCaseId: 'case-2', sharedAtMs: 6 });
    expect(await account.shareJob('1-aaaaaa', { supportCaseId: 'case-1', sharedAtMs: 5 })).toBe(false);
    await under.database.sql.deleteFrom('job').where('id', '=', job.id).execute();
    expect(await under.database.sql.selectFrom('job_share').selectAll().execute()).toEqual([]);
  });
});
