/** One encode, many packages: three groups of different segments made of one rendition, as players read them. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../package/support/decode.ts';
import { locate, readMediaPlaylist } from '../package/support/read-playlists.ts';
import { openconvert } from './openconvert-process.ts';
import { completeJob, fileOf, writeJob } from './run-report.ts';
import { useData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const seconds = 13;

let data: string;
useData((path) => {
  data = path;
});

const bytesOf = (location: string): Promise<Buffer> => readFile(fileOf(data, location));

const video = (modifier: string, container: string, gopSeconds = 2) => ({
  NameModifier: modifier,
  ContainerSettings: { Container: container },
  VideoDescription: {
    Width: 160,
    Height: 90,
    CodecSettings: {
      Codec: 'H_264',
      H264Settings: {
        RateControlMode: 'QVBR',
        MaxBitrate: 400_000,
        SceneChangeDetect: 'DISABLED',
        GopSize: gopSeconds,
        GopSizeUnits: 'SECONDS',
      },
    },
  },
});

function group(type: 'HLS' | 'CMAF' | 'DASH_ISO', settings: object, output: object) {
  const block = { HLS: 'HlsGroupSettings', CMAF: 'CmafGroupSettings', DASH_ISO: 'DashIsoGroupSettings' }[
    type
  ];
  return {
    OutputGroupSettings: { Type: `${type}_GROUP_SETTINGS`, [block]: settings },
    Outputs: [output],
  };
}

const hls = (folder: string, gopSeconds = 2) =>
  group(
    'HLS',
    { Destination: `s3://out/${folder}/x`, SegmentLength: 6, MinSegmentLength: 0 },
    {
      ...video('_v', 'M3U8', gopSeconds),
      OutputSettings: { HlsSettings: { IFrameOnlyManifest: 'INCLUDE' } },
    },
  );
const timed = { FragmentLength: 2, WriteSegmentTimelineInRepresentation: 'ENABLED' };
const dash = (folder: string, gopSeconds = 2) =>
  group(
    'DASH_ISO',
    { Destination: `s3://out/${folder}/x`, SegmentLength: 4, ...timed },
    video('_v', 'MPD', gopSeconds),
  );
const cmaf = (folder: string) =>
  group('CMAF', { Destination: `s3://out/${folder}/x`, SegmentLength: 10, ...timed }, video('_v', 'CMFC'));

async function makeSource(name: string, rate: string): Promise<object> {
  const file = fileOf(data, `s3://media/${name}.mp4`);
  const made = await openconvert(
    'sample',
    file,
    '--seconds',
    `${seconds}`,
    '--size',
    '160x90',
    '--rate',
    rate,
  );
  if (made.exitCode !== 0) throw new Error(made.stderr);
  return { FileInput: `s3://media/${name}.mp4` };
}

async function renditionsOf(job: object): Promise<number> {
  const { stdout } = await openconvert('check', await writeJob(data, job), '--data', data, '--json');
  return (JSON.parse(stdout) as { plan: { videoRenditions: unknown[] } }).plan.videoRenditions.length;
}

/** Pictures that a segment decodes to when it is all that a player has: it begins with a key frame, or there are fewer. */
function picturesOf(bytes: Buffer, extension: string): number {
  const [track] = decodeBytes(bytes, extension);
  expect(track?.errors).toBe(0);
  return track?.frames ?? 0;
}

