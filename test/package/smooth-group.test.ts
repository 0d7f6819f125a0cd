/** Smooth groups made from real encodes: files decode, both manifests tell the truth about them, protection opens. */

import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import { decodeBytes } from './support/decode.ts';
import { smoothFile, smoothGroup } from './support/fragmented-plan.ts';
import { joined, makeFragments } from './support/made-fragments.ts';
import { createTinyTracks } from './support/made-group.ts';
import { textOf } from './support/read-playlists.ts';
import {
  boxesOf,
  decryptedSamples,
  readClientManifest,
  readFile,
  readServerManifest,
} from './support/read-smooth.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
/** 5.4 s with a key frame each second: fragments of 2, 2 and 1.4 s. */
const picture = (widthPx: number, heightPx: number, frameRate = rational(25)) =>
  tracks.video({
    frames: Math.round((5.4 * frameRate.num) / frameRate.den),
    widthPx,
    heightPx,
    frameRate,
    forcedKeyFrameSeconds: rational(1),
    globalHeader: true,
  });
const large = picture(160, 90);
const little = picture(96, 54);
const sound = tracks.audio({ seconds: 5.4, language: 'eng' });
const other = tracks.audio({ seconds: 5.4, language: 'fra', streamName: 'Voix off' });

const files = [
  smoothFile(0, '_a', { audioRenditionIds: ['s'] }),
  smoothFile(1, '_b'),
  smoothFile(2, '_f', { videoRenditionId: null, audioRenditionIds: ['f'] }),
];
const driven = [
  { outputIndex: 0, tracks: [large, sound] },
  { outputIndex: 1, tracks: [little] },
  { outputIndex: 2, tracks: [other] },
];

