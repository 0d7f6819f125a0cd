/** Jobs that cannot run, each from its real cause: code, text, place, remedy, and nothing left behind. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateJobCommand, GetJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { adpcmWave } from '../probe/adpcm-wave.ts';
import { placeOf } from '../probe/box-surgery.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { type RunningServer, startServer, temporaryFolder } from './openconvert-process.ts';
import { changed, fileOf, filesBelow, type RunReport, runJob } from './run-report.ts';
import { clip, mp4Settings, prepareData, role } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const output = '/OutputGroups/0/Outputs/0';
const video = { encoder: 'libx264', frames: 60, frameRate: [30, 1] } as const;
const audio = { encoder: 'aac', seconds: 2 } as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;

beforeAll(async () => {
  quietLibraryLog();
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
}, 120_000);

afterAll(() => folder?.[Symbol.asyncDispose]());

afterEach(async () => {
  expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]);
  expect(await filesBelow(path.join(data, 'buckets', 'out'))).toEqual([]);
});

describe('an input', patient, () => {
  test('an input file or bucket that cannot be found provokes 1404', async () => {
    for (const missing of ['s3://media/none.mp4', 's3://no-such-bucket/clip.mp4'])
      expect(await failing(input(missing))).toMatchObject({
        errorCode: 1404,
        errorMessage: `Unable to open input file [${missing}]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]`,
        remedy: expect.stringContaining('Correct the URL'),
      });
  });

  test('whose file is a link out of its bucket provokes 1401', async () => {
    await symlink(fileOf(data, clip.location), place('link.mp4', 'out'));
    const report = await failing(input('s3://out/link.mp4'));
    await rm(place('link.mp4', 'out'));
    expect(report).toMatchObject({
      errorCode: 1401,
      errorMessage:
        "Unable to open input file [s3://out/link.mp4]: [Failed probe/open: [Can't read input stream: [Failed to read data: Access denied to [s3://out/link.mp4]]]]",
    });
  });

  test('an input file that cannot be opened provokes 1010', async () => {
    await put('notes.mp4', Buffer.from('This is not a film.\n'.repeat(200)));
    expect(await failing(input('s3://media/notes.mp4'))).toMatchObject({
      errorCode: 1010,
      errorMessage:
        'Unable to open input file [s3://media/notes.mp4]: [Failed probe/open: [No parser found for container]]',
      fault: { mediaFact: 'the bytes fit no known container' },
    });
  });

  test('of a time-addressable store is 1040 at its settings, without looking for a file', async () => {
    const tamsSettings = {
      SourceId: '0c4fd2f3-5bd6-4b9c-b4f4-9a3f4c1d2e5f',
      Timerange: '[0:0_10:0)',
      AuthConnectionArn:
        'arn:aws:events:us-east-1:111122223333:connection/tams/0c4fd2f3-5bd6-4b9c-b4f4-9a3f4c1d2e5f',
    };
    const settings = changed(input('https://tams.example.com/v1'), {
      '/Inputs/0/TamsSettings': tamsSettings,
    });
    expect(await failing(settings)).toMatchObject({
      errorCode: 1040,
      errorMessage: expect.stringContaining('/inputs/0/tamsSettings'),
    });
  });

  test('that is a composition of an IMF package without the package is 1404, and names the asset map', async () => {
    const playlist = await readFile(new URL('../imf/playlist.xml', import.meta.url));
    await put('cpl.xml', playlist);
    expect(await failing(input('s3://media/cpl.xml'))).toMatchObject({
      errorCode: 1404,
      errorMessage: expect.stringContaining('[s3://media/ASSETMAP.xml]'),
      fault: { pointer: '/inputs/0/fileInput' },
    });
    const packages = { '/Inputs/0/SupplementalImps': ['s3://media/imp/'] };
    await put('ASSETMAP.xml', Buffer.from('<AssetMap><AssetList/></AssetMap>'));
    expect(await failing(changed(input('s3://media/cpl.xml'), packages))).toMatchObject({
      errorCode: 1404,
      errorMessage: expect.stringContaining('[s3://media/imp/ASSETMAP.xml]'),
      fault: { pointer: '/inputs/0/supplementalImps' },
    });
    expect(await failing(input('s3://media/ASSETMAP.xml'))).toMatchObject({ errorCode: 1010 });
  });

  test('subtitles as external audio are 1075, as an input 1010', async () => {
    await put('words.vtt', Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n'));
    const selector = { ExternalAudioFileInput: 's3://media/words.vtt' };
    const settings = changed(input(clip.location), { '/Inputs/0/AudioSelectors/Audio Selector 1': selector });
    expect(await failing(settings)).toMatchObject({
      errorCode: 1075,
      errorMessage:
        'Error initializing demux info for file [s3://media/words.vtt] (Incompatible container headers)',
    });
    expect(await failing(input('s3://media/words.vtt'))).toMatchObject({ errorCode: 1010 });
  });

  test('a file whose structure defeats the demuxer provokes 1075', async () => {
    const file = place('cut.mp4');
    makeClip(file, { muxer: 'mp4', video, audio });
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, placeOf(bytes, 'moov').start));
    expect(await failing(input('s3://media/cut.mp4'))).toMatchObject({
      errorCode: 1075,
      errorMessage:
        'Unable to open input file [s3://media/cut.mp4]: [Failed probe/open: [no moov box found in file]]',
    });
  });

  test('an input that ends before it should provokes 1076', async () => {
    const file = place('short.mp4');
    makeClip(file, { muxer: 'mp4', muxerOptions: { movflags: 'faststart' }, video, audio });
    const bytes = await readFile(file);
    const length = Math.floor(bytes.length * 0.6);
    await writeFile(file, bytes.subarray(0, length));
    expect(await failing(input('s3://media/short.mp4'))).toMatchObject({
      errorCode: 1076,
      errorMessage: `Demuxer: [ReadPacketData File read failed - end of file hit at length [${length}]. Is file truncated?]`,
      remedy: expect.stringContaining('again'),
    });
  });

  test('an input of a codec or container that is not supported provokes 1030', async () => {
    await put('adpcm.wav', adpcmWave());
    const soundOnly = changed(input('s3://media/adpcm.wav'), { [`${output}/VideoDescription`]: undefined });
    expect(await failing(soundOnly)).toMatchObject({
      errorCode: 1030,
      errorMessage: 'Audio codec [adpcm_ms] for track [1] is not a supported input audio codec',
    });
  });

  test('an input in which no video can be found provokes 1020', async () => {
    const settings = changed(mp4Settings('s3://out/x'), { '/Inputs/0/VideoSelector': { Pid: 4000 } });
    expect(await failing(settings)).toMatchObject({
      errorCode: 1020,
      errorMessage: 'No video found for stream index [0] with PID [4000].',
      fault: { pointer: '/inputs/0/videoSelector/pid' },
    });
  });

  test('without the selected program, or without video in it, is 1020 with the number of the program', async () => {
    makeClip(place('sound.ts'), { muxer: 'mpegts', audio });
    const select = (program: number) =>
      changed(input('s3://media/sound.ts'), { '/Inputs/0/VideoSelector': { ProgramNumber: program } });
    expect(await failing(select(7))).toMatchObject({
      errorCode: 1020,
      errorMessage: 'Invalid program id specified for job. 7 is not a valid program id.',
      fault: { pointer: '/inputs/0/videoSelector/programNumber' },
    });
    expect(await failing(select(1))).toMatchObject({
      errorCode: 1020,
      errorMessage: 'No video found in program [1]',
    });
  });
});

describe('an output', patient, () => {
  test('a file of the job that cannot be opened for use provokes 1056', async () => {
    const tooLong = mp4Settings(`s3://out/${'x'.repeat(300)}`);
    expect(await failing(tooLong)).toMatchObject({
      errorCode: 1056,
      errorMessage: `Unable to open output file [s3://out/${'x'.repeat(300)}.mp4]: [no file can have this key as its name]`,
      remedy: expect.stringContaining('Give the output another name'),
    });
    await mkdir(place('film.mp4', 'out'));
    const report = await failing(mp4Settings('s3://out/film'));
    await rm(place('film.mp4', 'out'), { recursive: true });
    expect(report).toMatchObject({
      errorCode: 1056,
      errorMessage: expect.stringMatching(
        /^Unable to open output file \[s3:\/\/out\/film\.mp4\]: \[.*a folder/,
      ),
    });
  });
});

describe('settings that the input or another part of the job forbids', patient, () => {
  test('settings that do not go together, or not with the input provokes 1040', async () => {
    const before = await readFile(fileOf(data, clip.location));
    expect(await failing(mp4Settings('s3://media/clip'))).toMatchObject({
      errorCode: 1040,
      errorMessage: 'Duplicate input and output path [s3://media/clip.mp4] found in job.',
      fault: { pointer: '/outputGroups/0/outputs/0' },
      remedy: expect.stringContaining('openconvert check'),
    });
    expect((await readFile(fileOf(data, clip.location))).equals(before)).toBe(true);
    expect(await filesBelow(path.join(data, 'buckets', 'media'))).not.toContain('.openconvert-parts');
  });

  test('two outputs whose names come out the same', async () => {
    const [first] = mp4Settings().OutputGroups[0].Outputs;
    const settings = changed(mp4Settings('s3://out/x'), {
      '/OutputGroups/0/Outputs': [
        { ...first, NameModifier: '_160' },
        { ...first, NameModifier: '_$w$' },
      ],
    });
    expect(await failing(settings)).toMatchObject({
      errorCode: 1040,
      errorMessage: 'Duplicate output paths [s3://out/x_160.mp4] found in input job.',
      fault: { pointer: '/outputGroups/0/outputs/1' },
    });
  });

  test('a size that follows an odd source, or comes out odd by its shape', async () => {
    const odd = { ...video, encoder: 'libvpx', size: { widthPx: 321, heightPx: 181 } } as const;
    makeClip(place('odd.webm'), { muxer: 'webm', video: odd });
    const follow = changed(input('s3://media/odd.webm'), {
      [`${output}/VideoDescription/Width`]: undefined,
      [`${output}/VideoDescription/Height`]: undefined,
      [`${output}/AudioDescriptions`]: undefined,
    });
    expect(await failing(follow)).toMatchObject({
      errorCode: 1040,
      errorMessage: 'Invalid resolution [321 x 181], only even values are supported. video_description [1].',
      fault: { pointer: '/outputGroups/0/outputs/0/videoDescription' },
    });
    const byShape = changed(mp4Settings('s3://out/x'), {
      [`${output}/VideoDescription/Width`]: 102,
      [`${output}/VideoDescription/Height`]: undefined,
    });
    expect((await failing(byShape)).errorMessage).toBe(
      'Invalid resolution [102 x 57], only even values are supported. video_description [1].',
    );
  });

  test('sound of an input that has none', async () => {
    makeClip(place('silent.mp4'), { muxer: 'mp4', video });
    expect(await failing(input('s3://media/silent.mp4'))).toMatchObject({
      errorCode: 1040,
      errorMessage:
        'Invalid audio track specified for audio_selector [1]. Audio track [1] not found in input container.',
      fault: { mediaFact: 'The input has no audio track.' },
    });
  });

  test('sound by the name of no selector', async () => {
    const settings = changed(mp4Settings('s3://out/x'), {
      '/Inputs/0/AudioSelectors': { Stereo: { Tracks: [1] } },
      [`${output}/AudioDescriptions/0/AudioSourceName`]: 'Surround',
    });
    expect(await failing(settings)).toMatchObject({
      errorCode: 1040,
      errorMessage: 'Invalid selector_sequence_id [0] specified for audio_description [1].',
    });
  });

  test.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    [
      'a position outside the output',
      { [`${output}/VideoDescription/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 } },
      'Position rectangle [100,50,100,0] lies outside output resolution [160x90] for video_description [1].',
      '/outputGroups/0/outputs/0/videoDescription/position',
    ],
    [
      'a crop larger than the input',
      { '/Inputs/0/Crop': { X: 0, Y: 0, Width: 640, Height: 360 } },
      'Crop rectangle [640,360,0,0] lies outside input resolution [320x180] for input [1].',
      '/inputs/0/crop',
    ],
    [
      'a level too low for the size that follows the source',
      {
        [`${output}/VideoDescription/Width`]: undefined,
        [`${output}/VideoDescription/Height`]: undefined,
        ...h264({ Bitrate: 64_000, CodecLevel: 'LEVEL_1' }),
      },
      'Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected resolution.]',
      '/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/codecLevel',
    ],
    [
      'a level too low for the frame rate that follows the source',
      h264({ Bitrate: 64_000, CodecLevel: 'LEVEL_1' }),
      'Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected framerate or resolution.]',
      '/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/codecLevel',
    ],
    [
      'a buffer too large for the level',
      h264({ CodecLevel: 'LEVEL_1_3', HrdBufferSize: 5_000_000 }),
      'Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected buffer size.]',
      '/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/hrdBufferSize',
    ],
  ])('%s', async (_, values, errorMessage, pointer) => {
    const report = await failing(changed(mp4Settings('s3://out/x'), values));
    expect(report).toMatchObject({ errorCode: 1040, errorMessage, fault: { pointer } });
    expect(report.remedy).toContain('openconvert check');
  });

  test('a codec that is not built is refused by its name', async () => {
    const settings = changed(mp4Settings('s3://out/x'), {
      [`${output}/AudioDescriptions/0/CodecSettings`]: { Codec: 'EAC3_ATMOS' },
    });
    const { errorCode, findings } = await failing(settings);
    expect(errorCode).toBe(1040);
    expect(findings.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining('with value [EAC3_ATMOS] is not supported')]),
    );
  });
});

describe('a role', patient, () => {
  test('a role that is malformed provokes 1515', async () => {
    expect(await failing({ Role: 'not-an-arn', Settings: mp4Settings('s3://out/x') })).toMatchObject({
      errorCode: 1515,
      errorMessage: 'Invalid role ARN format. Please check the role ARN and try again.',
    });
  });

  test('a role that does not exist provokes 1433', async () => {
    const unknown = role.replace('MediaConvert_Default_Role', 'Nobody');
    expect(await failing({ Role: unknown, Settings: mp4Settings('s3://out/x') })).toMatchObject({
      errorCode: 1433,
      errorMessage:
        'Unable to assume role. Check that the role exists and that MediaConvert is a trusted entity.',
    });
  });
});

describe('under serve', patient, () => {
  let server: RunningServer;
  let client: MediaConvertClient;

  beforeAll(async () => {
    server = await startServer(data);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    client = new MediaConvertClient({ endpoint: server.url, region: 'us-east-1', credentials });
  }, 120_000);

  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  test('the same cause gives the same code and text on the job', async () => {
    expect(await failedJob(mp4Settings('s3://media/clip'))).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1040,
      ErrorMessage: 'Duplicate input and output path [s3://media/clip.mp4] found in job.',
    });
  });

  test('a missing output bucket is 1404: only run makes folders', async () => {
    expect(await failedJob(mp4Settings('s3://no-such-bucket/x'))).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1404,
      ErrorMessage:
        'Unable to write to output file [s3://no-such-bucket/x.mp4]: [Failed to write data: HeadBucket failed]',
    });
  });

  async function failedJob(settings: object) {
    const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings: settings as never }));
    await server.logged('attempt ended', ({ jobId }) => jobId === Job?.Id);
    return (await client.send(new GetJobCommand({ Id: Job?.Id }))).Job;
  }
});

/** Runs a job that must fail, and checks what holds for every failure. */
async function failing(document: object): Promise<RunReport> {
  const { exitCode, report } = await runJob(data, document);
  expect(report.status, JSON.stringify(report)).toBe('ERROR');
  expect(exitCode).toBe(1);
  expect(report).not.toHaveProperty('outputGroupDetails');
  expect(report.remedy).toBeTruthy();
  return report;
}

function input(location: string): ReturnType<typeof mp4Settings> {
  return changed(mp4Settings('s3://out/x'), { '/Inputs/0/FileInput': location });
}

function h264(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(values);
  const block = `${output}/VideoDescription/CodecSettings/H264Settings`;
  return Object.fromEntries(entries.map(([name, value]) => [`${block}/${name}`, value]));
}

function place(key: string, bucket = 'media'): string {
  return path.join(data, 'buckets', bucket, key);
}

function put(key: string, bytes: Uint8Array): Promise<void> {
  return writeFile(place(key), bytes);
}
