/** Segment rules on real encodes: awkward rates, merges, single files, key-frame playlists, sound without video. */

import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { decodeBytes } from './support/decode.ts';
import { audioOutput, videoOutput } from './support/hls-plan.ts';
import { createTinyTracks, makeGroup } from './support/made-group.ts';
import { entriesOf } from './support/read-playlists.ts';
import { readTransportStream } from './support/transport-stream.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
const playlist = 's3://out/vod/clip_v.m3u8';

describe('cuts', () => {
  it('are the first frames at or after k × 2 s at 29.97 frames a second', async () => {
    const ntsc = tracks.video({
      frames: 150,
      frameRate: rational(30_000, 1001),
      forcedKeyFrameSeconds: rational(2),
    });
    const { objects } = await makeGroup([videoOutput(0, '_v')], [{ outputIndex: 0, tracks: [ntsc] }]);
    const seen = entriesOf(objects, playlist);
    expect(seen.map(({ duration }) => duration)).toEqual([2.002, 2.002, 1.001]);
    expect(seen.map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([60, 60, 30]);
    expect(objects.visible.get('s3://out/vod/clip.m3u8')?.toString()).toContain('FRAME-RATE=29.970');
    expect(objects.visible.get(playlist)?.toString()).toContain('#EXT-X-TARGETDURATION:3\n');
  });

  it('stay the same over renditions of different frame rates', async () => {
    const full = tracks.video({ frames: 150, frameRate: rational(30), forcedKeyFrameSeconds: rational(2) });
    const half = tracks.video({ frames: 75, frameRate: rational(15), forcedKeyFrameSeconds: rational(2) });
    const { objects } = await makeGroup(
      [videoOutput(0, '_v'), videoOutput(1, '_h')],
      [
        { outputIndex: 0, tracks: [full] },
        { outputIndex: 1, tracks: [half] },
      ],
    );
    const durations = entriesOf(objects, playlist).map(({ duration }) => duration);
    expect(durations).toEqual([2, 2, 1]);
    expect(entriesOf(objects, 's3://out/vod/clip_h.m3u8').map(({ duration }) => duration)).toEqual(durations);
  });

  it('wait for the next group of pictures with GOP_MULTIPLE', async () => {
    const groups = tracks.video({ frames: 125, gopFrames: 30 });
    const { objects } = await makeGroup([videoOutput(0, '_v')], [{ outputIndex: 0, tracks: [groups] }], {
      segmentLengthControl: 'GOP_MULTIPLE',
    });
    // Groups of 1.2 s: two of them make 2.4 s.
    expect(entriesOf(objects, playlist).map(({ duration }) => duration)).toEqual([2.4, 2.4, 0.2]);
  });

  it('fall on instantaneous refreshes only, never on open groups', async () => {
    const options = { 'x264-params': 'bframes=2:b-adapt=0:open-gop=1:keyint=25' };
    const open = tracks.video({ frames: 100, gopFrames: 25, options });
    expect(open.packets.filter((packet) => packet.isKeyframe)).toHaveLength(4);
    const made = await makeGroup([videoOutput(0, '_v')], [{ outputIndex: 0, tracks: [open] }], {
      segmentSeconds: rational(1),
    });
    expect(entriesOf(made.objects, playlist).map(({ duration }) => duration)).toEqual([4]);
  });

  it('take H.265 with its parameter sets in every segment', async () => {
    const hevc = tracks.video({ frames: 100, codec: 'H_265', forcedKeyFrameSeconds: rational(2) });
    const { objects } = await makeGroup([videoOutput(0, '_v')], [{ outputIndex: 0, tracks: [hevc] }]);
    expect(entriesOf(objects, playlist).map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([
      50, 50,
    ]);
    expect(objects.visible.get('s3://out/vod/clip.m3u8')?.toString()).toMatch(/CODECS="hvc1\.1\.6\.L30\.90"/);
  });

  it('put parameter sets back that the encoder keeps outside of the stream', async () => {
    const headless = tracks.video({ frames: 100, forcedKeyFrameSeconds: rational(2), globalHeader: true });
    const { objects } = await makeGroup([videoOutput(0, '_v')], [{ outputIndex: 0, tracks: [headless] }]);
    expect(entriesOf(objects, playlist).map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([
      50, 50,
    ]);
    expect(objects.visible.get('s3://out/vod/clip.m3u8')?.toString()).toContain('CODECS="avc1.4d400b"');
  });
});

describe('a last segment shorter than minFinalSegmentLength', () => {
  const short = tracks.video({ frames: 112, forcedKeyFrameSeconds: rational(2) });
  const tone = tracks.audio({ seconds: 4.48 });
  const outputs = [
    videoOutput(0, '_v', { iFramePlaylistLocation: 's3://out/vod/clip_v_I-Frame.m3u8' }),
    audioOutput(1, '_s'),
  ];
  const driven = [
    { outputIndex: 0, tracks: [short] },
    { outputIndex: 1, tracks: [tone] },
  ];

  it('goes to the one before, in every rendition', async () => {
    const { objects } = await makeGroup(outputs, driven, { minFinalSegmentSeconds: 1 });
    expect(entriesOf(objects, playlist).map(({ duration }) => duration)).toEqual([2, 2.48]);
    expect(entriesOf(objects, playlist).map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([
      50, 62,
    ]);
    expect(entriesOf(objects, 's3://out/vod/clip_s.m3u8').map(({ duration }) => duration)).toEqual([
      2.005, 2.475,
    ]);
    const keys = entriesOf(objects, 's3://out/vod/clip_v_I-Frame.m3u8');
    expect(keys.map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([1, 1, 1]);
  });

  it('stands when it is long enough', async () => {
    const { objects } = await makeGroup(outputs, driven, { minFinalSegmentSeconds: 0.4 });
    expect(entriesOf(objects, playlist).map(({ duration }) => duration)).toEqual([2, 2, 0.48]);
    expect(entriesOf(objects, 's3://out/vod/clip_s.m3u8').map(({ duration }) => duration)).toEqual([
      2.005, 2.006, 0.469,
    ]);
  });

  it('stands without the setting', async () => {
    const { objects } = await makeGroup(outputs, driven);
    expect(entriesOf(objects, playlist).map(({ duration }) => duration)).toEqual([2, 2, 0.48]);
  });
});

describe('SINGLE_FILE', () => {
  it('names byte ranges of one object, each of which decodes alone, and is listed only when it is whole', async () => {
    const film = tracks.video({ frames: 125, forcedKeyFrameSeconds: rational(2) });
    const tone = tracks.audio({ seconds: 5 });
    const { objects, result } = await makeGroup(
      [
        videoOutput(0, '_v', { audioRenditionIds: ['s'], segmentLocation: 's3://out/vod/clip_v.ts' }),
        audioOutput(1, '_s', { segmentLocation: 's3://out/vod/clip_s.aac' }),
      ],
      [
        { outputIndex: 0, tracks: [film, tone] },
        { outputIndex: 1, tracks: [tone] },
      ],
      { segmentControl: 'SINGLE_FILE', progressiveManifests: true },
    );
    const seen = entriesOf(objects, playlist);
    expect(seen.map(({ uri }) => uri)).toEqual(['clip_v.ts', 'clip_v.ts', 'clip_v.ts']);
    expect(seen.map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([50, 50, 25]);
    expect(Buffer.concat(seen.map(({ bytes }) => bytes)).length).toBe(
      objects.visible.get('s3://out/vod/clip_v.ts')?.length,
    );
    const packed = entriesOf(objects, 's3://out/vod/clip_s.m3u8');
    expect(packed.map(({ bytes }) => decodeBytes(bytes, 'aac')[0]?.packets)).toEqual([95, 94, 47]);
    expect(objects.visible.get(playlist)?.toString()).toContain('#EXT-X-VERSION:4\n');
    expect(objects.publishes.filter((location) => location === playlist)).toHaveLength(1);
    expect(result.outputs[0]?.objects.map(({ location }) => location)).toEqual([
      's3://out/vod/clip_v.ts',
      playlist,
    ]);
  });
});

describe('key-frame playlists', () => {
  it('name bytes that decode to one picture each, at the right times', async () => {
    const film = tracks.video({ frames: 125, forcedKeyFrameSeconds: rational(2), gopFrames: 20 });
    const tone = tracks.audio({ seconds: 5 });
    const { objects } = await makeGroup(
      [
        videoOutput(0, '_v', {
          audioRenditionIds: ['s'],
          iFramePlaylistLocation: 's3://out/vod/clip_v_I-Frame.m3u8',
        }),
      ],
      [{ outputIndex: 0, tracks: [film, tone] }],
    );
    const keys = entriesOf(objects, 's3://out/vod/clip_v_I-Frame.m3u8');
    const decoded = keys.map(({ bytes }) => decodeBytes(bytes, 'ts').find(({ kind }) => kind === 'video'));
    expect(decoded.map((picture) => picture?.frames)).toEqual(keys.map(() => 1));
    let at = 0;
    const starts = keys.map(({ duration }) => {
      const start = at;
      at += duration;
      return 180_000 + Math.round(start * 90_000);
    });
    expect(decoded.map((picture) => picture?.pts[0])).toEqual(starts);
    expect(at).toBeCloseTo(5, 6);
    expect(objects.visible.get('s3://out/vod/clip.m3u8')?.toString()).toMatch(
      /clip_v\.m3u8\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.4d400b",RESOLUTION=160x90,URI="clip_v_I-Frame\.m3u8"\n/,
    );
  });
});

describe('sound', () => {
  it('alone is cut on the plain grid, packed or in a transport stream', async () => {
    const tone = tracks.audio({ seconds: 5 });
    const { objects } = await makeGroup(
      [
        audioOutput(0, '_p', { audioTrackType: 'AUDIO_ONLY_VARIANT_STREAM' }),
        audioOutput(1, '_t', {
          audioTrackType: 'AUDIO_ONLY_VARIANT_STREAM',
          segmentFormat: 'mpegts',
          segmentLocation: 's3://out/vod/clip_t_%05d.ts',
          pids: { video: 0, audio: [482], pmt: 480, pcr: 482 },
        }),
      ],
      [
        { outputIndex: 0, tracks: [tone] },
        { outputIndex: 1, tracks: [tone] },
      ],
    );
    for (const [name, extension] of [
      ['_p', 'aac'],
      ['_t', 'ts'],
    ] as const) {
      const seen = entriesOf(objects, `s3://out/vod/clip${name}.m3u8`);
      expect(seen.map(({ duration }) => duration)).toEqual([2.005, 2.006, 0.989]);
      expect(seen.map(({ bytes }) => decodeBytes(bytes, extension)[0]?.packets)).toEqual([95, 94, 47]);
    }
    expect(objects.visible.get('s3://out/vod/clip.m3u8')?.toString()).toMatch(
      /#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="mp4a.40.2"\nclip_p.m3u8\n/,
    );
  });

  it('that outlasts the video by far goes on in segments of its own; a last frame too many does not', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(2) });
    const long = tracks.audio({ seconds: 7 });
    const outputs = [videoOutput(0, '_v', { audioRenditionIds: ['s'] }), audioOutput(1, '_s')];
    const { objects } = await makeGroup(outputs, [
      { outputIndex: 0, tracks: [film, long] },
      { outputIndex: 1, tracks: [long] },
    ]);
    expect(entriesOf(objects, 's3://out/vod/clip_s.m3u8').map(({ duration }) => duration)).toEqual([
      4.011, 2.005, 0.984,
    ]);
    const muxed = entriesOf(objects, playlist);
    expect(muxed.reduce((sum, { duration }) => sum + duration, 0)).toBeCloseTo(7, 2);
    const packets = muxed.flatMap(({ bytes }) =>
      decodeBytes(bytes, 'ts').filter(({ kind }) => kind === 'audio'),
    );
    expect(packets.reduce((sum, track) => sum + track.packets, 0)).toBe(long.packets.length);

    const close = tracks.audio({ seconds: 2.01 });
    const { objects: tight } = await makeGroup(outputs, [
      { outputIndex: 0, tracks: [film, close] },
      { outputIndex: 1, tracks: [close] },
    ]);
    expect(entriesOf(tight, playlist).map(({ duration }) => duration)).toEqual([2]);
    expect(entriesOf(tight, 's3://out/vod/clip_s.m3u8')).toHaveLength(1);
  });

  it('keeps languages and PIDs, and as many frames in a PES packet as asked', async () => {
    const film = tracks.video({ frames: 50, forcedKeyFrameSeconds: rational(2) });
    const english = tracks.audio({ seconds: 2 });
    const german = tracks.audio({ seconds: 2, language: 'deu' });
    const output = videoOutput(0, '_v', {
      audioRenditionIds: ['e', 'd'],
      pesAudioFrames: 3,
      pids: { video: 100, audio: [201, 202], pmt: 99, pcr: 100 },
    });
    const { objects } = await makeGroup([output], [{ outputIndex: 0, tracks: [film, english, german] }]);
    const [segment] = entriesOf(objects, playlist);
    const bytes = segment?.bytes ?? Buffer.alloc(0);
    expect(decodeBytes(bytes, 'ts').map(({ id, language }) => ({ id, language }))).toEqual([
      { id: 100, language: null },
      { id: 201, language: 'eng' },
      { id: 202, language: 'deu' },
    ]);
    const times = readTransportStream(bytes)
      .filter(({ pid, pts }) => pid === 201 && pts !== null)
      .map(({ pts }) => pts);
    expect(times).toEqual(times.map((_, n) => 178_080 + n * 3 * 1920));
  });
});

describe('clock references on another PID', () => {
  const film = tracks.video({ frames: 100, forcedKeyFrameSeconds: rational(2) });
  const tone = tracks.audio({ seconds: 4 });
  const driven = [{ outputIndex: 0, tracks: [film, tone] }];
  const muxedOutput = (pcr: number) =>
    videoOutput(0, '_v', {
      audioRenditionIds: ['s'],
      iFramePlaylistLocation: 's3://out/vod/clip_v_I-Frame.m3u8',
      pids: { video: 481, audio: [482], pmt: 480, pcr },
    });
  const packetsOf = async (pcr: number) => {
    const { objects } = await makeGroup([muxedOutput(pcr)], driven);
    const segments = entriesOf(objects, playlist);
    const keys = entriesOf(objects, 's3://out/vod/clip_v_I-Frame.m3u8');
    return { segments, keys, packets: segments.flatMap(({ bytes }) => readTransportStream(bytes)) };
  };

  it.each([
    ['of its own', 490],
    ['of the sound', 482],
  ])('have a PID %s', async (_, pid) => {
    const usual = await packetsOf(481);
    const { segments, keys, packets } = await packetsOf(pid);
    const clocks = packets.filter(({ pcr }) => pcr !== null);
    expect(new Set(clocks.map((packet) => packet.pid))).toEqual(new Set([pid]));
    // The same times, in front of the same packets.
    expect(clocks.map(({ pcr }) => pcr)).toEqual(
      usual.packets.flatMap(({ pcr }) => (pcr === null ? [] : [pcr])),
    );
    expect(packets.filter((packet) => packet.pid !== pid || packet.hasPayload)).toHaveLength(
      usual.packets.length,
    );
    for (const track of [481, 482]) {
      const counters = packets.filter((packet) => packet.pid === track && packet.hasPayload);
      expect(counters.map(({ counter }) => counter)).toEqual(counters.map((__, n) => n % 16));
    }
    // Packets without payload repeat the counter before them.
    let last = 0;
    for (const packet of packets.filter((one) => one.pid === pid)) {
      if (packet.hasPayload) last = packet.counter;
      else expect(packet.counter).toBe(last);
    }
    for (const { bytes } of segments) {
      expect(clockPidOf(bytes)).toBe(pid);
      expect(decodeBytes(bytes, 'ts').map(({ frames, errors }) => [frames > 0, errors])).toEqual([
        [true, 0],
        [true, 0],
      ]);
    }
    expect(keys.map(({ bytes }) => decodeBytes(bytes, 'ts')[0]?.frames)).toEqual([1, 1]);
  });

  /** What the program map says. */
  function clockPidOf(segment: Buffer): number {
    for (let at = 0; ; at += 188) {
      if ((segment.readUInt16BE(at + 1) & 0x1fff) !== 480) continue;
      const payload = (segment[at + 3] ?? 0) & 0x20 ? at + 5 + (segment[at + 4] ?? 0) : at + 4;
      return segment.readUInt16BE(payload + 1 + (segment[payload] ?? 0) + 8) & 0x1fff;
    }
  }
});