describe('a Smooth ladder', () => {
  const additional = [
    { location: 's3://out/vod/clip_b.ism', clientLocation: 's3://out/vod/clip_b.ismc', outputIndexes: [1] },
  ];
  const smooth = { ...smoothGroup([]).smooth, additional };
  const made = makeFragments(smoothGroup(files, { smooth }), driven);
  const manifestOf = async (name: string) =>
    readClientManifest(textOf((await made).objects, `s3://out/vod/${name}`));

  it('decodes whole, every picture once, and sound that begins as late as the pictures do', async () => {
    const { objects } = await made;
    const [video, audio] = decodeBytes(joined(objects, 'clip_a.ismv'), 'ismv');
    const late = 2 * 3600;
    expect(video).toMatchObject({
      frames: 135,
      errors: 0,
      pts: Array.from({ length: 135 }, (_, n) => n * 3600 + late),
    });
    expect(audio).toMatchObject({ errors: 0, packets: sound.packets.length });
    // One frame of run-up in front of the instant that the first picture is shown.
    expect(audio?.pts[0]).toBeCloseTo(late - (1024 / 48_000) * 90_000, 0);
    const [alone] = decodeBytes(joined(objects, 'clip_f.isma'), 'isma');
    expect(alone?.pts[0]).toBeCloseTo(audio?.pts[0] ?? 0, 0);
  });

  it('lists exactly the fragments that the files hold, at the places the files tell', async () => {
    const { objects } = await made;
    const { streams, duration } = await manifestOf('clip.ismc');
    expect(streams.map(({ type, name, levels }) => [type, name, levels.length])).toEqual([
      ['video', 'video', 2],
      ['audio', 'audio', 1],
      ['audio', 'Voix_off', 1],
    ]);
    const [video, audio, voice] = streams;
    for (const [name, trackId, stream] of [
      ['clip_a.ismv', 1, video],
      ['clip_b.ismv', 1, video],
      ['clip_a.ismv', 2, audio],
      ['clip_f.isma', 1, voice],
    ] as const) {
      const { fragments, indexed } = readFile(joined(objects, name));
      const own = fragments.filter((fragment) => fragment.trackId === trackId);
      expect(stream?.chunks).toEqual(own.map(({ start, duration: length }) => ({ start, duration: length })));
      expect(indexed.filter((entry) => entry.trackId === trackId)).toEqual(
        own.map(({ start, at }) => ({ trackId, start, at })),
      );
    }
    expect(video?.chunks.map((chunk) => chunk.duration)).toEqual([20_000_000, 20_000_000, 14_000_000]);
    const lastSound = audio?.chunks.at(-1);
    expect(duration).toBe((lastSound?.start ?? 0) + (lastSound?.duration ?? 0));
    // Chunks follow each other without a gap to the end of the sound, to the tick.
    for (const { chunks } of streams)
      for (const [n, { start, duration: length }] of chunks.slice(0, -1).entries())
        expect(chunks[n + 1]?.start).toBe(start + length);
  });

  it('describes its tracks so that a player needs no other header', async () => {
    const { objects } = await made;
    const { streams } = await manifestOf('clip.ismc');
    const [video, audio] = streams;
    expect(video?.levels.map((level) => [level['FourCC'], level['MaxWidth'], level['MaxHeight']])).toEqual([
      ['H264', '160', '90'],
      ['H264', '96', '54'],
    ]);
    for (const { CodecPrivateData = '' } of video?.levels ?? [])
      expect(CodecPrivateData).toMatch(/^0000000167[0-9A-F]+0000000168[0-9A-F]+$/);
    expect(audio?.levels[0]).toMatchObject({
      FourCC: 'AACL',
      SamplingRate: '48000',
      Channels: '2',
      AudioTag: '255',
      CodecPrivateData: expect.stringMatching(/^1190/),
    });
    const { client, tracks: named } = readServerManifest(textOf(objects, 's3://out/vod/clip.ism'));
    expect(client).toBe('clip.ismc');
    const rates = (stream = video) => stream?.levels.map((level) => level['Bitrate']) ?? [];
    expect(named).toEqual([
      `clip_a.ismv 1 video ${rates()[0]}`,
      `clip_b.ismv 1 video ${rates()[1]}`,
      `clip_a.ismv 2 audio ${rates(audio)[0]}`,
      `clip_f.isma 1 Voix_off ${rates(streams[2])[0]}`,
    ]);
  });

  it('has further manifests over chosen outputs, and reports the server manifests alone', async () => {
    const { objects, result } = await made;
    const { streams } = await manifestOf('clip_b.ismc');
    expect(streams.map(({ levels }) => levels.map((level) => level['MaxWidth']))).toEqual([['96']]);
    expect(result.playlistLocations).toEqual(['s3://out/vod/clip.ism', 's3://out/vod/clip_b.ism']);
    expect(result.outputs.map(({ locations }) => locations)).toEqual([
      ['s3://out/vod/clip_a.ismv'],
      ['s3://out/vod/clip_b.ismv'],
      ['s3://out/vod/clip_f.isma'],
    ]);
    const order = objects.publishes.map((location) => location.replace('s3://out/vod/', ''));
    expect(order.slice(-4)).toEqual(['clip.ismc', 'clip.ism', 'clip_b.ismc', 'clip_b.ism']);
    expect(objects.options.get('s3://out/vod/clip.ism')?.contentType).toBe('application/vnd.ms-sstr+xml');
    const sizes = result.outputs.flatMap((output) => output.objects);
    for (const { location, sizeBytes } of sizes)
      expect(objects.visible.get(location)).toHaveLength(sizeBytes);
  });

  it('is written in UTF-16 when asked', async () => {
    const wide = smoothGroup(files, { smooth: { ...smoothGroup([]).smooth, encoding: 'UTF-16' } });
    const { objects } = await makeFragments(wide, driven);
    for (const name of ['clip.ism', 'clip.ismc']) {
      const bytes = joined(objects, name);
      expect([bytes[0], bytes[1]]).toEqual([0xff, 0xfe]);
      expect(bytes.subarray(2).toString('utf16le')).toMatch(/^<\?xml version="1.0" encoding="UTF-16"\?>/);
    }
  });

  it('offers the same sound twice as two streams', async () => {
    const twice = [
      smoothFile(0, '_a', { audioRenditionIds: ['s'] }),
      smoothFile(1, '_b', { audioRenditionIds: ['s'] }),
    ];
    const { objects } = await makeFragments(smoothGroup(twice), [
      { outputIndex: 0, tracks: [large, sound] },
      { outputIndex: 1, tracks: [little, sound] },
    ]);
    const { streams } = readClientManifest(textOf(objects, 's3://out/vod/clip.ismc'));
    expect(streams.map(({ name }) => name)).toEqual(['video', 'audio', 'audio_eng']);
  });

  it('keeps exact time at rates that no tick divides', async () => {
    const ntsc = picture(96, 54, rational(30_000, 1001));
    const { objects } = await makeFragments(smoothGroup([smoothFile(0, '_a')]), [
      { outputIndex: 0, tracks: [ntsc] },
    ]);
    const { streams } = readClientManifest(textOf(objects, 's3://out/vod/clip.ismc'));
    const last = streams[0]?.chunks.at(-1);
    expect((last?.start ?? 0) + (last?.duration ?? 0)).toBe(Math.round((ntsc.frames * 1001 * 1e7) / 30_000));
    expect(streams[0]?.chunks[0]?.duration).toBe(Math.round((60 * 1001 * 1e7) / 30_000));
  });
});

