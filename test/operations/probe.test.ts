/** Probe through the real SDK, a real engine behind it: every member from a file whose contents are known. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  BadRequestException,
  InternalServerErrorException,
  type MediaConvertClient,
  NotFoundException,
  ProbeCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProbeInput } from '../../src/cli/probe-input.ts';
import { createObjectStores } from '../../src/store/locations.ts';
import { type AttemptResources, defaultTaskLimits } from '../../src/worker/run-job.ts';
import { startServer, type TestServer } from '../store/http-servers.ts';
import { openWorkbench, silence, type Workbench } from '../worker/workbench.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';

const shared = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'media');

let bench: Workbench;
let api: ApiFixture;
let client: MediaConvertClient;
let web: TestServer;
const stopping = new AbortController();

function resources(changes: Partial<AttemptResources> = {}): AttemptResources {
  return {
    identity: { accountId: '000000000000', region: 'us-east-1' },
    engines: bench.engines,
    stores: bench.stores,
    scratchRoot: bench.scratchRoot,
    capacity: { cores: 2, memoryBytes: 8 * 1024 ** 3 },
    policy: { heAac: 'lc' },
    limits: defaultTaskLimits,
    ...changes,
  };
}

beforeAll(async () => {
  bench = await openWorkbench();
  const media = path.join(bench.data, 'buckets', 'media');
  await writeFile(path.join(media, 'words.txt'), 'no media at all, just words '.repeat(40));
  const clip = await readFile(path.join(media, 'clip.mp4'));
  await writeFile(path.join(media, 'cut.mp4'), clip.subarray(0, clip.length / 2));
  web = await startServer((request, response) => {
    if (request.url !== '/clip.mp4') return void response.writeHead(404).end();
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const part = first === undefined ? clip : clip.subarray(Number(first), Number(last) + 1);
    response.writeHead(first === undefined ? 200 : 206, {
      'content-type': 'video/mp4',
      'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
      etag: '"v1"',
      'content-length': part.length,
      ...(first === undefined
        ? {}
        : { 'content-range': `bytes ${first}-${Number(first) + part.length - 1}/${clip.length}` }),
    });
    response.end(request.method === 'HEAD' ? undefined : part);
  });
  api = await startApi({}, createProbeInput(resources(), stopping.signal));
  client = api.client();
}, 120_000);
afterAll(async () => {
  stopping.abort();
  await api?.[Symbol.asyncDispose]();
  await web?.close();
  await bench?.[Symbol.asyncDispose]();
});

async function probed(FileUrl: string) {
  const { ProbeResults } = await client.send(new ProbeCommand({ InputFiles: [{ FileUrl }] }));
  expect(ProbeResults).toHaveLength(1);
  return ProbeResults?.[0];
}

async function refusalOf(FileUrl: string) {
  return await client.send(new ProbeCommand({ InputFiles: [{ FileUrl }] })).catch((error: unknown) => error);
}

conformance('Probe', 'success', 'a clip in a bucket: container, tracks, metadata, mappings', async () => {
  const { size } = await stat(path.join(bench.data, 'buckets', 'media', 'clip.mp4'));
  const result = await probed('s3://media/clip.mp4');
  expect(result).toMatchObject({
    Container: {
      Format: 'mp4',
      StartTimecode: '01:00:00:00',
      BitRate: Math.round((size * 8) / (result?.Container?.Duration ?? Number.NaN)),
    },
    Metadata: { FileSize: size, LastModified: expect.any(Date) },
    TrackMappings: [{ VideoTrackIndexes: [1], AudioTrackIndexes: [2], DataTrackIndexes: [3] }],
  });
  expect(result?.Container?.Duration).toBeCloseTo(3, 1);
  const [video, audio, data] = result?.Container?.Tracks ?? [];
  expect(video).toMatchObject({
    Index: 1,
    TrackType: 'video',
    Codec: 'AVC',
    Duration: 3,
    VideoProperties: {
      Width: 320,
      Height: 180,
      BitDepth: 8,
      FrameRate: { Numerator: 30, Denominator: 1 },
      Rotation: 0,
      SampleAspectRatio: { Numerator: 1, Denominator: 1 },
      DisplayAspectRatio: { Numerator: 16, Denominator: 9 },
      CodecMetadata: {
        ChromaSubsampling: '4:2:0',
        Profile: 'High',
        Level: expect.stringMatching(/^\d(\.\d)?$/),
        ScanType: 'PROGRESSIVE',
        CodedFrameRate: { Numerator: 30, Denominator: 1 },
      },
    },
  });
  expect(audio).toMatchObject({
    Index: 2,
    TrackType: 'audio',
    Codec: 'AAC',
    AudioProperties: { Channels: 2, SampleRate: 48_000, ChannelLayout: 'stereo', BitDepth: 16 },
  });
  expect(data).toMatchObject({ Index: 3, TrackType: 'data', Codec: 'UNKNOWN', DataProperties: {} });
});

conformance('Probe', 'success', 'the same clip over HTTP, with what the server says of it', async () => {
  const fromBucket = await probed('s3://media/clip.mp4');
  const result = await probed(`http://${web.host}/clip.mp4`);
  expect(result?.Container).toEqual(fromBucket?.Container);
  expect(result?.Metadata).toMatchObject({
    MimeType: 'video/mp4',
    LastModified: new Date('1994-11-06T08:49:37Z'),
    ETag: expect.stringContaining('v1'),
  });
});

conformance('Probe', 'success', 'a file that is no media has a blank format and its metadata', async () => {
  const result = await probed('s3://media/words.txt');
  expect(result?.Container).toEqual({ Tracks: [] });
  expect(result?.Metadata?.FileSize).toBe(40 * 28);
});

conformance('Probe', 'NotFoundException', 'objects, buckets and pages that do not exist', async () => {
  for (const url of ['s3://media/none.mp4', 's3://no-such-bucket/a.mp4', `http://${web.host}/none.mp4`]) {
    const refused = await refusalOf(url);
    expect(refused).toBeInstanceOf(NotFoundException);
    expect((refused as Error).message).toBe(`The specified file was not found: fileUrl=${url}.`);
  }
});

conformance(
  'Probe',
  'BadRequestException',
  'a damaged file, with the message a job would end with',
  async () => {
    const refused = await refusalOf('s3://media/cut.mp4');
    expect(refused).toBeInstanceOf(BadRequestException);
    expect((refused as Error).message).toMatch(/moov|truncated/);
  },
);

conformance(
  'Probe',
  'BadRequestException',
  'requests that name no file, several, or none of ours',
  async () => {
    for (const [InputFiles, text] of [
      [undefined, "The 'inputFiles' field is required."],
      [[], '/inputFiles: Should have at least 1 items'],
      [[{}], '/inputFiles/0: fileUrl is a required property'],
      [
        [{ FileUrl: 's3://media/clip.mp4' }, { FileUrl: 's3://media/clip.mp4' }],
        'Should have at most 1 items',
      ],
      [[{ FileUrl: 'file:///etc/passwd' }], '/inputFiles/0/fileUrl: Should be the URL of a file'],
      [[{ FileUrl: '/etc/passwd' }], 'Should be the URL of a file'],
      [[{ FileUrl: 's3://media' }], 'Should be the URL of a file'],
      [[{ FileUrl: `s3://media/${'x'.repeat(2048)}` }], 'Should have at most 2048 characters'],
    ] as const) {
      const input = { InputFiles: InputFiles === undefined ? undefined : [...InputFiles] };
      const refused = client.send(new ProbeCommand(input));
      await expect(refused).rejects.toBeInstanceOf(BadRequestException);
      await expect(refused).rejects.toThrow(text);
    }
  },
);

conformance(
  'Probe',
  'BadRequestException',
  'private addresses are as closed as to inputs of jobs',
  async () => {
    const stores = await createObjectStores({
      localBuckets: {
        bucketsFolder: path.join(bench.data, 'buckets'),
        named: {},
        createMissingBuckets: false,
      },
      s3: null,
      http: {},
    });
    const closed = await startApi({}, createProbeInput(resources({ stores }), stopping.signal));
    try {
      const before = web.requests.length;
      for (const url of [`http://${web.host}/clip.mp4`, 'http://169.254.169.254/latest/meta-data/']) {
        const command = new ProbeCommand({ InputFiles: [{ FileUrl: url }] });
        await expect(closed.client().send(command)).rejects.toThrow(/3456/);
      }
      expect(web.requests).toHaveLength(before);
    } finally {
      stores.close();
      await closed[Symbol.asyncDispose]();
    }
  },
);

conformance(
  'Probe',
  'TooManyRequestsException',
  'one runs, one waits, the next is told to come again',
  async () => {
    // Stores that never answer hold a probe where it is; it ends with the service.
    const ending = new AbortController();
    const stores = { ...bench.stores, open: (_: string, signal: AbortSignal) => silence(signal) } as never;
    const bounds = { mostRunning: 1, mostWaiting: 1 };
    const busy = await startApi({}, createProbeInput(resources({ stores }), ending.signal, bounds));
    try {
      const send = () =>
        busy
          .client()
          .send(new ProbeCommand({ InputFiles: [{ FileUrl: 's3://media/clip.mp4' }] }))
          .catch((error: unknown) => error);
      const answers = [send(), send(), send()];
      expect(await Promise.race(answers)).toBeInstanceOf(TooManyRequestsException);
      ending.abort(new DOMException('the service ends', 'AbortError'));
      const kinds = (await Promise.all(answers)).map((error) => (error as Error).name);
      expect(kinds.toSorted()).toEqual([
        'InternalServerErrorException',
        'InternalServerErrorException',
        'TooManyRequestsException',
      ]);
    } finally {
      await busy[Symbol.asyncDispose]();
    }
  },
);

conformance('Probe', 'InternalServerErrorException', 'an engine that does not come to an end', async () => {
  const limits = { ...defaultTaskLimits, probeMs: 1 };
  const hasty = await startApi({}, createProbeInput(resources({ limits }), stopping.signal));
  try {
    const command = new ProbeCommand({ InputFiles: [{ FileUrl: 's3://media/clip.mp4' }] });
    await expect(hasty.client().send(command)).rejects.toBeInstanceOf(InternalServerErrorException);
  } finally {
    await hasty[Symbol.asyncDispose]();
  }
});

const hasMedia = existsSync(path.join(shared, 'MANIFEST.tsv'));
if (!hasMedia) console.log(`skipped: no media at ${shared}`);

describe.skipIf(!hasMedia)('Probe of real files', () => {
  async function probedFile(name: string) {
    const bucket = path.join(bench.data, 'buckets', 'media');
    await mkdir(bucket, { recursive: true });
    await copyFile(path.join(shared, name), path.join(bucket, path.basename(name)));
    return await probed(`s3://media/${path.basename(name)}`);
  }

  it('shows HDR10: colours, mastering display, light level', async () => {
    // The stream writes D65 in sixteenths of a bit: 0.31268 and 0.32898.
    const result = await probedFile('video/mp4_av1_hdr10_1080p59.94_mdcv_clli_1s.mp4');
    expect(result?.Container?.Tracks?.[0]).toMatchObject({
      Codec: 'AV1',
      VideoProperties: {
        BitDepth: 10,
        ColorPrimaries: 'ITU_2020',
        TransferCharacteristics: 'SMPTE_2084',
        MatrixCoefficients: 'ITU_2020_NCL',
        HdrMetadata: {
          MasteringDisplayColorVolume: { WhitePointX: 15_634, WhitePointY: 16_449 },
          ContentLightLevel: { MaxContentLightLevel: expect.any(Number) },
        },
      },
    });
  });

  it('shows Dolby Vision, HLG and rotation', async () => {
    const result = await probedFile('video/mov_hevc_dolbyvision84_hlg_rotate90_0.1s.mov');
    expect(result?.Container).toMatchObject({ Format: 'quicktime' });
    expect(result?.Container?.Tracks?.find(({ TrackType }) => TrackType === 'video')).toMatchObject({
      Codec: 'HEVC',
      VideoProperties: {
        TransferCharacteristics: 'ARIB_B67',
        Rotation: 90,
        CodecMetadata: {
          DolbyVision: { Profile: 8, Rpu: 'PRESENT', BaseLayer: 'PRESENT', EnhancementLayer: 'ABSENT' },
        },
      },
    });
  });
});
