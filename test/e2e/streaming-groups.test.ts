/** Streaming groups as documents ask for them, made by `openconvert run` and read as players read them. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeNumberedClip } from '../engine/numbered-media.ts';
import { locate, readMediaPlaylist, readMultivariantPlaylist } from '../package/support/read-playlists.ts';
import { completeJob, fileOf, filesBelow } from './run-report.ts';
import { clip, hlsSettings, useData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };

let data: string;
useData((path) => {
  data = path;
});

const textOf = (location: string): Promise<string> => readFile(fileOf(data, location), 'utf8');

const [ladder] = (hlsSettings('s3://out/ladder/main') as { readonly OutputGroups: readonly Group[] })
  .OutputGroups;
interface Group {
  readonly OutputGroupSettings: { readonly HlsGroupSettings: object };
  readonly Outputs: readonly { readonly VideoDescription?: object; readonly AudioDescriptions?: object[] }[];
}
const [rung, , sound] = ladder?.Outputs ?? [];

const inputs = [
  { FileInput: clip.location, AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } } },
];

function streamingGroup(type: 'HLS' | 'CMAF' | 'DASH_ISO', settings: object, outputs: readonly object[]) {
  const block = { HLS: 'HlsGroupSettings', CMAF: 'CmafGroupSettings', DASH_ISO: 'DashIsoGroupSettings' }[
    type
  ];
  return {
    OutputGroupSettings: {
      Type: `${type}_GROUP_SETTINGS`,
      [block]: {
        SegmentLength: 1,
        ...(type === 'HLS' ? { MinSegmentLength: 0 } : { FragmentLength: 1 }),
        ...settings,
      },
    },
    Outputs: outputs,
  };
}

const radio = (modifier: string, container: string, more: object = {}) => ({
  NameModifier: modifier,
  ContainerSettings: { Container: container },
  AudioDescriptions: sound?.AudioDescriptions,
  ...more,
});
const film = (modifier: string, container: string) => ({
  NameModifier: modifier,
  ContainerSettings: { Container: container },
  VideoDescription: rung?.VideoDescription,
});

describe('sound without pictures', patient, () => {
  test('is played from the playlist of its group, and from one that selects it alone', async () => {
    const alternate = {
      OutputSettings: { HlsSettings: { AudioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' } },
    };
    await completeJob(data, {
      Inputs: inputs,
      OutputGroups: [
        streamingGroup('CMAF', { Destination: 's3://out/cmaf/x' }, [radio('_a', 'CMFC')]),
        streamingGroup('HLS', { Destination: 's3://out/hls/x' }, [radio('_a', 'M3U8', alternate)]),
        streamingGroup(
          'HLS',
          {
            Destination: 's3://out/both/x',
            AdditionalManifests: [{ ManifestNameModifier: '_radio', SelectedOutputs: ['_a'] }],
          },
          [film('_v', 'M3U8'), radio('_a', 'M3U8', alternate)],
        ),
      ],
    });
    for (const parent of ['s3://out/cmaf/x.m3u8', 's3://out/hls/x.m3u8', 's3://out/both/x_radio.m3u8']) {
      const text = await textOf(parent);
      expect(text.match(/#EXT-X-STREAM-INF.*\n.*/g)).toEqual([
        expect.stringMatching(/CODECS="mp4a.40.2",AUDIO="program_audio_0"\nx_a.m3u8$/),
      ]);
      expect(readMultivariantPlaylist(text)).toEqual(['x_a.m3u8']);
      const segments = readMediaPlaylist(await textOf(locate(parent, 'x_a.m3u8')));
      const seconds = segments.reduce((sum, { duration }) => sum + duration, 0);
      expect(Math.abs(seconds * 1000 - clip.durationMs)).toBeLessThan(50);
    }
  });
});

