/** What `openconvert run` makes, seen with the eyes of players: every object decoded, every playlist parsed. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { watchMedia } from '../engine/watch-media.ts';
import { type DecodedTrack, decodeBytes } from '../package/support/decode.ts';
import { locate, readMediaPlaylist, readMultivariantPlaylist } from '../package/support/read-playlists.ts';
import { changed, completeJob, fileOf, filesBelow } from './run-report.ts';
import { clip, hlsSettings, mp4Settings, useData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const output = '/OutputGroups/0/Outputs/0';

let data: string;
useData((path) => {
  data = path;
});

describe('an HLS ladder with the sound as a rendition of its own', patient, () => {
  test('is accepted by independent parsers, names only objects that exist, and every segment decodes alone', async () => {
    const { outputGroupDetails } = await completeJob(data, hlsSettings('s3://out/ladder/main'));
    expect(outputGroupDetails).toMatchObject([
      {
        type: 'HLS_GROUP',
        playlistFilePaths: ['s3://out/ladder/main.m3u8'],
        outputDetails: [
          {
            outputFilePaths: ['s3://out/ladder/main_180.m3u8'],
            videoDetails: { widthInPx: 320, heightInPx: 180 },
          },
          {
            outputFilePaths: ['s3://out/ladder/main_90.m3u8'],
            videoDetails: { widthInPx: 160, heightInPx: 90 },
          },
          { outputFilePaths: ['s3://out/ladder/main_audio.m3u8'] },
        ],
      },
    ]);
    const children = readMultivariantPlaylist(await textOf('s3://out/ladder/main.m3u8'));
    expect([...children].sort()).toEqual(['main_180.m3u8', 'main_90.m3u8', 'main_audio.m3u8']);

    const soundStart = packedAudioStart(await readFile(fileOf(data, 's3://out/ladder/main_audio_00001.aac')));
    for (const name of ['main_180.m3u8', 'main_90.m3u8']) {
      const videos = (await decodeRendition(`s3://out/ladder/${name}`)).map((tracks) =>
        trackOf(tracks, 'video'),
      );
      expect(videos.map(({ frames, errors }) => [frames, errors])).toEqual([
        [30, 0],
        [30, 0],
        [30, 0],
      ]);
      expect(Math.abs((videos[0]?.pts[0] ?? 0) - soundStart) / 90).toBeLessThanOrEqual(40);
    }
    const sound = await decodeRendition('s3://out/ladder/main_audio.m3u8');
    expect(sound.flat().every(({ kind, errors }) => kind === 'audio' && errors === 0)).toBe(true);
    const samples = sound.reduce((sum, tracks) => sum + trackOf(tracks, 'audio').samples, 0);
    expect(Math.abs(samples / 48 - clip.durationMs)).toBeLessThanOrEqual(50);

    const named = [...children, 'main.m3u8'].map((name) => `s3://out/ladder/${name}`);
    for (const child of children) named.push(...(await segmentsOf(`s3://out/ladder/${child}`)));
    expect(await filesBelow(fileOf(data, 's3://out/ladder'))).toEqual(
      named.map((location) => path.basename(location)).sort(),
    );
  });

  test('and one with sound in every segment: picture and sound begin together in each', async () => {
    const ladder = hlsSettings('s3://out/muxed/main') as { OutputGroups: { Outputs: object[] }[] };
    const [first, , sound] = ladder.OutputGroups[0]?.Outputs ?? [];
    const { AudioDescriptions } = sound as { AudioDescriptions: object[] };
    const muxed = changed(ladder, { '/OutputGroups/0/Outputs': [{ ...first, AudioDescriptions }] });
    await completeJob(data, muxed);
    const segments = await decodeRendition('s3://out/muxed/main_180.m3u8');
    const frames = segments.reduce((sum, tracks) => sum + trackOf(tracks, 'video').frames, 0);
    expect(frames).toBe(clip.frames);
    for (const tracks of segments) {
      const [video, audio] = [trackOf(tracks, 'video'), trackOf(tracks, 'audio')];
      expect(Math.abs((video.pts[0] ?? 0) - (audio.pts[0] ?? 1e9)) / 90).toBeLessThanOrEqual(40);
      expect(video.errors + audio.errors).toBe(0);
    }
  });
});

describe('segments named by the time of their completion', patient, () => {
  test('are written, and the playlist names them', async () => {
    const hls = changed(hlsSettings('s3://out/timed/main'), {
      '/OutputGroups/0/Outputs/0/OutputSettings': { HlsSettings: { SegmentModifier: '_$dt$' } },
    });
    await completeJob(data, hls);
    const segments = await segmentsOf('s3://out/timed/main_180.m3u8');
    expect(segments).toHaveLength(3);
    for (const segment of segments)
      expect(segment).toMatch(/^s3:\/\/out\/timed\/main_180_\d{8}T\d{6}_0000[123]\.ts$/);
    expect(await filesBelow(fileOf(data, 's3://out/timed'))).toEqual(
      expect.arrayContaining(segments.map((segment) => path.basename(segment))),
    );
  });
});

describe('file outputs', patient, () => {
  test('frame capture takes as many pictures as the rate says, numbers them from 0 and reports the last', async () => {
    const settings = changed(mp4Settings('s3://out/film'), {
      '/OutputGroups/1': {
        OutputGroupSettings: {
          Type: 'FILE_GROUP_SETTINGS',
          FileGroupSettings: { Destination: 's3://out/pictures/film' },
        },
        Outputs: [
          {
            NameModifier: '_thumb',
            ContainerSettings: { Container: 'RAW' },
            VideoDescription: {
              Width: 160,
              Height: 90,
              CodecSettings: {
                Codec: 'FRAME_CAPTURE',
                FrameCaptureSettings: { FramerateNumerator: 2, FramerateDenominator: 1, Quality: 90 },
              },
            },
          },
        ],
      },
    });
    const { outputGroupDetails } = await completeJob(data, settings);
    expect(outputGroupDetails[1]?.outputDetails).toMatchObject([
      { outputFilePaths: ['s3://out/pictures/film_thumb.0000005.jpg'] },
    ]);
    const pictures = await filesBelow(fileOf(data, 's3://out/pictures'));
    expect(pictures).toEqual([0, 1, 2, 3, 4, 5].map((number) => `film_thumb.000000${number}.jpg`));
    for (const picture of pictures) {
      const { video } = await watchMedia(fileOf(data, `s3://out/pictures/${picture}`));
      expect(video).toMatchObject({ widthPx: 160, heightPx: 90, decodeErrors: 0 });
      expect(video.times).toHaveLength(1);
    }
  });

  test('RAW is the bare H.264 stream', async () => {
    const settings = changed(mp4Settings('s3://out/raw'), {
      [`${output}/ContainerSettings/Container`]: 'RAW',
      [`${output}/AudioDescriptions`]: undefined,
    });
    const { outputGroupDetails } = await completeJob(data, settings);
    expect(outputGroupDetails[0]?.outputDetails[0]?.outputFilePaths).toEqual(['s3://out/raw.h264']);
    const bytes = await readFile(fileOf(data, 's3://out/raw.h264'));
    expect(bytes.subarray(0, 4).toString('hex')).toBe('00000001');
    const { tracks, video } = await watchMedia(fileOf(data, 's3://out/raw.h264'));
    expect(tracks).toHaveLength(1);
    expect(video.times).toHaveLength(clip.frames);
  });

  test('H.265 in MP4 is marked for players and has every frame', async () => {
    const settings = changed(mp4Settings('s3://out/hevc'), {
      [`${output}/VideoDescription/CodecSettings`]: {
        Codec: 'H_265',
        H265Settings: {
          RateControlMode: 'QVBR',
          MaxBitrate: 400_000,
          QualityTuningLevel: 'SINGLE_PASS',
          WriteMp4PackagingType: 'HVC1',
        },
      },
    });
    await completeJob(data, settings);
    const { video, audio } = await watchMedia(fileOf(data, 's3://out/hevc.mp4'));
    expect(video).toMatchObject({ codecTag: 'hvc1', widthPx: 160, heightPx: 90, decodeErrors: 0 });
    expect(video.times).toHaveLength(clip.frames);
    expect(Math.abs((video.times[0] ?? 1) - (audio.times[0] ?? 0))).toBeLessThanOrEqual(0.04);
  });

  test('a rotated input comes out turned clockwise, with its sides exchanged', async () => {
    const settings = changed(mp4Settings('s3://out/turned'), {
      '/Inputs/0/VideoSelector': { Rotate: 'DEGREES_90' },
      [`${output}/VideoDescription/Width`]: undefined,
      [`${output}/VideoDescription/Height`]: undefined,
    });
    await completeJob(data, settings);
    const source = await watchMedia(fileOf(data, clip.location));
    const turned = await watchMedia(fileOf(data, 's3://out/turned.mp4'));
    expect(turned.video).toMatchObject({ widthPx: 180, heightPx: 320 });
    const [topLeft = 0, topRight = 0, bottomLeft = 0, bottomRight = 0] = source.video.quarters ?? [];
    const expected = [bottomLeft, topLeft, bottomRight, topRight];
    for (const [place, luma] of (turned.video.quarters ?? []).entries())
      expect(Math.abs(luma - (expected[place] ?? 0))).toBeLessThanOrEqual(4);
    // Otherwise an unturned picture would pass.
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(8);
  });

  test('FIT keeps the shape of the picture inside the asked frame', async () => {
    const settings = changed(mp4Settings('s3://out/fit'), {
      [`${output}/VideoDescription/Width`]: 200,
      [`${output}/VideoDescription/Height`]: 200,
      [`${output}/VideoDescription/ScalingBehavior`]: 'FIT',
    });
    const { outputGroupDetails } = await completeJob(data, settings);
    expect(outputGroupDetails[0]?.outputDetails[0]?.videoDetails).toMatchObject({
      widthInPx: 200,
      heightInPx: 112,
    });
    expect((await watchMedia(fileOf(data, 's3://out/fit.mp4'))).video).toMatchObject({
      widthPx: 200,
      heightPx: 112,
    });
  });

  test('several groups of one job are all made, and reported in the order of the job', async () => {
    const [hls] = (hlsSettings('s3://out/both/main') as { OutputGroups: object[] }).OutputGroups;
    const settings = changed(mp4Settings('s3://out/both/file'), { '/OutputGroups/1': hls });
    const { outputGroupDetails } = await completeJob(data, settings);
    expect(outputGroupDetails.map(({ type }) => type)).toEqual(['FILE_GROUP', 'HLS_GROUP']);
    expect((await watchMedia(fileOf(data, 's3://out/both/file.mp4'))).video.times).toHaveLength(clip.frames);
    expect(await segmentsOf('s3://out/both/main_90.m3u8')).toHaveLength(3);
  });
});

function textOf(location: string): Promise<string> {
  return readFile(fileOf(data, location), 'utf8');
}

async function segmentsOf(playlist: string): Promise<readonly string[]> {
  return readMediaPlaylist(await textOf(playlist)).map(({ uri }) => locate(playlist, uri));
}

/** Tracks of each segment, decoded as a file of its own. */
async function decodeRendition(playlist: string): Promise<readonly (readonly DecodedTrack[])[]> {
  const segments: (readonly DecodedTrack[])[] = [];
  for (const segment of await segmentsOf(playlist))
    segments.push(decodeBytes(await readFile(fileOf(data, segment)), path.extname(segment).slice(1)));
  return segments;
}

/** The timestamp, in ticks of 90 kHz, that a packed audio segment begins with (RFC 8216 3.4). */
function packedAudioStart(segment: Buffer): number {
  const owner = 'com.apple.streaming.transportStreamTimestamp\0';
  const at = segment.indexOf(owner, 0, 'latin1');
  if (segment.toString('latin1', 0, 3) !== 'ID3' || at < 0) throw new Error('the segment has no timestamp');
  return Number(segment.readBigUInt64BE(at + owner.length));
}

function trackOf(tracks: readonly DecodedTrack[], kind: DecodedTrack['kind']): DecodedTrack {
  const found = tracks.find((track) => track.kind === kind);
  if (found === undefined) throw new Error(`a segment has no ${kind}`);
  return found;
}
