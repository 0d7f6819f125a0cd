/** The story of a job from what GetJob tells, for cases that a real run reaches rarely. */
import { describe, expect, test } from 'vitest';
import { type DescribedJob, diagnose } from '../../src/cli/diagnosis.ts';
import { formatDiagnosis } from '../../src/cli/print-diagnosis.ts';

const begin = Date.UTC(2026, 0, 1);
const fault = {
  code: 1030,
  message: 'Decoder failed',
  component: 'decoder',
  mediaFact: 'frame 12 has no data',
  detail: '[h264] no frame!\n[h264] error while decoding MB 3 4\n',
} as const;
const job: DescribedJob = {
  id: '1767225600000-abcdef',
  status: 'PROGRESSING',
  queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
  settings: { inputs: [{ fileInput: 's3://in/a' }], key: { staticKeyValue: 'c2VjcmV0' } },
  currentPhase: 'TRANSCODING',
  jobPercentComplete: 7,
  retryCount: 2,
  timing: { submitTime: begin / 1000, startTime: begin / 1000 + 1 },
  messages: { info: ['a note'], warning: [] },
  openconvert: {
    attempts: [
      {
        number: 1,
        startedAtMs: begin,
        endedAtMs: begin + 61_000,
        outcome: 'LOST',
        errorCode: 1999,
        errorMessage: 'x',
      },
      {
        number: 2,
        startedAtMs: begin,
        endedAtMs: begin,
        outcome: 'ERROR',
        errorCode: 1030,
        errorMessage: 'Decoder failed',
        fault,
      },
      { number: 3, startedAtMs: begin },
    ],
  },
};

describe('the story', () => {
  test('of a failure that is not tried again, under a code that is', () => {
    const retriedWith = (changes: object): boolean | undefined =>
      diagnose({
        ...job,
        status: 'ERROR',
        errorCode: 1517,
        openconvert: {
          attempts: [
            {
              number: 1,
              startedAtMs: begin,
              endedAtMs: begin,
              outcome: 'ERROR',
              errorCode: 1517,
              fault: { ...fault, code: 1517, ...changes },
            },
          ],
        },
      }).guilt?.isRetriable;
    expect(retriedWith({})).toBe(true);
    expect(retriedWith({ isFinal: true })).toBe(false);
  });

  test('of a job that is tried again tells what the last failed attempt ended with, and its last words', () => {
    const story = diagnose(job);
    expect(story.guilt).toMatchObject({
      code: 1030,
      component: 'decoder',
      mediaFact: fault.mediaFact,
      lastWords: fault.detail,
    });
    const text = formatDiagnosis(story);
    expect(text).toContain('is PROGRESSING in TRANSCODING, 7 %\n');
    expect(text).toContain('tried again 2 times');
    expect(text).toContain('1  2026-01-01T00:00:00.000Z  lost with its worker after 1:01: 1999 x');
    expect(text).toContain('3  2026-01-01T00:00:00.000Z  is running\n');
    expect(text).toContain(
      'Last words of decoder\n  [h264] no frame!\n  [h264] error while decoding MB 3 4\n\n',
    );
    expect(text).toContain('Messages\n  a note');
  });

  test('of a job whose engine was killed says in which phase each attempt died, and shows no empty last words', () => {
    const died = (number: number, phase: 'PROBING' | 'TRANSCODING', outcome = 'ERROR') => ({
      number,
      startedAtMs: begin,
      endedAtMs: begin + 3_000,
      outcome,
      ...(outcome === 'LOST' ? {} : { errorCode: 1999, errorMessage: 'Unknown error' }),
      fault: {
        component: 'worker',
        mediaFact: 'the engine process ended by signal SIGKILL',
        detail: '',
        phase,
      },
    });
    const story = diagnose({
      ...job,
      status: 'ERROR',
      errorCode: 1999,
      errorMessage: 'Unknown error',
      openconvert: { attempts: [died(1, 'PROBING', 'LOST'), died(2, 'PROBING'), died(3, 'TRANSCODING')] },
    });
    expect(story.guilt).toMatchObject({ component: 'worker', phase: 'TRANSCODING' });
    expect(story.guilt).not.toHaveProperty('lastWords');
    const text = formatDiagnosis(story);
    expect(text).toContain('1  2026-01-01T00:00:00.000Z  lost with its worker in PROBING after 0:03\n');
    expect(text).toContain(
      '3  2026-01-01T00:00:00.000Z  ERROR in TRANSCODING after 0:03: 1999 Unknown error',
    );
    expect(text).toContain('in phase  TRANSCODING');
    expect(text).not.toContain('Last words');
  });

  test('of a job that recovered and completed accuses nothing', () => {
    const { guilt, attempts } = diagnose({ ...job, status: 'COMPLETE' });
    expect(guilt).toBeNull();
    expect(attempts).toHaveLength(3);
  });

  test('of a job that has not begun has no attempts', () => {
    const { openconvert, currentPhase, ...waiting } = job;
    const text = formatDiagnosis(
      diagnose({ ...waiting, status: 'SUBMITTED', retryCount: 0, timing: { submitTime: 0 } }),
    );
    expect(text).toBe(
      `Job ${job.id} is SUBMITTED\n  ${job.queue}\n  submitted 1970-01-01T00:00:00.000Z, not begun\n\nMessages\n  a note`,
    );
  });

  test('says what the guilty setting holds, unless that is a key', () => {
    const failed = (pointer: string) =>
      diagnose({
        ...job,
        status: 'ERROR',
        errorCode: 1040,
        errorMessage: 'm',
        openconvert: { failure: { pointer, remedy: 'r' } },
      });
    expect(failed('/inputs/0/fileInput').guilt).toMatchObject({
      pointer: '/inputs/0/fileInput',
      value: 's3://in/a',
    });
    expect(failed('/key/staticKeyValue').guilt).not.toHaveProperty('value');
    expect(failed('/inputs/7/fileInput').guilt).not.toHaveProperty('value');
    expect(JSON.stringify(failed('/key/staticKeyValue'))).not.toContain('c2VjcmV0');
  });

  test('lists everything else that was found once: neither the guilty finding nor messages that repeat it', () => {
    const findings = [
      { severity: 'error', code: 1040, pointer: '/a', message: 'm' },
      { severity: 'error', code: 1404, pointer: '/b', message: 'n' },
      { severity: 'notice', reason: 'no-effect', pointer: '/c', message: 'o' },
    ] as const;
    const remedy = 'r';
    const story = diagnose({
      ...job,
      status: 'ERROR',
      errorCode: 1040,
      errorMessage: 'm',
      messages: { info: ['o', 'Setting: /a', 'Remedy: r', 'kept'], warning: ['Also wrong: 1404 at /b: n'] },
      openconvert: {
        failure: { pointer: '/a', remedy, alsoWrong: [{ code: 1404, pointer: '/b', message: 'n' }] },
        attempts: [
          {
            number: 1,
            startedAtMs: begin,
            endedAtMs: begin,
            outcome: 'ERROR',
            errorCode: 1040,
            errorMessage: 'm',
            fault: { code: 1040, message: 'm', pointer: '/a', findings },
          },
        ],
      },
    });
    expect(story.findings).toEqual(findings.slice(1));
    expect(story.messages).toEqual(['kept']);
  });
});
