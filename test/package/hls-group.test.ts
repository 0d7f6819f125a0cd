/** Groups made from real encodes: what a player downloads decodes, lasts as long as it should, and is never ahead of the objects. */
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { createHlsGroupWriter } from '../../src/package/hls-group.ts';
import { decodeBytes } from './support/decode.ts';
import { driveGroup, feedAll, startAll } from './support/drive.ts';
import { audioOutput, hlsGroup, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks, makeGroup } from './support/made-group.ts';
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import {
  entriesOf,
  locate,
  readMediaPlaylist,
  readMultivariantPlaylist,
  textOf,
} from './support/read-playlists.ts';
import { readTransportStream } from './support/transport-stream.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
const twoSeconds = rational(2);
/** 5.4 s at 25 fps: segments of 2, 2 and 1.4 s. */
const video = tracks.video({ frames: 135, forcedKeyFrameSeconds: twoSeconds });
const smallVideo = tracks.video({
  frames: 135,
  widthPx: 96,
  heightPx: 54,
  forcedKeyFrameSeconds: twoSeconds,
});
const sound = tracks.audio({ seconds: 5.4 });
const german = tracks.audio({ seconds: 5.4, language: 'deu', streamName: 'Deutsch' });

describe('a ladder with sound in each rendition', () => {
  const outputs = [
    videoOutput(0, '_a', { audioRenditionIds: ['s'] }),
    videoOutput(1, '_b', { audioRenditionIds: ['s'] }),
  ];
  const made = makeGroup(outputs, [
    { outputIndex: 0, tracks: [video, sound] },
    { outputIndex: 1, tracks: [smallVideo, sound] },
  ]);

  it('writes segments that decode alone and hold every frame exactly once', async () => {
    const { objects } = await made;
    for (const playlist of ['s3://out/vod/clip_a.m3u8', 's3://out/vod/clip_b.m3u8']) {
      const decoded = entriesOf(objects, playlist).map(({ bytes }) => decodeBytes(bytes, 'ts'));
      const videoFrames = decoded.map(([picture]) => picture?.frames);
      expect(videoFrames).toEqual([50, 50, 35]);
      expect(decoded.flat().map(({ errors }) => errors)).toEqual([0, 0, 0, 0, 0, 0]);
      // Sound goes with the picture it begins under: 93.75 frames in 2 s, and one priming frame in front.
      expect(decoded.map(([, audio]) => audio?.packets)).toEqual([95, 94, 66]);
    }
  });

  it('has continuous timestamps from 2 s on, with sound and picture starting together', async () => {
    const { objects } = await made;
    const decoded = entriesOf(objects, 's3://out/vod/clip_a.m3u8').map(({ bytes }) =>
      decodeBytes(bytes, 'ts'),
    );
    const pictureTimes = decoded.flatMap(([picture]) => picture?.pts ?? []);
    expect(pictureTimes).toEqual(Array.from({ length: 135 }, (_, n) => 180_000 + n * 3600));
    const soundTimes = decoded.flatMap(([, audio]) => audio?.pts ?? []);
    expect(soundTimes).toEqual(soundTimes.map((_, n) => 180_000 - 1920 + n * 1920));
    expect(Math.abs((soundTimes[0] ?? 0) - 180_000) / 90).toBeLessThan(40);
  });

  it('begins each segment with PAT, PMT, SDT and lets the counters run on', async () => {
    const { objects } = await made;
    const segments = entriesOf(objects, 's3://out/vod/clip_a.m3u8');
    for (const { bytes } of segments) {
      const pids = readTransportStream(bytes).map(({ pid }) => pid);
      expect(pids.slice(0, 3)).toEqual([0, 480, 0x11]);
      expect(new Set(pids)).toEqual(new Set([0, 480, 0x11, 481, 482]));
      expect(pids.filter((pid) => pid === 0)).toHaveLength(1);
    }
    const packets = readTransportStream(Buffer.concat(segments.map(({ bytes }) => bytes)));
    for (const pid of [0, 480, 481, 482]) {
      const counters = packets
        .filter((packet) => packet.pid === pid && packet.hasPayload)
        .map(({ counter }) => counter);
      expect(counters).toEqual(counters.map((_, n) => n % 16));
    }
  });

  it('keeps the clock reference ahead of every timestamp and rising', async () => {
    const { objects } = await made;
    const bytes = Buffer.concat(
      entriesOf(objects, 's3://out/vod/clip_a.m3u8').map((segment) => segment.bytes),
    );
    let clock = -1;
    for (const { pcr, pts, dts } of readTransportStream(bytes)) {
      if (pcr !== null) {
        expect(pcr).toBeGreaterThan(clock);
        clock = pcr;
      }
      const decode = dts ?? pts;
      if (decode !== null) {
        expect(decode - clock).toBeGreaterThan(0);
        expect(decode - clock).toBeLessThan(90_000);
      }
    }
  });

  it('says in the playlists what was measured', async () => {
    const { objects, result } = await made;
    expect(textOf(objects, 's3://out/vod/clip_a.m3u8')).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:3',
        '#EXT-X-TARGETDURATION:2',
        '#EXT-X-MEDIA-SEQUENCE:1',
        '#EXT-X-PLAYLIST-TYPE:VOD',
        '#EXTINF:2.000,',
        'clip_a_00001.ts',
        '#EXTINF:2.000,',
        'clip_a_00002.ts',
        '#EXTINF:1.400,',
        'clip_a_00003.ts',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    );
    const sizes = entriesOf(objects, 's3://out/vod/clip_a.m3u8').map(({ duration, bytes }) => ({
      duration,
      bits: bytes.length * 8,
    }));
    const peak = Math.ceil(Math.max(...sizes.map(({ bits, duration }) => bits / duration)));
    const average = Math.ceil(sizes.reduce((sum, { bits }) => sum + bits, 0) / 5.4);
    expect(textOf(objects, 's3://out/vod/clip.m3u8')).toContain(
      `#EXT-X-STREAM-INF:BANDWIDTH=${peak},AVERAGE-BANDWIDTH=${average},CODECS="avc1.4d400b,mp4a.40.2",RESOLUTION=160x90,FRAME-RATE=25.000\nclip_a.m3u8\n`,
    );
    expect(readMultivariantPlaylist(textOf(objects, 's3://out/vod/clip.m3u8'))).toEqual([
      'clip_a.m3u8',
      'clip_b.m3u8',
    ]);
    const [first] = result.outputs;
    expect(first).toMatchObject({
      locations: ['s3://out/vod/clip_a.m3u8'],
      durationMs: 5400,
      video: { widthPx: 160, heightPx: 90, frames: 135 },
      audio: [{ samples: 259_200, sampleRateHz: 48_000 }],
    });
    for (const { location, sizeBytes } of first?.objects ?? [])
      expect(objects.visible.get(location)?.length).toBe(sizeBytes);
  });
});

