/** CMAF and DASH groups made from real encodes: files decode, manifests tell the truth about them. */
import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { decodeBytes } from './support/decode.ts';
import { audioTrackFile, cmafGroup, dashGroup, mpdRules, videoTrackFile } from './support/fragmented-plan.ts';
import { joined, makeFragments, namesOf } from './support/made-fragments.ts';
import { createTinyTracks } from './support/made-group.ts';
import { readMediaPlaylist, readMultivariantPlaylist, textOf } from './support/read-playlists.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);
/** 5.4 s at 25 fps with a key frame each second: segments of 2, 2 and 1.4 s, fragments of 1 s. */
const video = tracks.video({ frames: 135, forcedKeyFrameSeconds: rational(1), globalHeader: true });
const small = tracks.video({
  frames: 135,
  widthPx: 96,
  heightPx: 54,
  forcedKeyFrameSeconds: rational(1),
  globalHeader: true,
});
const sound = tracks.audio({ seconds: 5.4, streamName: 'English' });
const everyTick = Array.from({ length: 135 }, (_, n) => n * 3600);
const driven = [
  { outputIndex: 0, tracks: [video] },
  { outputIndex: 1, tracks: [small] },
  { outputIndex: 2, tracks: [sound] },
];
const trackFiles = [
  videoTrackFile(0, '_a', { iFramePlaylistLocation: 's3://out/vod/clip_a_I-Frame.m3u8' }),
  videoTrackFile(1, '_b'),
  audioTrackFile(2, '_s'),
];

describe('a CMAF ladder', () => {
  const made = makeFragments(cmafGroup(trackFiles), driven);

  it('decodes whole and from each segment alone, every frame once and in its place', async () => {
    const { objects } = await made;
    const segments = namesOf(objects, 'clip_a_0');
    expect(segments).toEqual([1, 2, 3].map((n) => `clip_a_00000000${n}.cmfv`));
    const [whole] = decodeBytes(joined(objects, 'clip_ainit.cmfv', ...segments), 'mp4');
    expect(whole).toMatchObject({ frames: 135, errors: 0, pts: everyTick });
    const alone = segments.map((name) => decodeBytes(joined(objects, 'clip_ainit.cmfv', name), 'mp4')[0]);
    expect(alone.map((track) => [track?.frames, track?.errors])).toEqual([
      [50, 0],
      [50, 0],
      [35, 0],
    ]);
  });

  it('has sound that begins at 0 with one frame of run-up before it, and ends with the track', async () => {
    const { objects } = await made;
    const segments = namesOf(objects, 'clip_s_0');
    const [track] = decodeBytes(joined(objects, 'clip_sinit.cmfa', ...segments), 'mp4');
    expect(track).toMatchObject({ kind: 'audio', errors: 0, language: 'eng', packets: 255 });
  });

  it('is listed with exact durations and key frames that decode from their byte ranges', async () => {
    const { objects } = await made;
    const sum = (name: string): number =>
      readMediaPlaylist(textOf(objects, `s3://out/vod/${name}`)).reduce(
        (total, { duration }) => total + duration,
        0,
      );
    expect(sum('clip_a.m3u8')).toBeCloseTo(5.4, 6);
    expect(sum('clip_s.m3u8')).toBeCloseTo(5.4, 6);
    expect(sum('clip_a_I-Frame.m3u8')).toBeCloseTo(5.4, 6);
    const keys = readMediaPlaylist(textOf(objects, 's3://out/vod/clip_a_I-Frame.m3u8'));
    expect(keys).toHaveLength(6);
    for (const { uri, byteRange } of keys) {
      const range = byteRange ?? { offset: 0, length: 0 };
      const bytes = joined(objects, uri).subarray(range.offset, range.offset + range.length);
      expect(bytes.toString('latin1', 4, 8)).toBe('moof');
      const [picture] = decodeBytes(Buffer.concat([joined(objects, 'clip_ainit.cmfv'), bytes]), 'mp4');
      expect(picture?.frames).toBe(1);
    }
    expect(readMultivariantPlaylist(textOf(objects, 's3://out/vod/clip.m3u8'))).toEqual([
      'clip_a.m3u8',
      'clip_a_I-Frame.m3u8',
      'clip_b.m3u8',
      'clip_s.m3u8',
    ]);
  });

  it('publishes media first, then children, then the multivariant playlist, then the MPD', async () => {
    const { objects, result } = await made;
    const order = objects.publishes.map((location) => location.replace('s3://out/vod/', ''));
    const firstManifest = order.findIndex((name) => /\.(m3u8|mpd)$/.test(name));
    expect(order.slice(firstManifest)).toEqual([
      'clip_a.m3u8',
      'clip_a_I-Frame.m3u8',
      'clip_b.m3u8',
      'clip_s.m3u8',
      'clip.m3u8',
      'clip.mpd',
    ]);
    expect(result.playlistLocations).toEqual(['s3://out/vod/clip.mpd', 's3://out/vod/clip.m3u8']);
    expect(result.outputs.map(({ durationMs, video: picture }) => [durationMs, picture?.frames])).toEqual([
      [5400, 135],
      [5400, 135],
      [5400, undefined],
    ]);
  });

  it('says in the MPD which segments begin when, to the tick', async () => {
    const { objects } = await made;
    const timelines = textOf(objects, 's3://out/vod/clip.mpd').match(/<S [^>]*>/g);
    expect(timelines).toEqual([
      '<S t="0" d="180000" r="1"/>',
      '<S t="360000" d="126000"/>',
      '<S t="0" d="180000" r="1"/>',
      '<S t="360000" d="126000"/>',
      '<S t="0" d="96256" r="1"/>',
      '<S t="192512" d="66688"/>',
    ]);
  });
});

