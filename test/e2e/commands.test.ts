/** The commands beside `run` and `serve`, and how every command answers wrong usage. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { watchMedia } from '../engine/watch-media.ts';
import { openconvert } from './openconvert-process.ts';
import { changed, fileOf, writeJob } from './run-report.ts';
import { clip, mp4Settings, useData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const output = '/OutputGroups/0/Outputs/0';

let data: string;
useData((path) => {
  data = path;
});

describe('the command', patient, () => {
  test('check prints the plan and its price without making anything', async () => {
    const job = await writeJob(data, mp4Settings('s3://unmade/x'));
    const text = await openconvert('check', job, '--data', data);
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(
      /Reads\n {2}s3:\/\/media\/clip\.mp4 .*\nEncodes\n.*H_264 160×90[\s\S]*Writes\n {2}s3:\/\/unmade\/x\.mp4/,
    );
    expect(text.stdout).toMatch(/Estimate: memory \d+ MB/);
    const { exitCode, stdout } = await openconvert('check', job, '--data', data, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [],
      plan: { planVersion: 1, videoRenditions: [{ widthPx: 160, heightPx: 90 }] },
      estimate: { memoryBytes: expect.any(Number) },
    });
    expect(existsSync(path.join(data, 'buckets', 'unmade'))).toBe(false);
  });

  test('check reads images and 3D LUTs, and names those that are none', async () => {
    const place = (key: string) => path.join(data, 'buckets', 'media', key);
    await writeFile(place('slate.png'), '\x89PNG\r\n but no picture');
    await writeFile(place('film.cube'), 'a film about cubes');
    const settings = mp4Settings('s3://media/looked');
    const corrected = changed(settings, {
      [`${output}/VideoDescription/VideoPreprocessors`]: {
        ColorCorrector: { ColorSpaceConversion: 'FORCE_601' },
      },
    });
    const wrong = {
      ...corrected,
      Inputs: [
        ...settings.Inputs,
        { VideoGenerator: { Duration: 1000, ImageInput: 's3://media/slate.png' } },
      ],
      ColorConversion3DLUTSettings: [{ FileInput: 's3://media/film.cube' }],
    };
    const { exitCode, stdout } = await openconvert(
      'check',
      await writeJob(data, wrong),
      '--data',
      data,
      '--json',
    );
    expect(exitCode).toBe(1);
    const { findings } = JSON.parse(stdout) as { findings: { severity: string }[] };
    expect(findings.filter(({ severity }) => severity === 'error')).toMatchObject([
      {
        code: 1010,
        pointer: '/colorConversion3DLUTSettings/0/fileInput',
        message: expect.stringContaining('does not say the size'),
      },
      { code: 1010, pointer: '/inputs/1/videoGenerator/imageInput' },
    ]);
  });

  test('check reports every fatal finding of one document, before and after probing, with exit code 1', async () => {
    const wrong = changed(mp4Settings('s3://media/clip'), {
      [`${output}/VideoDescription/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 },
    });
    const { exitCode, stdout } = await openconvert(
      'check',
      await writeJob(data, wrong),
      '--data',
      data,
      '--json',
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: null,
      estimate: null,
      findings: [
        { code: 1040, template: 'position-outside' },
        { code: 1040, template: 'input-equals-output' },
      ],
    });
    const missing = changed(mp4Settings(), { '/Inputs/0/FileInput': 's3://media/none.mp4' });
    const second = await openconvert('check', await writeJob(data, missing), '--data', data);
    expect(second).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('error 1404') });
    const two = changed(missing, {
      '/Inputs/1': { ...mp4Settings().Inputs[0], FileInput: 's3://media/gone.mp4' },
    });
    const both = await openconvert('check', await writeJob(data, two), '--data', data, '--json');
    expect(JSON.parse(both.stdout)).toMatchObject({
      findings: [
        { code: 1404, pointer: '/inputs/0/fileInput', message: expect.stringContaining('none.mp4') },
        { code: 1404, pointer: '/inputs/1/fileInput', message: expect.stringContaining('gone.mp4') },
      ],
    });
    const invalid = await openconvert('check', await writeJob(data, { Inputs: 1 }), '--data', data);
    expect(invalid).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('error 400  /inputs') });
  });

  test('probe tells what is in a file, an object, and why a file is refused, by the name that was given', async () => {
    const file = fileOf(data, clip.location);
    const text = await openconvert('probe', file, '--data', data);
    expect(text).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/video 1 .*320×180, 30\/1 fps/),
    });
    const json = await openconvert('probe', clip.location, '--data', data, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      location: clip.location,
      container: 'mp4',
      videoTracks: [{ frameCount: clip.frames }],
      audioTracks: [{ codec: 'aac' }],
    });
    const refused = await openconvert('probe', 'package.json', '--data', data);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('ERROR 1010  Unable to open input file [package.json]');
    const missing = await openconvert('probe', 'no-such-file.mp4', '--data', data, '--json');
    expect(missing.exitCode).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({
      errorCode: 1404,
      errorMessage: expect.stringContaining('[no-such-file.mp4]'),
    });
  });

  test('explain knows every code and the nearest ones of others', async () => {
    const known = await openconvert('explain', '1404');
    expect(known).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('File not found error') });
    const unknown = await openconvert('explain', '9999');
    expect(unknown).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('3999  HTTP unexpected error'),
    });
  });

  test('doctor finds this machine fit and says under which licence the libraries are', async () => {
    const { exitCode, stdout } = await openconvert('doctor', '--data', data);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/libraries +FFmpeg libraries 8/);
    expect(stdout).toContain('GPL');
  });

  test('bucket create and cp carry files into buckets and out, and cp names what is missing', async () => {
    const created = await openconvert('bucket', 'create', 'shelf', '--data', data);
    expect(created).toMatchObject({ exitCode: 0, stdout: `${path.join(data, 'buckets', 'shelf')}\n` });
    const source = fileOf(data, clip.location);
    expect(await openconvert('cp', source, 's3://shelf/films/', '--data', data)).toMatchObject({
      exitCode: 0,
    });
    const back = path.join(data, 'back.mp4');
    expect(await openconvert('cp', 's3://shelf/films/clip.mp4', back, '--data', data)).toMatchObject({
      exitCode: 0,
    });
    expect((await readFile(back)).equals(await readFile(source))).toBe(true);
    expect(await openconvert('cp', source, 's3://no-such-bucket/x', '--data', data)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('ERROR 1404'),
    });
  });

  test('sample makes its clip without a word of the libraries', async () => {
    const file = path.join(data, 'quiet.mp4');
    const made = await openconvert('sample', file, '--seconds', '1', '--size', '128x72', '--rate', '25');
    expect(made).toEqual({ exitCode: 0, stdout: `${file}\n`, stderr: '' });
    expect((await watchMedia(file)).video.times).toHaveLength(25);
  });
});

describe('wrong usage is exit code 2 with one sentence', patient, () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'a job file that is not there',
      ['run', 'no-such-job.json'],
      /cannot read no-such-job\.json: there is no such file/,
    ],
    [
      '--set without a pointer',
      ['run', 'job.json', '--set', 'width=1'],
      /--set takes \/POINTER=VALUE, not 'width=1'/,
    ],
    [
      '--set below a value',
      ['run', 'JOB', '--set', '/inputs/0/fileInput/x=1'],
      /there is no object at 'fileInput'/,
    ],
    [
      '--set beyond a list',
      ['run', 'JOB', '--set', '/inputs/7={}'],
      /the list has 1 items, '7' is none of them/,
    ],
    ['--set with a name in a list', ['run', 'JOB', '--set', '/inputs/first={}'], /'first' is none of them/],
    ['--bucket without a folder', ['run', 'JOB', '--bucket', 'media'], /--bucket takes NAME=DIR/],
    [
      'an events file in no folder',
      ['run', 'JOB', '--events', 'no/such/folder/e.jsonl'],
      /--events .* cannot be written/,
    ],
    ['events and report on one stream', ['run', 'JOB', '--json', '--events', '-'], /give --events a file/],
    ['an unknown sandbox', ['run', 'JOB', '--sandbox', 'vm'], /--sandbox takes auto, bwrap or none/],
    ['an unknown option', ['run', 'JOB', '--no-such-option'], /unknown option/],
    ['copying a file that is not there', ['cp', 'no-such-file', 's3://out/x'], /cannot read no-such-file/],
    ['a bucket name with a space', ['bucket', 'create', 'a b'], /'a b' is not a bucket name/],
  ])('%s', async (_, [command = '', ...rest], sentence) => {
    const job = await writeJob(data, mp4Settings('s3://out/usage'));
    const given = rest.map((each) => (each === 'JOB' ? job : each));
    const { exitCode, stderr } = await openconvert(command, ...given, '--data', data);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(exitCode).toBe(2);
  });
});
