// Takes jobs through their whole life in an embedded database and prints the resident memory after about 1,000 and
// after 2,000 more of them. Runs the compiled program. Argument: the data folder.
import { createJobRepository } from '../../dist/database/job-store.js';
import { openDatabase } from '../../dist/database/open-database.js';
import { claimTask } from '../../dist/database/statements/claim-task.js';
import { completeAttempt } from '../../dist/database/statements/finish-attempt.js';
import { recordProgress } from '../../dist/database/statements/record-progress.js';
import { eventEnvelope } from '../../dist/events/envelope.js';

const database = await openDatabase({ dataFolder: process.argv[2] }, new AbortController().signal);
const envelopeOf = (job, body, atMs) =>
  eventEnvelope(
    { accountId: '', region: '', jobId: job.id, jobArn: '', queueArn: '', userMetadata: {} },
    body,
    atMs,
  );
const reporting = { nowMs: 2, envelopeOf };
const jobs = createJobRepository(database, envelopeOf);
const completion = {
  outputs: [],
  infoMessages: [],
  accelerationStatus: 'NOT_APPLICABLE',
  body: () => ({ status: 'COMPLETE', outputGroupDetails: [], paddingInserted: 0 }),
};

await live(0, 500);
const warmBytes = await lowestOver(500, 1_000);
await live(1_000, 2_500);
const laterBytes = await lowestOver(2_500, 3_000);
await database.close();
process.stdout.write(JSON.stringify({ warmBytes, laterBytes }));

async function live(from, to) {
  for (let number = from; number < to; number += 1) {
    await jobs.submitJob(submission(number), { token: `t${number}`, windowMs: 1 }, number);
    const claimed = await claimTask(database.sql, { workerId: 'w', leaseMs: 60_000, nowMs: 1, envelopeOf });
    await recordProgress(
      database.sql,
      claimed,
      { phase: 'UPLOADING', percent: 90, statusUpdate: null },
      reporting,
    );
    await completeAttempt(database.sql, claimed, completion, reporting);
    await jobs.findJob(claimed.job.id);
  }
}

/** Freed pages go back to the system late, on a busy machine very late: a single reading may be 20 MB too high. */
async function lowestOver(from, to) {
  const readings = [];
  for (let number = from; number < to; number += 50) {
    await live(number, number + 50);
    globalThis.gc();
    readings.push(process.memoryUsage().rss);
  }
  return Math.min(...readings);
}

function submission(number) {
  return {
    id: `${1_700_000_000_000 + number}-aaaaaa`,
    createdAtMs: 1_700_000_000_000 + number,
    queueName: 'Default',
    priority: 0,
    role: 'r',
    settings: { inputs: [{ fileInput: `s3://in/${'x'.repeat(8_000)}` }] },
    accelerationMode: 'DISABLED',
    billingTagsSource: 'JOB',
    simulateReservedQueue: 'DISABLED',
    statusUpdateIntervalSeconds: 60,
    hopDestinations: [],
    jobTemplate: null,
    jobEngineVersionRequested: null,
    jobEngineVersionToUse: null,
    clientRequestToken: null,
    userMetadata: null,
    tags: {},
    infoMessages: [],
    warningMessages: [],
  };
}