describe('names with counters', patient, () => {
  test('hold as many digits as asked in DASH and CMAF, and the manifests name them', async () => {
    await completeJob(data, {
      Inputs: inputs,
      OutputGroups: [
        streamingGroup('DASH_ISO', { Destination: 's3://out/numbers/x' }, [
          film('_v$Number%05$', 'MPD'),
          radio('_a$Number%05$', 'MPD'),
        ]),
        streamingGroup('CMAF', { Destination: 's3://out/times/x' }, [
          film('_v$Time%07$', 'CMFC'),
          radio('_a$Time$', 'CMFC'),
        ]),
        streamingGroup('CMAF', { Destination: 's3://out/dollars/x' }, [film('_$$Number$$', 'CMFC')]),
        streamingGroup('CMAF', { Destination: 's3://out/%01t/x%05d' }, [film('_v%03d', 'CMFC')]),
      ],
    });
    expect(await filesBelow(fileOf(data, 's3://out/numbers'))).toEqual([
      'x.mpd',
      ...['x_a00001.mp4', 'x_a00002.mp4', 'x_a00003.mp4', 'x_ainit.mp4'],
      ...['x_v00001.mp4', 'x_v00002.mp4', 'x_v00003.mp4', 'x_vinit.mp4'],
    ]);
    expect(await textOf('s3://out/numbers/x.mpd')).toContain('media="x_v$Number%05d$.mp4"');

    const times = await filesBelow(fileOf(data, 's3://out/times'));
    expect(times.filter((name) => name.endsWith('.cmfv'))).toEqual([
      ...['x_v0000000.cmfv', 'x_v0090000.cmfv', 'x_v0180000.cmfv', 'x_vinit.cmfv'],
    ]);
    expect(await textOf('s3://out/times/x.mpd')).toContain('media="x_v$Time%07d$.cmfv"');
    expect(await textOf('s3://out/times/x_v.m3u8')).toContain('\nx_v0090000.cmfv\n');

    expect(await filesBelow(fileOf(data, 's3://out/dollars'))).toContain('x_$Number$_000000002.cmfv');
    expect(await textOf('s3://out/dollars/x.mpd')).toContain('media="x_$$Number$$_$Number%09d$.cmfv"');

    // Text that looks like a counter is text.
    expect(await filesBelow(fileOf(data, 's3://out/%01t'))).toContain('x%05d_v%03d_000000002.cmfv');
    expect(await textOf('s3://out/%01t/x%05d.mpd')).toContain('media="x%2505d_v%2503d_$Number%09d$.cmfv"');
  });
});

describe('pictures that are passed through beside encoded ones', patient, () => {
  test('are cut at their own key frames, and the MPD calls the set aligned only where it is', async () => {
    const copied = (frames: number): string => {
      const location = `s3://media/key-frames-${frames}.mp4`;
      makeNumberedClip(fileOf(data, location), {
        frames: 100,
        frameRate: [25, 1],
        muxer: 'mp4',
        audio: null,
        video: { gopFrames: frames },
      });
      return location;
    };
    const alignmentOf = async (frames: number): Promise<readonly string[]> => {
      const copy = {
        NameModifier: '_copy',
        ContainerSettings: { Container: 'MPD' },
        VideoDescription: { CodecSettings: { Codec: 'PASSTHROUGH' } },
      };
      await completeJob(data, {
        Inputs: [{ FileInput: copied(frames) }],
        OutputGroups: [
          streamingGroup('DASH_ISO', { Destination: `s3://out/beside-${frames}/x` }, [
            film('_v', 'MPD'),
            copy,
          ]),
        ],
      });
      const text = await textOf(`s3://out/beside-${frames}/x.mpd`);
      return [...text.matchAll(/ (?:sub)?segmentAlignment="(\w+)"/gi)].map(([, value = '']) => value);
    };
    expect(await alignmentOf(25)).toEqual(['true', 'true']);
    expect(await alignmentOf(36)).toEqual(['false', 'false']);
  });
});
