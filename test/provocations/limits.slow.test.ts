/** Jobs that meet a bound of the deployment, and engines that stall or crash: what is told, and how often it is tried. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { engineOf } from '../e2e/engine-processes.ts';
import { changed, runJob } from '../e2e/run-report.ts';
import { mp4Settings, slowSettings } from '../e2e/tiny-jobs.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { checkFailure, openProvocations, type Provocations } from './provocations.ts';

function makeInput(place: Provocations): void {
  makeClip(place.place('clip.mp4'), {
    muxer: 'mp4',
    video: { encoder: 'libx264', frames: 90, frameRate: [30, 1] },
    audio: { encoder: 'aac', seconds: 3 },
  });
}

/** Long enough to be harmed in the middle, and never without a sign of progress for long. */
function longSettings(destination: string): object {
  const description = '/OutputGroups/0/Outputs/0/VideoDescription';
  return changed(mp4Settings(destination), {
    [`${description}/Width`]: 1920,
    [`${description}/Height`]: 1080,
    [`${description}/CodecSettings/H264Settings/QualityTuningLevel`]: 'MULTI_PASS_HQ',
    [`${description}/CodecSettings/H264Settings/RateControlMode`]: 'VBR',
  });
}

describe('with a time limit of ten seconds', () => {
  let place: Provocations;
  beforeAll(async () => {
    quietLibraryLog();
    place = await openProvocations({ options: ['--limit', 'jobSeconds=10'] });
    makeInput(place);
  }, 120_000);
  afterAll(() => place?.[Symbol.asyncDispose]());

  test('a job that outlives its time limit provokes 1522', async () => {
    const { message, job, explanation } = await place.failing(1522, slowSettings('s3://out/never'));
    expect(message).toMatch(/^An internal error has occurred and your job timed out\./);
    expect(explanation.expected).toBe('at most 10 s from leaving the queue, retries included');
    expect(job.RetryCount).toBeUndefined();
  });

  test('the next job has its own ten seconds', async () => {
    const { job } = await place.run(mp4Settings('s3://out/next'));
    expect(job.Status, job.ErrorMessage).toBe('COMPLETE');
  });

  test('run tells the same', async () => {
    const { exitCode, report } = await runJob(
      place.data,
      slowSettings('s3://out/never'),
      '--limit',
      'jobSeconds=2',
    );
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ status: 'ERROR', errorCode: 1522 });
    expect(await readdir(place.place('', 'out'))).toEqual(['next.mp4']);
  });

  test('an engine that needs more memory than it may have is 1999 with the text of the service, after three attempts', async () => {
    const { report, stderr } = await runJob(
      place.data,
      slowSettings('s3://out/never'),
      '--limit',
      'engineMemoryMiB=90',
    );
    expect(report).toMatchObject({
      errorCode: 1999,
      errorMessage: 'Job failed with unexpected error: std::bad_alloc',
      retryCount: 2,
      fault: {
        mediaFact: expect.stringMatching(/^the engine process held \d+ MiB, more than its limit of 90 MiB$/),
      },
    });
    expect(stderr.match(/may pass, trying again/g)).toHaveLength(2);
  });
});

describe('a server', () => {
  let place: Provocations;
  beforeAll(async () => {
    place = await openProvocations({ options: ['--limit', 'engineStallSeconds=4'] });
    makeInput(place);
  }, 120_000);
  afterAll(() => place?.[Symbol.asyncDispose]());

  /** Does something to the engine of each attempt as soon as it has decoded a picture. */
  const harm = async (id: string, signal: NodeJS.Signals, attempts: number): Promise<void> => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      await place.server.logged(
        'first frame decoded',
        (line) => line['jobId'] === id && line['attempt'] === attempt,
      );
      process.kill(engineOf(place.server), signal);
      await place.server.logged(
        'attempt ended',
        (line) => line['jobId'] === id && line['attempt'] === attempt,
      );
    }
  };

  test('whose engine stalls in each attempt ends the job with 1999', async () => {
    const id = await place.submit(longSettings('s3://out/stalled'));
    await harm(id, 'SIGSTOP', 3);
    const { explanation } = checkFailure(1999, await place.ended(id));
    expect(explanation.mediaFact).toBe('the engine made no progress for 4 s');
  });

  test('whose engine crashes twice in the same way does not try a third time', async () => {
    const id = await place.submit(longSettings('s3://out/crashed'));
    await harm(id, 'SIGSEGV', 2);
    const { explanation } = checkFailure(1999, await place.ended(id), 1);
    expect(explanation.mediaFact).toBe('the engine process ended by signal SIGSEGV');
  });

  test('goes on', async () => {
    const { job } = await place.run(mp4Settings('s3://out/after'));
    expect(job.Status, job.ErrorMessage).toBe('COMPLETE');
    expect(await readdir(place.place('', 'out'))).toEqual(['after.mp4']);
  });
});
