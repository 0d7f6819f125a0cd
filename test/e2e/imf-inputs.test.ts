/** IMF packages through the product: a server and its SDK, the command line, objects on S3 and over HTTP (spec inputs.md 8). */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateJobCommand, GetJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { range, readNumberedMedia } from '../engine/numbered-media.ts';
import { makePictures, makeSound, writeAssetMap, writePlaylist } from '../imf/make-package.ts';
import { serveContent, startServer as startHttpServer, type TestServer } from '../store/http-servers.ts';
import { startS3Server, testCredentials } from '../store/s3-server.ts';
import { openconvert, startServer, temporaryFolder } from './openconvert-process.ts';
import { changed, completeJob, fileOf, filesBelow, runJob } from './run-report.ts';
import { mp4Settings, prepareData, role } from './tiny-jobs.ts';

const patient = { timeout: 240_000 };
const rate = [25, 1] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let imp: string;
let server: TestServer;
const s3 = await startS3Server();

beforeAll(async () => {
  quietLibraryLog();
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  imp = path.join(data, 'buckets', 'media', 'imp');
  const original = path.join(data, 'buckets', 'media', 'original');
  makePictures(imp, 'picture', { frames: 25, frameRate: rate, clip: 1 });
  makeSound(imp, 'sound', 2);
  makePictures(original, 'before', { frames: 25, frameRate: rate, clip: 2 });
  writeAssetMap(imp, ['picture', 'sound']);
  writeAssetMap(original, ['before']);
  const tone = { file: 'sound', editRate: [48_000, 1], intrinsic: 96_000, entry: 960 } as const;
  const picture = { file: 'picture', editRate: rate, intrinsic: 25, entry: 5, duration: 15 };
  const before = { file: 'before', editRate: rate, intrinsic: 25, entry: 20, duration: 5 };
  const timecode = { start: '01:00:00:00', isDropFrame: false };
  writePlaylist(imp, {
    editRate: rate,
    timecode,
    segments: [{ MainImageSequence: [picture], MainAudioSequence: [{ ...tone, duration: 28_800 }] }],
  });
  writePlaylist(imp, {
    name: 'version.xml',
    editRate: rate,
    segments: [{ MainImageSequence: [before, picture], MainAudioSequence: [{ ...tone, duration: 38_400 }] }],
  });
  server = await startHttpServer((request, response) => {
    const file = path.join(data, 'buckets', 'media', decodeURIComponent(request.url ?? ''));
    if (!existsSync(file)) return void response.writeHead(404).end();
    void readFile(file).then((bytes) => serveContent(request, response, bytes));
  });
}, 120_000);

afterAll(async () => {
  await server?.close();
  await s3?.close();
  await folder?.[Symbol.asyncDispose]();
});
afterEach(async () => expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]));

const job = (fileInput: string, destination: string, more: object = {}): object =>
  changed(mp4Settings(destination), {
    '/Inputs/0/FileInput': fileInput,
    ...more,
    '/OutputGroups/0/Outputs/0/VideoDescription/Width': 160,
    '/OutputGroups/0/Outputs/0/VideoDescription/Height': 96,
  });

/** Pictures 5 to 19 of clip 1, behind `lead` of them from elsewhere. */
function checkOutput(location: string, lead: readonly string[] = []): void {
  const { pictures } = readNumberedMedia(fileOf(data, location));
  expect(pictures.map(({ clip, number }) => `${clip}:${number}`)).toEqual([
    ...lead,
    ...range(5, 19).map((number) => `1:${number}`),
  ]);
}

