import type { AccountRepository } from './account-repository.ts';
import type { Database } from './database.ts';
import * as account from './statements/account.ts';
import { isStorable } from './storable-text.ts';

/** Account-level state in the database, the same on both implementations. */
export function createAccountRepository({ sql }: Database): AccountRepository {
  return {
    readInputPolicy: () => account.readInputPolicy(sql),
    putInputPolicy: (policy, nowMs) => account.putInputPolicy(sql, policy, nowMs),
    deleteInputPolicy: () => account.deleteInputPolicy(sql),
    associateCertificate: (arn, nowMs) => account.associateCertificate(sql, arn, nowMs),
    disassociateCertificate: async (arn) =>
      isStorable(arn) && (await account.disassociateCertificate(sql, arn)),
    hasCertificate: async (arn) => isStorable(arn) && (await account.hasCertificate(sql, arn)),
    shareJob: async (jobId, share) => isStorable(jobId) && (await account.shareJob(sql, jobId, share)),
  };
}