describe('pictures shown later than decoded', () => {
  const made = (compositionOffsets: 'edit' | 'shift' | 'signed') =>
    makeFragments(
      dashGroup([videoTrackFile(0, '_m', { audioRenditionIds: ['s'], brand: 'iso6' })], {
        compositionOffsets,
      }),
      [{ outputIndex: 0, tracks: [video, sound] }],
    );

  it.each(['edit', 'shift', 'signed'] as const)('keep sound and picture together (%s)', async (form) => {
    const { objects } = await made(form);
    const names = namesOf(objects, 'clip_m_0');
    const [picture, audio] = decodeBytes(joined(objects, 'clip_minit.cmfv', ...names), 'mp4');
    const offset = form === 'shift' ? 7200 : 0;
    const first = picture?.pts[0] ?? 0;
    // The library adds its own shift to signed offsets; what players get is checked in a browser.
    if (form !== 'signed') expect(first).toBe(offset);
    expect(picture?.pts.map((tick) => tick - first)).toEqual(everyTick);
    expect(audio?.errors).toBe(0);
    // The first whole frame of sound begins with the picture; the run-up is one frame earlier or cut away.
    expect([offset, offset - 1920]).toContain(audio?.pts[0]);
    const offsets = textOf(objects, 's3://out/vod/clip.mpd').match(
      /presentationTimeOffset="\d+"|<S t="\d+"/g,
    );
    expect(offsets?.slice(0, 2)).toEqual(
      form === 'shift' ? ['presentationTimeOffset="7200"', '<S t="7200"'] : ['<S t="0"', '<S t="360000"'],
    );
  });
});

describe('pictures that keep the delay of their B-frames', () => {
  it('are in time with the sound beside them for players that know no offset', async () => {
    const { objects } = await makeFragments(cmafGroup(trackFiles, { compositionOffsets: 'shift' }), driven);
    const decoded = (name: string, extension: string) =>
      decodeBytes(
        joined(objects, `clip_${name}init.${extension}`, ...namesOf(objects, `clip_${name}_0`)),
        'mp4',
      )[0];
    for (const name of ['a', 'b'])
      expect(decoded(name, 'cmfv')?.pts).toEqual(everyTick.map((tick) => tick + 7200));
    // The run-up of the sound, one frame, stands in front of the first picture.
    expect(decoded('s', 'cmfa')?.pts.slice(0, 2)).toEqual([7200 - 1920, 7200]);
    // An MPD takes the delay from both.
    const mpd = textOf(objects, 's3://out/vod/clip.mpd');
    expect(mpd.match(/presentationTimeOffset="\d+"/g)).toEqual([
      'presentationTimeOffset="7200"',
      'presentationTimeOffset="7200"',
      'presentationTimeOffset="3840"',
    ]);
    expect(mpd.match(/<S t="\d+"/g)?.filter((_, index) => index % 2 === 0)).toEqual([
      '<S t="7200"',
      '<S t="7200"',
      '<S t="3840"',
    ]);
  });
});