describe('sound in renditions of its own', () => {
  const planned = [
    videoOutput(0, '_v', { audioRenditionIds: [] }),
    audioOutput(1, '_en', { audioGroupId: 'sound' }),
    audioOutput(2, '_de', { audioGroupId: 'sound', audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT' }),
  ];
  const made = makeGroup(planned, [
    { outputIndex: 0, tracks: [video] },
    { outputIndex: 1, tracks: [sound] },
    { outputIndex: 2, tracks: [german] },
  ]);

  it('cuts packed audio where the video is cut, with the first frames too many', async () => {
    const { objects } = await made;
    const segments = entriesOf(objects, 's3://out/vod/clip_en.m3u8');
    // 96,000 samples are 93.75 frames; one priming frame goes in front.
    expect(segments.map(({ bytes }) => decodeBytes(bytes, 'aac')[0]?.packets)).toEqual([95, 94, 66]);
    expect(segments.map(({ duration }) => duration)).toEqual([2.005, 2.006, 1.389]);
  });

  it('puts the time in front of each packed segment', async () => {
    const { objects } = await made;
    const times = entriesOf(objects, 's3://out/vod/clip_en.m3u8').map(({ bytes }) => {
      expect(bytes.subarray(0, 3).toString()).toBe('ID3');
      expect(bytes.subarray(10, 14).toString()).toBe('PRIV');
      const text = 'com.apple.streaming.transportStreamTimestamp\0';
      expect(bytes.subarray(20, 20 + text.length).toString()).toBe(text);
      return bytes.readBigUInt64BE(20 + text.length);
    });
    expect(times).toEqual([178_080n, 178_080n + 95n * 1920n, 178_080n + 189n * 1920n]);
  });

  it('offers both languages with the video', async () => {
    const { objects } = await made;
    const parent = textOf(objects, 's3://out/vod/clip.m3u8');
    expect(parent).toContain(
      'CODECS="avc1.4d400b,mp4a.40.2",RESOLUTION=160x90,FRAME-RATE=25.000,AUDIO="sound"',
    );
    expect(parent).toContain(
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",LANGUAGE="deu",NAME="Deutsch",AUTOSELECT=YES,DEFAULT=NO,CHANNELS="2",URI="clip_de.m3u8"',
    );
    expect(readMultivariantPlaylist(parent)).toEqual(['clip_v.m3u8', 'clip_en.m3u8', 'clip_de.m3u8']);
  });

  it('gives all playlists one target duration', async () => {
    const { objects } = await made;
    for (const name of ['_v', '_en', '_de']) {
      expect(textOf(objects, `s3://out/vod/clip${name}.m3u8`)).toContain('#EXT-X-TARGETDURATION:2\n');
    }
  });

  it('follows the video even when all sound arrives first', async () => {
    const objects = createMemoryObjects();
    const writer = createHlsGroupWriter(hlsGroup(planned), objects);
    const outputs = [
      { outputIndex: 0, tracks: [video] },
      { outputIndex: 1, tracks: [sound] },
      { outputIndex: 2, tracks: [german] },
    ];
    await startAll(writer, outputs);
    for (const output of [...outputs].reverse()) await feedAll(writer, [output]);
    for (const { outputIndex } of [...outputs].reverse()) await writer.outputWriter(outputIndex).finish();
    await writer.finish();
    const { objects: inOrder } = await made;
    for (const [location, body] of inOrder.visible)
      expect(objects.visible.get(location)?.equals(body), location).toBe(true);
  });
});

describe('progressive playlists', () => {
  const group = hlsGroup([videoOutput(0, '_v'), audioOutput(1, '_s')], {
    segmentSeconds: rational(1),
    progressiveManifests: true,
  });
  const pictures = tracks.video({ frames: 135, forcedKeyFrameSeconds: rational(1) });
  const outputs = [
    { outputIndex: 0, tracks: [pictures] },
    { outputIndex: 1, tracks: [sound] },
  ];

  /** Fails the test when a playlist is published that names something that cannot be read yet. */
  function watched(
    seen: { readonly location: string; readonly segments: number; readonly isComplete: boolean }[],
  ): MemoryObjects {
    const objects = createMemoryObjects((location, body) => {
      if (!location.endsWith('.m3u8')) return;
      const text = body.toString();
      const uris = text.includes('STREAM-INF')
        ? readMultivariantPlaylist(text)
        : readMediaPlaylist(text).map(({ uri }) => uri);
      for (const uri of uris) expect([...objects.visible.keys()]).toContain(locate(location, uri));
      seen.push({ location, segments: uris.length, isComplete: text.includes('#EXT-X-ENDLIST') });
    });
    return objects;
  }

  it('appear with the third segment, grow with each one, and never name what is not there', async () => {
    const seen: { location: string; segments: number; isComplete: boolean }[] = [];
    const objects = watched(seen);
    await driveGroup(createHlsGroupWriter(group, objects), outputs);
    expect([...objects.open]).toEqual([]);
    const child = seen.filter(({ location }) => location.endsWith('_v.m3u8'));
    expect(child.map(({ segments }) => segments)).toEqual([3, 4, 5, 6, 6]);
    expect(child.map(({ isComplete }) => isComplete)).toEqual([false, false, false, false, true]);
    expect(seen.at(-1)?.location).toBe('s3://out/vod/clip.m3u8');
    expect(seen.findIndex(({ location }) => location === 's3://out/vod/clip.m3u8')).toBeLessThan(
      seen.length - 3,
    );
  });

  it('leave only true playlists behind when the job stops in the middle', async () => {
    const seen: { location: string; segments: number; isComplete: boolean }[] = [];
    const objects = watched(seen);
    const writer = createHlsGroupWriter(group, objects);
    await startAll(writer, outputs);
    await feedAll(writer, outputs, 4.3);
    await writer.abort();
    await writer.abort();
    expect([...objects.open]).toEqual([]);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(({ isComplete }) => !isComplete)).toBe(true);
  });

  it('are not written when a segment fails, and the failure reaches the engine', async () => {
    const objects: MemoryObjects = createMemoryObjects((location) => {
      if (location.endsWith('_v_00002.ts')) throw new Error('the store refuses');
    });
    const writer = createHlsGroupWriter(group, objects);
    await expect(driveGroup(writer, outputs)).rejects.toThrow('the store refuses');
    await writer.abort();
    expect([...objects.open]).toEqual([]);
    expect(
      [...objects.visible.keys()].filter(
        (location) => location.endsWith('_v.m3u8') || location.endsWith('clip.m3u8'),
      ),
    ).toEqual([]);
  });
});
