// Submits and claims jobs in a folder's database until it is killed; prints the id of every acknowledged submit.
// Runs the compiled program, as processes do. Argument: the data folder.
import { randomBytes } from 'node:crypto';
import { createJobRepository } from '../../dist/database/job-store.js';
import { openDatabase } from '../../dist/database/open-database.js';
import { claimTask } from '../../dist/database/statements/claim-task.js';
import { eventEnvelope } from '../../dist/events/envelope.js';

const database = await openDatabase({ dataFolder: process.argv[2] }, new AbortController().signal);
const envelopeOf = (job, body, atMs) =>
  eventEnvelope(
    { accountId: '', region: '', jobId: job.id, jobArn: '', queueArn: '', userMetadata: {} },
    body,
    atMs,
  );
const jobs = createJobRepository(database, envelopeOf);
let submitted = 0;

await Promise.all([submitOn(), submitOn(), claimOn()]);

async function submitOn() {
  for (;;) {
    submitted += 1;
    const createdAtMs = Date.now();
    const id = `${createdAtMs}-${randomBytes(6).toString('hex')}`;
    const token = { token: `${process.pid}-${submitted}`, windowMs: 60_000 };
    const { outcome } = await jobs.submitJob(submission(id, createdAtMs), token, createdAtMs);
    if (outcome !== 'created') throw new Error(outcome);
    process.stdout.write(`${id}\n`);
  }
}

async function claimOn() {
  for (;;)
    await claimTask(database.sql, { workerId: 'killed', leaseMs: 3_600_000, nowMs: Date.now(), envelopeOf });
}

function submission(id, createdAtMs) {
  return {
    id,
    createdAtMs,
    queueName: 'Default',
    priority: 0,
    role: 'r',
    settings: { inputs: [{ fileInput: `s3://in/${'x'.repeat(2_000)}` }] },
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
    tags: { a: 'b' },
    infoMessages: [],
    warningMessages: [],
  };
}
