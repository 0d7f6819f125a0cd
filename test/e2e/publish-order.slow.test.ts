/**
 * Manifests and what they name, as a reader of the bucket finds them while the job runs, and behind a job that was killed:
 * a real S3 protocol server, looked into before each write reaches it.
 */
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { namedBy } from '../package/support/named-objects.ts';
import { startFaultProxy } from '../store/fault-proxy.ts';
import { startS3Server, testCredentials } from '../store/s3-server.ts';
import { openconvert, startOpenconvert } from './openconvert-process.ts';
import { completeJob, fileOf, writeJob } from './run-report.ts';
import { useData } from './tiny-jobs.ts';

const patient = { timeout: 240_000 };
// Prints how to install it where it is missing.
const s3 = await startS3Server();
afterAll(() => s3?.close());

let data: string;
useData((path) => {
  data = path;
});

const video = (container: string, more: object = {}) => ({
  NameModifier: '_v',
  ContainerSettings: { Container: container },
  VideoDescription: {
    Width: 160,
    Height: 90,
    CodecSettings: {
      Codec: 'H_264',
      H264Settings: { RateControlMode: 'QVBR', MaxBitrate: 300_000, QualityTuningLevel: 'SINGLE_PASS' },
    },
  },
  ...more,
});
const sound = (container: string, more: object = {}) => ({
  NameModifier: '_a',
  ContainerSettings: { Container: container },
  AudioDescriptions: [
    {
      CodecSettings: {
        Codec: 'AAC',
        AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 },
      },
    },
  ],
  ...more,
});