describe('one file per output', () => {
  it('begins with what the manifests say is where', async () => {
    const single = trackFiles.map((output) => ({
      ...output,
      initLocation: null,
      segmentLocation: output.segmentLocation.replace('_%09d', ''),
    }));
    const { objects, result } = await makeFragments(
      cmafGroup(single, { segmentControl: 'SINGLE_FILE' }),
      driven,
    );
    const file = joined(objects, 'clip_a.cmfv');
    expect(decodeBytes(file, 'mp4')[0]).toMatchObject({ frames: 135, errors: 0, pts: everyTick });
    const mpd = textOf(objects, 's3://out/vod/clip.mpd');
    const [, from = '', to = ''] = /indexRange="(\d+)-(\d+)"/.exec(mpd) ?? [];
    expect(file.toString('latin1', Number(from) + 4, Number(from) + 8)).toBe('sidx');
    expect(file.readUInt32BE(Number(from))).toBe(Number(to) - Number(from) + 1);
    expect(mpd).toContain(`<Initialization range="0-${Number(from) - 1}"/>`);
    const segments = readMediaPlaylist(textOf(objects, 's3://out/vod/clip_a.m3u8'));
    expect(segments.map(({ byteRange }) => byteRange?.offset)).toEqual([
      Number(to) + 1,
      Number(to) + 1 + (segments[0]?.byteRange?.length ?? 0),
      file.length - (segments[2]?.byteRange?.length ?? 0),
    ]);
    expect(textOf(objects, 's3://out/vod/clip_a.m3u8')).toContain(
      `#EXT-X-MAP:URI="clip_a.cmfv",BYTERANGE="${from}@0"`,
    );
    expect(result.outputs[0]?.objects[0]).toEqual({
      location: 's3://out/vod/clip_a.cmfv',
      sizeBytes: file.length,
    });
  });
});

describe('a tail that is too short', () => {
  it('goes into the segment before, for pictures and sound alike', async () => {
    const { objects } = await makeFragments(cmafGroup(trackFiles, { minFinalSegmentSeconds: 1.5 }), driven);
    for (const name of ['clip_a', 'clip_s']) {
      const durations = readMediaPlaylist(textOf(objects, `s3://out/vod/${name}.m3u8`)).map(
        ({ duration }) => duration,
      );
      expect(durations).toHaveLength(2);
      expect(durations[0]).toBeCloseTo(2, 1);
      expect(durations[1]).toBeCloseTo(3.4, 1);
    }
    const segments = namesOf(objects, 'clip_a_0');
    expect(decodeBytes(joined(objects, 'clip_ainit.cmfv', ...segments), 'mp4')[0]?.pts).toEqual(everyTick);
  });
});

describe('an MPD', () => {
  const mpdOf = async (changes: Partial<typeof mpdRules>, segmentSeconds = rational(2)): Promise<string> => {
    const group = dashGroup(trackFiles, { mpd: { ...mpdRules, ...changes }, segmentSeconds });
    return textOf((await makeFragments(group, driven)).objects, 's3://out/vod/clip.mpd');
  };

  it('without timelines gives a duration by which players count all segments and no more', async () => {
    const text = await mpdOf({ hasTimelines: false });
    expect(text).not.toContain('SegmentTimeline');
    expect(text.match(/ duration="\d+"/g)).toEqual([
      ' duration="180000"',
      ' duration="180000"',
      ' duration="96000"',
    ]);
  });

  it('gives no duration above 32 bits, however long a segment may be', async () => {
    const text = await mpdOf({ hasTimelines: false }, rational(2_147_483_647));
    for (const [, duration] of text.matchAll(/ duration="(\d+)"/g))
      expect(Number(duration)).toBeLessThan(2 ** 32);
  });

  it('shares timelines as its style says', async () => {
    const timelines = async (style: typeof mpdRules.style): Promise<number> =>
      (await mpdOf({ style })).match(/<SegmentTimeline>/g)?.length ?? 0;
    expect(await timelines('BASIC')).toBe(3);
    expect(await timelines('COMPACT')).toBe(2);
    expect(await timelines('FULL')).toBe(2);
    expect(await mpdOf({ style: 'FULL' })).toMatch(
      /<AdaptationSet mimeType="audio[^>]*>\s*<Label>English<\/Label>\s*<SegmentTemplate[^>]*>\s*<SegmentTimeline>/,
    );
  });

  it('gives measured averages, or what the job allows', async () => {
    const [average] = (await mpdOf({})).match(/bandwidth="\d+"/g) ?? [];
    expect(Number(average?.replace(/\D/g, ''))).toBeGreaterThan(200_000);
    expect(await mpdOf({ minBufferMs: 3500, baseUrl: 'https://cdn.example.com/a&b/' })).toMatch(
      /minBufferTime="PT3.5S"[\s\S]*<BaseURL>https:\/\/cdn.example.com\/a&amp;b\/<\/BaseURL>/,
    );
  });
});