describe('an IMF package', patient, () => {
  test('is an input of a job through the SDK, and told as its composition playlist', async () => {
    const events = path.join(data, 'events.jsonl');
    const running = await startServer(data, '--events', events);
    const client = new MediaConvertClient({
      endpoint: running.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    try {
      const Settings = job('s3://media/imp/CPL.xml', 's3://out/sdk') as never;
      const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings }));
      await running.logged('attempt ended', ({ jobId }) => jobId === Job?.Id);
      const done = await client.send(new GetJobCommand({ Id: Job?.Id ?? '' }));
      expect(done.Job).toMatchObject({ Status: 'COMPLETE' });
      expect(done.Job?.OutputGroupDetails?.[0]?.OutputDetails?.[0]?.DurationInMs).toBe(600);
      checkOutput('s3://out/sdk.mp4');
    } finally {
      client.destroy();
      await running.stop();
    }
    expect(await readFile(events, 'utf8')).toContain('s3://media/imp/CPL.xml');
  });

  test('takes what it lacks from the packages that the job names', async () => {
    const more = { '/Inputs/0/SupplementalImps': ['s3://media/original/'] };
    await completeJob(data, job('s3://media/imp/version.xml', 's3://out/version', more));
    checkOutput(
      's3://out/version.mp4',
      range(20, 24).map((number) => `2:${number}`),
    );
    const { report } = await runJob(data, job('s3://media/imp/version.xml', 's3://out/none'));
    expect(report).toMatchObject({
      errorCode: 1010,
      errorMessage: expect.stringContaining('Name the package that holds it in supplementalImps'),
      fault: { pointer: '/inputs/0/fileInput' },
    });
    expect(await readdir(path.join(data, 'buckets', 'out'))).not.toContain('none.mp4');
  });

  test('is probed by its file, clipped by its timecode, and checked', async () => {
    const { stdout } = await openconvert('probe', path.join(imp, 'CPL.xml'));
    expect(stdout).toContain('imf, 0:01, timecode 01:00:00:00');
    expect(stdout).toContain('jpeg2000, 160×96, 25/1 fps');
    const clipping = { StartTimecode: '01:00:00:03', EndTimecode: '01:00:00:06' };
    const more = { '/Inputs/0/InputClippings': [clipping], '/Inputs/0/TimecodeSource': 'EMBEDDED' };
    await completeJob(data, job('s3://media/imp/CPL.xml', 's3://out/clip', more));
    const { pictures } = readNumberedMedia(fileOf(data, 's3://out/clip.mp4'));
    expect(pictures.map(({ number }) => number)).toEqual(range(8, 11));
  });

  test('is read over HTTP, where its asset map and track files lie beside it', async () => {
    const url = `http://${server.host}/imp/CPL.xml`;
    await completeJob(data, job(url, 's3://out/http'), '--allow-private-http');
    checkOutput('s3://out/http.mp4');
    expect(new Set(server.requests.map((request) => request.url))).toEqual(
      new Set(['/imp/CPL.xml', '/imp/ASSETMAP.xml', '/imp/PKL.xml', '/imp/picture.mxf', '/imp/sound.mxf']),
    );
  });

  test('whose track file is cut off after the probe has seen it whole is not the shorter for it', async () => {
    // The index and the header say 25 pictures; the packing list that would tell is not there.
    const cut = path.join(data, 'buckets', 'media', 'cut');
    makePictures(cut, 'picture', { frames: 25, frameRate: rate });
    const playlist = {
      editRate: rate,
      segments: [{ MainImageSequence: [{ file: 'picture', editRate: rate, intrinsic: 25 }] }],
    };
    writePlaylist(cut, playlist);
    writeAssetMap(cut, ['picture']);
    const bytes = await readFile(path.join(cut, 'picture.mxf'));
    await writeFile(path.join(cut, 'picture.mxf'), bytes.subarray(0, bytes.length / 2));
    const { report } = await runJob(data, job('s3://media/cut/CPL.xml', 's3://out/cut'));
    expect(report).toMatchObject({
      status: 'ERROR',
      errorCode: 1076,
      fault: { pointer: '/inputs/0/fileInput' },
    });
  });

  test.skipIf(s3 === null)('is read from S3', async () => {
    if (s3 === null) return;
    vi.stubEnv('AWS_ACCESS_KEY_ID', testCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', testCredentials.secretAccessKey);
    await s3.createBucket('packages');
    for (const name of await readdir(imp)) {
      const Body = await readFile(path.join(imp, name));
      await s3.client.send(new PutObjectCommand({ Bucket: 'packages', Key: `a b/${name}`, Body }));
    }
    await completeJob(data, job('s3://packages/a b/CPL.xml', 's3://out/s3'), '--s3-endpoint', s3.endpoint);
    vi.unstubAllEnvs();
    checkOutput('s3://out/s3.mp4');
  });
});