async function lengthsOf(playlist: string): Promise<readonly string[]> {
  return (await readFile(fileOf(data, playlist), 'utf8')).match(/#EXTINF:.*/g) ?? [];
}

/** Lengths of the MPD's segments in ticks. */
function timelineOf(mpd: string): { readonly timescale: number; readonly lengths: readonly number[] } {
  const timescale = Number(/<SegmentTemplate[^>]* media=[^>]*timescale="(\d+)"/.exec(mpd)?.[1]);
  const lengths = [...mpd.matchAll(/<S t="\d+" d="(\d+)"(?: r="(\d+)")?\/>/g)].flatMap(([, d, r]) =>
    Array.from({ length: Number(r ?? 0) + 1 }, () => Number(d)),
  );
  return { timescale, lengths };
}

describe('one encode in three packages', patient, () => {
  // At 29.97 a boundary is the first picture at or after the whole second.
  test.each([
    ['25', '25/1', 25, { hls: [150, 150, 25], dash: [100, 100, 100, 25], cmaf: [250, 75] }],
    ['ntsc', '30000/1001', 30000 / 1001, { hls: [180, 180, 30], dash: [120, 120, 120, 30], cmaf: [300, 90] }],
  ])('is cut where each asks, at %s frames a second', async (name, rate, perSecond, frames) => {
    const inputs = [await makeSource(name, rate)];
    const job = { Inputs: inputs, OutputGroups: [hls(name), dash(`${name}d`), cmaf(`${name}c`)] };
    expect(await renditionsOf(job)).toBe(1);
    await completeJob(data, job);

    const playlist = `s3://out/${name}/x_v.m3u8`;
    const text = await readFile(fileOf(data, playlist), 'utf8');
    expect(text).toContain(`#EXT-X-TARGETDURATION:${name === '25' ? 6 : 7}\n`);
    const segments = readMediaPlaylist(text);
    expect(segments.map(({ duration }) => Math.round(duration * perSecond))).toEqual(frames.hls);
    const files = await Promise.all(segments.map(({ uri }) => bytesOf(locate(playlist, uri))));
    expect(files.map((bytes) => picturesOf(bytes, 'ts'))).toEqual(frames.hls);

    for (const [folder, extension, wanted] of [
      [`${name}d`, 'mp4', frames.dash],
      [`${name}c`, 'cmfv', frames.cmaf],
    ] as const) {
      const { timescale, lengths } = timelineOf(
        await readFile(fileOf(data, `s3://out/${folder}/x.mpd`), 'utf8'),
      );
      expect(lengths.map((ticks) => (ticks / timescale) * perSecond)).toEqual(
        wanted.map((count) => expect.closeTo(count, 6)),
      );
      const init = await bytesOf(`s3://out/${folder}/x_vinit.${extension}`);
      const pictures = await Promise.all(
        wanted.map(async (_, index) =>
          picturesOf(
            Buffer.concat([init, await bytesOf(`s3://out/${folder}/x_v_00000000${index + 1}.${extension}`)]),
            'mp4',
          ),
        ),
      );
      expect(pictures).toEqual(wanted);
    }

    // The plain twin: the group alone has the same segments and the same key frames in them.
    await completeJob(data, { Inputs: inputs, OutputGroups: [hls(`${name}alone`)] });
    for (const file of ['x_v.m3u8', 'x_v_I-Frame.m3u8'])
      expect(await lengthsOf(`s3://out/${name}/${file}`)).toEqual(
        await lengthsOf(`s3://out/${name}alone/${file}`),
      );
    expect(await lengthsOf(`s3://out/${name}/x_v_I-Frame.m3u8`)).toHaveLength(7);
  });

  test('serves a file and transport streams of H.265', async () => {
    const hevc = (container: string) => ({
      ...video('_v', container),
      VideoDescription: {
        Width: 160,
        Height: 90,
        CodecSettings: {
          Codec: 'H_265',
          H265Settings: { RateControlMode: 'QVBR', MaxBitrate: 400_000, QualityTuningLevel: 'SINGLE_PASS' },
        },
      },
    });
    const file = {
      OutputGroupSettings: {
        Type: 'FILE_GROUP_SETTINGS',
        FileGroupSettings: { Destination: 's3://out/hevc/film' },
      },
      Outputs: [hevc('MP4')],
    };
    const settings = { Destination: 's3://out/hevc/x', SegmentLength: 6, MinSegmentLength: 0 };
    const inputs = [await makeSource('hevc', '25/1')];
    const job = { Inputs: inputs, OutputGroups: [file, group('HLS', settings, hevc('M3U8'))] };
    expect(await renditionsOf(job)).toBe(1);
    await completeJob(data, job);
    const film = await bytesOf('s3://out/hevc/film_v.mp4');
    expect([film.includes('hev1'), film.includes('hvc1')]).toEqual([true, false]);
    expect(picturesOf(film, 'mp4')).toBe(25 * seconds);
    const segments = await Promise.all(
      [1, 2, 3].map(async (n) => picturesOf(await bytesOf(`s3://out/hevc/x_v_0000${n}.ts`), 'ts')),
    );
    expect(segments).toEqual([150, 150, 25]);
  });

  test('is two encodes where the key frames of one would cut the groups of the other', async () => {
    const inputs = [await makeSource('apart', '25/1')];
    const job = { Inputs: inputs, OutputGroups: [hls('apart', 3), dash('apartd', 3)] };
    expect(await renditionsOf(job)).toBe(2);
    const { findings } = await completeJob(data, job);
    expect(findings).toContainEqual(expect.objectContaining({ reason: 'encoded-again' }));
  });
});
