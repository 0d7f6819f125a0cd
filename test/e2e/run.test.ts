/** `openconvert run` as its users meet it: documents in, reports, progress and exit codes out. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { watchMedia } from '../engine/watch-media.ts';
import { openconvert, startOpenconvert } from './openconvert-process.ts';
import { changed, completeJob, fileOf, filesBelow, runJob, writeJob } from './run-report.ts';
import { clip, mp4Settings, role, slowSettings, useData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const output = '/OutputGroups/0/Outputs/0';

let data: string;
useData((path) => {
  data = path;
});

describe('a job document', patient, () => {
  test('of settings alone becomes an MP4 with every frame, and the report says what was made', async () => {
    const report = await completeJob(data, mp4Settings('s3://out/bare'));
    expect(report).toMatchObject({
      status: 'COMPLETE',
      findings: [],
      timings: { wallMs: expect.any(Number) },
    });
    expect(report.inputBytesRead).toBeGreaterThan(1000);
    expect(report).not.toHaveProperty('errorCode');
    const { averageBitrate } = report.outputGroupDetails[0]?.outputDetails[0]?.videoDetails ?? {};
    expect(report.outputGroupDetails).toEqual([
      {
        type: 'FILE_GROUP',
        outputDetails: [
          {
            outputFilePaths: ['s3://out/bare.mp4'],
            durationInMs: clip.durationMs,
            videoDetails: { widthInPx: 160, heightInPx: 90, averageBitrate },
          },
        ],
      },
    ]);
    const { video, audio } = await watchMedia(fileOf(data, 's3://out/bare.mp4'));
    expect(video).toMatchObject({ widthPx: 160, heightPx: 90, codecTag: 'avc1', decodeErrors: 0 });
    expect(video.times).toHaveLength(clip.frames);
    expect(audio.decodeErrors).toBe(0);
    // CBR means what it says: within a tenth of 200 kb/s over three seconds, VBV included.
    expect(Math.abs((averageBitrate ?? 0) - 200_000)).toBeLessThan(40_000);
    expect(await readdir(path.join(data, 'scratch'))).toEqual([]);
  });

  test('in the form of the AWS CLI runs unchanged, with a role of another account as the default role', async () => {
    const document = {
      Role: 'arn:aws:iam::111122223333:role/Encoder',
      Settings: mp4Settings('s3://out/cli'),
      UserMetadata: { title: 'tiny' },
    };
    const events = path.join(data, 'cli-events.jsonl');
    const report = await completeJob(data, document, '--events', events);
    expect(report.findings).toEqual([
      expect.objectContaining({ severity: 'notice', reason: 'foreign-account' }),
    ]);
    const details = (await readFile(events, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).detail);
    expect(details.map(({ status }) => status)).toEqual([
      'PROGRESSING',
      'INPUT_INFORMATION',
      'STATUS_UPDATE',
      'STATUS_UPDATE',
      'COMPLETE',
    ]);
    expect(details.at(-1)).toMatchObject({
      userMetadata: { title: 'tiny' },
      outputGroupDetails: report.outputGroupDetails,
    });
    // The last change of phase comes when all frames are decoded.
    expect(details.at(-2)).toMatchObject({
      framesDecoded: clip.frames,
      jobProgress: { currentPhase: 'UPLOADING' },
    });
  });

  test('in wire form runs too', async () => {
    const report = await completeJob(data, { role, settings: wireSettings('s3://out/wire') });
    expect(report.outputGroupDetails[0]?.outputDetails[0]?.outputFilePaths).toEqual(['s3://out/wire.mp4']);
    expect((await watchMedia(fileOf(data, 's3://out/wire.mp4'))).video.times).toHaveLength(clip.frames);
  });

  test('can be changed with --set before it is planned', async () => {
    const report = await completeJob(
      data,
      mp4Settings('s3://out/set'),
      ...['--set', '/outputGroups/0/outputs/0/videoDescription/width=128'],
      ...['--set', '/outputGroups/0/outputs/0/videoDescription/height=72'],
      ...['--set', '/outputGroups/0/outputs/0/nameModifier=_small'],
    );
    expect(report.outputGroupDetails[0]?.outputDetails[0]).toMatchObject({
      outputFilePaths: ['s3://out/set_small.mp4'],
      videoDetails: { widthInPx: 128, heightInPx: 72 },
    });
  });

  test('finds its buckets by --bucket and beside itself, and run makes the folder of a missing output bucket', async () => {
    const settings = changed(mp4Settings('s3://brand-new/x'), {
      '/Inputs/0/FileInput': 's3://elsewhere/clip.mp4',
    });
    const media = path.join(data, 'buckets', 'media');
    await completeJob(data, settings, '--bucket', `elsewhere=${media}`);
    expect(existsSync(fileOf(data, 's3://brand-new/x.mp4'))).toBe(true);
    const twice = await openconvert(
      'run',
      await writeJob(data, settings),
      '--data',
      data,
      '--bucket',
      `media=${data}`,
    );
    expect(twice).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('bucket media') });
  });
});

describe('what a person sees', patient, () => {
  test('is plain progress on standard error, and the outputs with their files on standard output', async () => {
    const job = await writeJob(data, mp4Settings('s3://out/plain'));
    const { exitCode, stdout, stderr } = await openconvert('run', job, '--data', data);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^COMPLETE in [\d.]+ s, [\d.]+ MB of the inputs read\n {2}s3:\/\/out\/plain\.mp4\n/,
    );
    expect(stdout).toContain(fileOf(data, 's3://out/plain.mp4'));
    const phases = stderr
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect([...new Set(phases)]).toEqual(['probing', 'transcoding', 'uploading']);
    expect(stderr).toMatch(/^transcoding +\d+ %/m);
    expect(stderr).not.toContain('\x1b');
  });

  test('is nothing but events on standard output with --events -', async () => {
    const job = await writeJob(data, mp4Settings('s3://out/lines'));
    const { stdout, stderr } = await openconvert('run', job, '--data', data, '--events', '-');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({
      source: 'aws.mediaconvert',
      'detail-type': 'MediaConvert Job State Change',
      detail: { status: 'COMPLETE' },
    });
    expect(stderr).toContain('COMPLETE in');
  });

  test('is the code, the setting, the remedy and everything else that is wrong when a job fails', async () => {
    const settings = changed(mp4Settings('s3://media/clip'), {
      [`${output}/VideoDescription/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 },
    });
    const { exitCode, stdout, stderr } = await openconvert(
      'run',
      await writeJob(data, settings),
      '--data',
      data,
    );
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('ERROR 1040  Job settings compatibility error');
    expect(stderr).toContain('setting:  /outputGroups/0/outputs/0/videoDescription/position');
    expect(stderr).toMatch(/remedy: .*openconvert check/);
    expect(stderr).toMatch(/Also wrong:\n.*\n +Duplicate input and output path \[s3:\/\/media\/clip\.mp4\]/);
  });
});

describe('a job that is interrupted', patient, () => {
  test('with SIGINT is CANCELED: exit code 1, no unfinished object, no scratch, and the event says so', async () => {
    const job = await writeJob(data, slowSettings('s3://canceled/slow'));
    const events = path.join(data, 'canceled.jsonl');
    const running = startOpenconvert('run', job, '--data', data, '--events', events);
    await running.lineWith(/^transcoding/);
    running.process.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('CANCELED') });
    expect(await filesBelow(path.join(data, 'buckets', 'canceled'))).toEqual([]);
    expect(await readdir(path.join(data, 'scratch'))).toEqual([]);
    expect(await readFile(events, 'utf8')).toMatch(/"status":"CANCELED"[^\n]*\n$/);
  });
});

describe('a job whose engine dies', patient, () => {
  test.skipIf(!existsSync('/proc/self/task'))(
    'again and again is tried three times in all and ends with 1999, the signal and nothing left',
    async () => {
      const job = await writeJob(data, slowSettings('s3://killed/slow'));
      const events = path.join(data, 'killed.jsonl');
      const running = startOpenconvert('run', job, '--data', data, '--sandbox', 'none', '--events', events);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        if (attempt > 1) await running.lineWith(/error 1999 may pass, trying again/, attempt - 1);
        await running.lineWith(/^transcoding +5 %/, attempt);
        process.kill(await engineOf(running.process.pid ?? 0), 'SIGKILL');
      }
      const { exitCode, stderr } = await running.ended;
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('ERROR 1999'),
      });
      expect(stderr).toContain('SIGKILL');
      // Three attempts probed the inputs; the job tells of them once.
      expect((await readFile(events, 'utf8')).match(/"status":"INPUT_INFORMATION"/g)).toHaveLength(1);
      expect(await filesBelow(path.join(data, 'buckets', 'killed'))).toEqual([]);
      expect(await readdir(path.join(data, 'scratch'))).toEqual([]);
    },
  );
});

describe('a document that is no job', patient, () => {
  test('because it is not JSON is refused with line and column', async () => {
    const text = '{\n  "Inputs": [\n    { "FileInput": s3://media/clip.mp4 }\n  ]\n}\n';
    const { exitCode, report } = await runJob(data, text);
    expect(exitCode).toBe(2);
    expect(report).toMatchObject({
      status: 'INVALID',
      errorCode: 400,
      timings: { wallMs: expect.any(Number) },
    });
    expect(report.findings[0]).toMatchObject({ message: expect.stringContaining('Line 3, column 20') });
    const { stderr } = await openconvert('run', await writeJob(data, text), '--data', data);
    expect(stderr).toContain('Line 3, column 20');
  });

  test('because of unknown fields is refused with all their places at once', async () => {
    const settings = changed(mp4Settings('s3://out/never'), {
      [`${output}/VideoDescription/Widht`]: 1,
      '/Inputs/0/FileInputt': 's3://media/clip.mp4',
    });
    const { exitCode, report } = await runJob(data, settings);
    expect(exitCode).toBe(2);
    const unknown = report.findings.filter(({ severity }) => severity === 'error');
    expect(unknown.map(({ pointer }) => String(pointer).toLowerCase()).sort()).toEqual([
      '/inputs/0/fileinputt',
      '/outputgroups/0/outputs/0/videodescription/widht',
    ]);
    for (const finding of unknown) expect(finding).toMatchObject({ code: 400, remedy: expect.any(String) });
    expect(existsSync(fileOf(data, 's3://out/never.mp4'))).toBe(false);
  });
});

/** The engine child of a command: while it works, the pool starts no other. */
async function engineOf(pid: number): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1')).trim().split(' ');
  for (const child of children) {
    const command = await readFile(`/proc/${child}/cmdline`, 'latin1').catch(() => '');
    if (command.includes('engine/main.js')) return Number(child);
  }
  throw new Error(`no engine among the processes ${children.join(', ')}`);
}

/** The job of `mp4Settings` as the wire carries it. */
function wireSettings(destination: string): object {
  return {
    inputs: [
      { fileInput: clip.location, audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } } },
    ],
    outputGroups: [
      {
        outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination } },
        outputs: [
          {
            containerSettings: { container: 'MP4' },
            videoDescription: {
              width: 160,
              height: 90,
              codecSettings: {
                codec: 'H_264',
                h264Settings: { rateControlMode: 'CBR', bitrate: 200_000, qualityTuningLevel: 'SINGLE_PASS' },
              },
            },
            audioDescriptions: [
              {
                codecSettings: {
                  codec: 'AAC',
                  aacSettings: { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 },
                },
              },
            ],
          },
        ],
      },
    ],
  };
}
