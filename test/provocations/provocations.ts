/**
 * Provokes job errors and warnings on a real server: jobs go in through the SDK, what became of them comes out of
 * GetJob and of the events at a webhook. Each failure is held to what the catalogue says of its code.
 */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import {
  CancelJobCommand,
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobCommand,
  type Job,
  MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import { expect } from 'vitest';
import {
  type JobErrorCode,
  jobErrorEntry,
  type WarningCode,
  warningEntry,
} from '../../src/catalogue/codes.ts';
import type { FaultExplanation } from '../../src/catalogue/explanation.ts';
import { type RunningServer, startServer, temporaryFolder } from '../e2e/openconvert-process.ts';
import { filesBelow } from '../e2e/run-report.ts';
import { role } from '../e2e/tiny-jobs.ts';

/** An event's `detail`. */
export interface EventDetail extends Readonly<Record<string, unknown>> {
  readonly jobId: string;
  readonly status: string;
  readonly openconvert?: FaultExplanation;
}

/** What became of a job. */
export interface EndedJob {
  readonly job: Job;
  /** All events of the job, the terminal one last. */
  readonly events: readonly EventDetail[];
}

/** A failed job, with what it tells beside its code. */
export interface ProvokedFailure extends EndedJob {
  readonly message: string;
  readonly explanation: FaultExplanation;
}

/** How the server is started; what is absent is as in production. */
export interface Conditions {
  /** Further options of `serve`. */
  readonly options?: readonly string[];
  readonly scratch?: string;
}

/** A server with its data folder: buckets `media` and `out`. */
export interface Provocations extends AsyncDisposable {
  readonly data: string;
  readonly server: RunningServer;
  readonly client: MediaConvertClient;
  /** The file that stands for an object. */
  place(key: string, bucket?: string): string;
  /** Runs a job to its end, whatever it is. */
  run(settings: object, request?: Partial<CreateJobCommandInput>): Promise<EndedJob>;
  /** Submits a job and returns its id; `ended` tells the rest. */
  submit(settings: object, request?: Partial<CreateJobCommandInput>): Promise<string>;
  ended(id: string): Promise<EndedJob>;
  /** Resolves with the first event of a job that has this status. */
  event(id: string, status: string): Promise<EventDetail>;
  cancel(id: string): Promise<void>;
  /** Runs a job that must fail with this code, and checks all that holds for every failure. */
  failing(
    code: JobErrorCode,
    settings: object,
    request?: Partial<CreateJobCommandInput>,
    retries?: number,
  ): Promise<ProvokedFailure>;
  /** Runs a job that must complete with these warnings, each told once. */
  warned(codes: readonly WarningCode[], settings: object): Promise<EndedJob>;
}

/** Starts the server and the webhook that hears its events. */
export async function openProvocations(conditions: Conditions = {}): Promise<Provocations> {
  const folder = await temporaryFolder();
  const data = folder.path;
  const scratch = conditions.scratch ?? path.join(data, 'scratch');
  for (const bucket of ['media', 'out']) await mkdir(path.join(data, 'buckets', bucket), { recursive: true });
  const hook = await listenForEvents();
  const server = await startServer(
    data,
    '--webhook',
    hook.url,
    '--scratch',
    scratch,
    ...(conditions.options ?? []),
  );
  const client = new MediaConvertClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });

  const submit = async (settings: object, request: Partial<CreateJobCommandInput> = {}): Promise<string> => {
    const { Job } = await client.send(
      new CreateJobCommand({ Role: role, ...request, Settings: settings as never }),
    );
    if (Job?.Id === undefined) throw new Error('the job has no id');
    return Job.Id;
  };
  const ended = async (id: string): Promise<EndedJob> => {
    await hook.first(id, isOver);
    const events = hook.events(id);
    const { Job } = await client.send(new GetJobCommand({ Id: id }));
    if (Job === undefined) throw new Error(`there is no job ${id}`);
    return { job: Job, events };
  };
  const run: Provocations['run'] = async (settings, request) => ended(await submit(settings, request));

  return {
    data,
    server,
    client,
    place: (key, bucket = 'media') => path.join(data, 'buckets', bucket, key),
    submit,
    ended,
    event: (id, status) => hook.first(id, (detail) => detail.status === status),
    async cancel(id) {
      await client.send(new CancelJobCommand({ Id: id }));
    },
    run,
    async failing(code, settings, request, retries) {
      const before = await filesBelow(path.join(data, 'buckets', 'out'));
      const failure = checkFailure(code, await run(settings, request), retries);
      expect(await filesBelow(scratch), 'scratch is cleaned').toEqual([]);
      expect(await filesBelow(path.join(data, 'buckets', 'out')), 'nothing half-made').toEqual(before);
      return failure;
    },
    async warned(codes, settings) {
      const end = await run(settings);
      checkWarnings(codes, end);
      return end;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.stop();
      hook.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/**
 * Code and text agree everywhere they are shown, and everything the catalogue promises of the code is told. `retries`
 * is given where the last attempt failed for another reason than the first.
 */
export function checkFailure(
  code: JobErrorCode,
  { job, events }: EndedJob,
  retries = jobErrorEntry(code).retriable ? 2 : undefined,
): ProvokedFailure {
  const entry = jobErrorEntry(code);
  expect(job, JSON.stringify(job.ErrorMessage)).toMatchObject({ Status: 'ERROR', ErrorCode: code });
  const message = job.ErrorMessage ?? '';
  const stems = Object.values(entry.templates).map(asPattern);
  expect(
    stems.some((stem) => stem.test(message)),
    `'${message}' is a message of ${code}`,
  ).toBe(true);
  const terminal = events.at(-1);
  expect(terminal).toMatchObject({ status: 'ERROR', errorCode: code, errorMessage: message });
  const explanation = terminal?.openconvert;
  if (explanation === undefined) throw new Error('the ERROR event explains nothing');
  expect(explanation.remedy).toBe(entry.remedy);
  if (entry.pointsAt !== null)
    expect(explanation.pointer, `${code} points at ${entry.pointsAt}`).toBeTruthy();
  if (entry.mediaFact !== null && code !== 1040)
    expect(explanation.mediaFact, `${code} tells ${entry.mediaFact}`).toBeTruthy();
  const told = [
    ...(explanation.pointer === undefined ? [] : [`Setting: ${explanation.pointer}`]),
    ...(explanation.mediaFact === undefined ? [] : [`Found: ${explanation.mediaFact}`]),
    `Remedy: ${entry.remedy}`,
  ];
  expect(job.Messages?.Info).toEqual(expect.arrayContaining(told));
  expect(job.RetryCount).toBe(retries);
  expect(events.filter(({ status }) => status === 'ERROR')).toHaveLength(1);
  return { job, events, message, explanation };
}

/** Integers in `warnings[]`, strings in NEW_WARNING, one event per code. */
export function checkWarnings(codes: readonly WarningCode[], { job, events }: EndedJob): void {
  expect(job.Status, job.ErrorMessage).toBe('COMPLETE');
  const counted = (job.Warnings ?? []).map(({ Code }) => Code);
  expect([...counted].sort()).toEqual([...codes].sort());
  for (const { Count } of job.Warnings ?? []) expect(Count).toBeGreaterThan(0);
  const told = events.filter(({ status }) => status === 'NEW_WARNING');
  expect(told.map(({ warningCode }) => warningCode).sort()).toEqual(codes.map(String).sort());
  for (const { warningCode, warningMessage } of told)
    expect(warningMessage).toBe(warningEntry(Number(warningCode) as WarningCode).message);
  const warnings = (job.Warnings ?? []).map(({ Code: code, Count: count }) => ({ code, count }));
  expect(events.at(-1)?.['warnings'] ?? []).toEqual(warnings);
}

/** A template as the pattern of its messages. */
function asPattern(template: string): RegExp {
  const parts = template.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function isOver({ status }: EventDetail): boolean {
  return status === 'COMPLETE' || status === 'ERROR' || status === 'CANCELED';
}

interface EventHook {
  readonly url: string;
  /** Events of a job so far. */
  events(jobId: string): readonly EventDetail[];
  /** Resolves with the first event of a job that fits. */
  first(jobId: string, fits: (detail: EventDetail) => boolean): Promise<EventDetail>;
  close(): void;
}

async function listenForEvents(): Promise<EventHook> {
  const all: EventDetail[] = [];
  const watchers = new Set<(detail: EventDetail) => void>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      response.end();
      const { detail } = JSON.parse(Buffer.concat(pieces).toString()) as { detail: EventDetail };
      all.push(detail);
      for (const watch of watchers) watch(detail);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    events: (jobId) => all.filter((detail) => detail.jobId === jobId),
    first(jobId, fits) {
      const isWanted = (detail: EventDetail): boolean => detail.jobId === jobId && fits(detail);
      const known = all.find(isWanted);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const watch = (detail: EventDetail): void => {
          if (!isWanted(detail)) return;
          watchers.delete(watch);
          resolve(detail);
        };
        watchers.add(watch);
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