/** All four groups, with everything that manifests can name beside segments. */
function job(folder: string, source = 's3://media/short.mp4') {
  const group = (type: string, block: string, settings: object, outputs: readonly object[]) => ({
    OutputGroupSettings: {
      Type: `${type}_GROUP_SETTINGS`,
      [block]: { Destination: `s3://order/${folder}/${type.toLowerCase()}/x`, ...settings },
    },
    Outputs: outputs,
  });
  const fragments = { FragmentLength: 1, WriteSegmentTimelineInRepresentation: 'ENABLED' };
  const half = { SegmentLength: 1, ImageBasedTrickPlay: 'THUMBNAIL' };
  const more = { AdditionalManifests: [{ ManifestNameModifier: '_more', SelectedOutputs: ['_v'] }] };
  return {
    Inputs: [
      {
        FileInput: source,
        AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
      },
    ],
    OutputGroups: [
      group('HLS', 'HlsGroupSettings', { ...half, ...more, MinSegmentLength: 0 }, [
        video('M3U8', { OutputSettings: { HlsSettings: { IFrameOnlyManifest: 'INCLUDE_AS_TS' } } }),
        sound('M3U8', {
          OutputSettings: { HlsSettings: { AudioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' } },
        }),
      ]),
      group('CMAF', 'CmafGroupSettings', { ...half, ...fragments, ...more }, [
        video('CMFC', {
          ContainerSettings: { Container: 'CMFC', CmfcSettings: { IFrameOnlyManifest: 'INCLUDE' } },
        }),
        sound('CMFC'),
      ]),
      group(
        'DASH_ISO',
        'DashIsoGroupSettings',
        { ...half, ...fragments, ...more, DashIFrameTrickPlayNameModifier: '_trick' },
        [video('MPD'), sound('MPD')],
      ),
      group('MS_SMOOTH', 'MsSmoothGroupSettings', { FragmentLength: 1 }, [video('ISMV'), sound('ISMV')]),
    ],
  };
}

describe.skipIf(s3 === null)('a bucket', patient, () => {
  if (s3 === null) return;
  const { client, endpoint } = s3;
  let proxy: Awaited<ReturnType<typeof startFaultProxy>>;

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', testCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', testCredentials.secretAccessKey);
    await s3.createBucket('order');
    for (const [name, seconds] of [
      ['short', '5'],
      ['long', '20'],
    ] as const)
      await openconvert(
        'sample',
        fileOf(data, `s3://media/${name}.mp4`),
        '--seconds',
        seconds,
        '--size',
        '160x90',
      );
    proxy = await startFaultProxy(endpoint);
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await proxy?.close();
  });

  /** Objects below the folder, with the text of the manifests among them. */
  async function look(folder: string): Promise<ReadonlyMap<string, string | null>> {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: 'order', Prefix: `${folder}/` }),
    );
    const seen = new Map<string, string | null>();
    for (const { Key = '' } of Contents) {
      const isManifest = /\.(m3u8|mpd|ism)$/.test(Key);
      const { Body } = isManifest
        ? await client.send(new GetObjectCommand({ Bucket: 'order', Key }))
        : { Body: undefined };
      seen.set(`s3://order/${Key}`, Body === undefined ? null : await Body.transformToString());
    }
    return seen;
  }

  /** What manifests name and the bucket does not hold. */
  function missingOf(seen: ReadonlyMap<string, string | null>): readonly string[] {
    return [...seen].flatMap(([location, text]) =>
      text === null
        ? []
        : namedBy(location, text)
            .filter((named) => !seen.has(named))
            .map((named) => `${location} names ${named}`),
    );
  }

  const keyOf = (url: string): string => decodeURIComponent(url.split('?')[0] ?? '').replace('/order/', '');

  test('holds at every moment all that its manifests name, and manifests that end come last', async () => {
    const missing: string[] = [];
    const writes: string[] = [];
    let names = 0;
    proxy.rule(async ({ method, url }) => {
      if (method === 'GET' || method === 'HEAD' || !url.includes('/order/')) return { kind: 'pass' };
      const seen = await look('whole');
      missing.push(...missingOf(seen));
      names += [...seen].reduce((sum, [at, text]) => sum + (text === null ? 0 : namedBy(at, text).length), 0);
      writes.push(keyOf(url).replace('whole/', ''));
      return { kind: 'pass' };
    });
    await completeJob(data, job('whole'), '--s3-endpoint', proxy.endpoint);
    const seen = await look('whole');
    expect([...missing, ...missingOf(seen)]).toEqual([]);
    expect(names).toBeGreaterThan(100);

    // Playlists of HLS appear with the third segment; all other manifests stand behind all media of their group.
    const firstPlaylist = writes.indexOf('hls/x_v.m3u8');
    expect(writes.slice(firstPlaylist).some((name) => /\.(cmfv|cmfa|mp4|ismv|isma)$/.test(name))).toBe(true);
    for (const type of ['cmaf', 'dash_iso', 'ms_smooth']) {
      const own = writes.filter((name) => name.startsWith(`${type}/`));
      const first = own.findIndex((name) => /\.(m3u8|mpd|ism|ismc)$/.test(name));
      expect(own.slice(first).filter((name) => !/\.(m3u8|mpd|ism|ismc)$/.test(name))).toEqual([]);
      expect(first).toBeGreaterThan(0);
    }
    const hls = writes.filter((name) => name.startsWith('hls/'));
    expect(hls.slice(-2)).toEqual(['hls/x.m3u8', 'hls/x_more.m3u8']);
  });

  test('holds no manifest with a hole after a job that was killed', async () => {
    let state: ReadonlyMap<string, string | null> = new Map();
    let listed: () => void = () => {};
    const isListed = new Promise<void>((resolve) => {
      listed = resolve;
    });
    const file = await writeJob(data, job('killed', 's3://media/long.mp4'));
    const running = startOpenconvert('run', file, '--data', data, '--s3-endpoint', proxy.endpoint);
    proxy.rule(async ({ method, url }) => {
      if (method === 'PUT' && keyOf(url).endsWith('hls/x.m3u8')) listed();
      if (method !== 'PUT' || !keyOf(url).endsWith('hls/x_v_00005.ts')) return { kind: 'pass' };
      // This segment never arrives, so nothing can end: the process is gone when playlists name the ones before it.
      await isListed;
      running.process.kill('SIGKILL');
      await running.ended;
      state = await look('killed');
      return { kind: 'reset' };
    });
    expect((await running.ended).exitCode).toBe(-1);
    const killed = await vi.waitUntil(() => (state.size === 0 ? null : state));
    expect([...killed.keys()]).toContain('s3://order/killed/hls/x_v.m3u8');
    expect(killed.get('s3://order/killed/hls/x_v.m3u8')).not.toContain('#EXT-X-ENDLIST');
    expect([...killed.keys()].filter((key) => /\.(mpd|ism|ismc)$/.test(key))).toEqual([]);
    expect(missingOf(killed)).toEqual([]);
  });
});