describe('a protected Smooth presentation', () => {
  const keyId = '00112233445566778899aabbccddeeff';
  const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
  const header = Buffer.from('PlayReady object').toString('base64');
  const systemId = '9a04f079-9840-4286-ab92-e65be0885f95';
  const keys: GroupKeys = {
    groupIndex: 0,
    scheme: 'cenc',
    clearSegments: 0,
    keys: [
      {
        keyId,
        key,
        iv: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
        tracks: null,
        keyLines: [],
        sessionLines: [],
        mpdElements: [],
        headerBoxes: [],
        protectionHeaders: [{ systemId, data: header }],
      },
    ],
  };
  const encryption = { scheme: 'cenc' } as EncryptionPlan;
  const made = makeFragments(smoothGroup(files, { encryption }), driven, keys);
  const clear = makeFragments(smoothGroup(files), driven);

  it('decrypts by its own boxes to the samples of the clear encode', async () => {
    for (const name of ['clip_a.ismv', 'clip_b.ismv', 'clip_f.isma']) {
      const hidden = readFile(joined((await made).objects, name)).fragments;
      const open = readFile(joined((await clear).objects, name)).fragments;
      expect(open.every(({ protections }) => protections === null)).toBe(true);
      expect(hidden.flatMap(({ samples }) => samples)).not.toEqual(open.flatMap(({ samples }) => samples));
      expect(hidden.flatMap((fragment) => decryptedSamples(fragment, key))).toEqual(
        open.flatMap(({ samples }) => samples),
      );
    }
  });

  it('signals PlayReady in manifest and file, and the key in the sample entry', async () => {
    const { objects } = await made;
    const { headers } = readClientManifest(textOf(objects, 's3://out/vod/clip.ismc'));
    expect(headers).toEqual([{ systemId, data: header }]);
    const movie = boxesOf(joined(objects, 'clip_a.ismv')).find(({ type }) => type === 'moov')?.body;
    const text = movie?.toString('hex') ?? '';
    const hex = (name: string): string => Buffer.from(name).toString('hex');
    expect(text).toContain(`${hex('frma')}${hex('avc1')}`);
    expect(text).toContain(`${hex('schm')}00000000${hex('piff')}00010001`);
    expect(text).toContain(`8974dbce7be74c5184f97148f9882554${'00000000'}00000108${keyId}`);
    expect(text).toContain(
      `d08a4f1810f34a82b6c832d8aba183d300000000${systemId.replaceAll('-', '')}00000010${Buffer.from(header, 'base64').toString('hex')}`,
    );
  });
});
