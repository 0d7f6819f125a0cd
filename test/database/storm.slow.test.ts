import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { createJobRepository } from '../../src/database/job-store.ts';
import { claimTask } from '../../src/database/statements/claim-task.ts';
import { completeAttempt } from '../../src/database/statements/finish-attempt.ts';
import { describeOnBoth } from './implementations.ts';
import {
  clear,
  completion,
  createQueue,
  envelopeOf,
  reportingAt,
  startOfTimeMs,
  submission,
} from './jobs.ts';

describeOnBoth('a storm', (under) => {
  beforeEach(() => clear(under.database));

  test('of ten submits for each of 1,000 tokens makes 1,000 jobs', async () => {
    const second = await under.openSecond();
    const repositories = [under.database, second].map((database) =>
      createJobRepository(database, envelopeOf),
    );
    const jobIds = new Map<string, Set<string>>();
    const submits = Array.from({ length: 10_000 }, (_, index) => async () => {
      const token = `t${index % 1_000}`;
      const outcome = await repositories[index % 2]?.submitJob(
        submission(),
        { token, windowMs: 60_000 },
        startOfTimeMs,
      );
      if (outcome === undefined || outcome.outcome === 'queue-not-found') throw new Error('not stored');
      jobIds.set(token, (jobIds.get(token) ?? new Set()).add(outcome.job.id));
    });
    // The ten of a token follow each other at distance 1,000: batches put them side by side.
    const sorted = submits
      .map((submit, index) => ({ submit, rank: index % 1_000 }))
      .toSorted((a, b) => a.rank - b.rank);
    while (sorted.length > 0) await Promise.all(sorted.splice(0, 100).map(({ submit }) => submit()));
    expect([...jobIds.values()].every((ids) => ids.size === 1)).toBe(true);
    const { count } = await under.database.sql
      .selectFrom('job')
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(1_000);
    await second.close();
  });

  test('of 16 claimers over 500 jobs in three queues runs each job once and keeps every queue’s slots', async () => {
    const slots = new Map([
      ['one', 1],
      ['three', 3],
      ['seven', 7],
    ]);
    for (const [name, concurrentJobs] of slots) await createQueue(under.database, name, { concurrentJobs });
    const jobs = createJobRepository(under.database, envelopeOf);
    const names = [...slots.keys()];
    for (let number = 0; number < 500; number += 1) {
      await jobs.submitJob(submission({ queueName: names[number % 3] ?? 'one' }), null, startOfTimeMs);
    }
    const second = await under.openSecond();
    const running = new Map<string, number>();
    const finished: string[] = [];
    const work = async (index: number) => {
      const { sql } = index % 2 === 0 ? under.database : second;
      while (finished.length < 500) {
        const claimed = await claimTask(sql, {
          workerId: `w${index}`,
          leaseMs: 60_000,
          nowMs: 1,
          envelopeOf,
        });
        if (claimed === null) continue;
        const name = claimed.job.queueName;
        running.set(name, (running.get(name) ?? 0) + 1);
        expect(running.get(name)).toBeLessThanOrEqual(slots.get(name) ?? 0);
        // Counted down before the slot is given back, so that the count is never above the truth.
        running.set(name, (running.get(name) ?? 0) - 1);
        expect(await completeAttempt(sql, claimed, completion, reportingAt(2))).toBe('complete');
        finished.push(claimed.job.id);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => work(index)));
    expect(new Set(finished).size).toBe(500);
    await second.close();
  });
});

describe('memory', () => {
  test('of the embedded database stays flat over thousands of jobs', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-memory-'));
    const program = fileURLToPath(new URL('./measure-memory.mjs', import.meta.url));
    const child = spawn(process.execPath, ['--expose-gc', program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
    expect(code).toBe(0);
    const { warmBytes, laterBytes } = JSON.parse(said) as { warmBytes: number; laterBytes: number };
    // 2,000 jobs later: less than 8 KB a job would be a leak of the size of a settings document.
    expect(laterBytes - warmBytes).toBeLessThan(16 * 1024 * 1024);
  });
});
