/** Playlist text, letter by letter, from measured segments: no media, no library. */
import { describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { multivariantPlaylist } from '../../src/package/group-variants.ts';
import {
  groupNumbers,
  iFramePlaylist,
  type MeasuredOutput,
  type PlaylistGroup,
  playlistKeys,
  segmentPlaylist,
} from '../../src/package/hls-manifests.ts';
import { formatMediaPlaylist, targetDurationSeconds } from '../../src/package/media-playlist.ts';
import { formatMultivariantPlaylist } from '../../src/package/multivariant-playlist.ts';
import type { HlsOutput, HlsOutputGroup } from '../../src/plan/group-plan.ts';
import { audioOutput, hlsGroup, videoOutput } from './support/hls-plan.ts';
import { readMediaPlaylist, readMultivariantPlaylist } from './support/read-playlists.ts';
import { segments } from './support/written-segments.ts';

const picture = {
  frameRate: rational(25),
  range: 'SDR',
  sampleAspectRatio: rational(1),
  maxBitrateBps: 3_000_000,
} as const;
const stereo = { channels: 2, sampleRateHz: 48_000, maxBitrateBps: 128_000, codecName: 'AAC' };
const noAudio = {
  video: { ...picture, codec: 'avc1.64001f', widthPx: 1280, heightPx: 720 },
  audio: [],
};
const english = {
  video: null,
  audio: [{ ...stereo, codec: 'mp4a.40.2', language: 'eng', streamName: 'English' }],
};

/** The job of spec packaging.md 12: two video outputs and one audio output of 32 s. */
const outputs = [videoOutput(0, '_720p'), videoOutput(1, '_360p'), audioOutput(2, '_audio')] as const;
const group = hlsGroup(outputs, { segmentSeconds: rational(10) });
const videoEnds = [10, 20, 30, 32];
const measured: readonly MeasuredOutput[] = [
  {
    output: outputs[0],
    initialization: null,
    keys: playlistKeys(null),
    tracks: noAudio,
    segments: segments(outputs[0], videoEnds, [4_000_000, 3_000_000, 3_000_000, 354_360]),
  },
  {
    output: outputs[1],
    initialization: null,
    keys: playlistKeys(null),
    tracks: {
      video: { ...picture, codec: 'avc1.4d401e', widthPx: 640, heightPx: 360 },
      audio: [],
    },
    segments: segments(outputs[1], videoEnds, [1_050_000, 1_000_000, 1_000_000, 150_000]),
  },
  {
    output: outputs[2],
    initialization: null,
    keys: playlistKeys(null),
    tracks: english,
    // 471, 469, 469 and 93 frames, two of them priming.
    segments: segments(
      outputs[2],
      [480_256 / 48e3, 960_512 / 48e3, 1_440_768 / 48e3, 32],
      [165_000, 164_000, 164_000, 33_000],
    ),
  },
];

function at(index: number): MeasuredOutput {
  const found = measured[index];
  if (found === undefined) throw new RangeError(`no output ${index}`);
  return found;
}

function childText(of: MeasuredOutput, changes: Partial<HlsOutputGroup> = {}, isComplete = true): string {
  const changed = { ...group, ...changes };
  const text = formatMediaPlaylist(
    segmentPlaylist(
      changed,
      of,
      of.output.playlistLocation ?? '',
      groupNumbers(changed, measured),
      isComplete,
    ),
  );
  readMediaPlaylist(text);
  return text;
}

function parentText(changed: PlaylistGroup, of: readonly MeasuredOutput[], numbersOf = of): string {
  const playlist = multivariantPlaylist(
    changed,
    of,
    's3://out/vod/clip.m3u8',
    groupNumbers(changed, numbersOf),
  );
  const text = formatMultivariantPlaylist(playlist);
  readMultivariantPlaylist(text);
  return text;
}

describe('the documented job', () => {
  it('has the documented video playlist', () => {
    expect(childText(at(0))).toBe(`#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:10
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:10.000,
clip_720p_00001.ts
#EXTINF:10.000,
clip_720p_00002.ts
#EXTINF:10.000,
clip_720p_00003.ts
#EXTINF:2.000,
clip_720p_00004.ts
#EXT-X-ENDLIST
`);
  });

  it('has audio durations whose sum is the track', () => {
    expect(readMediaPlaylist(childText(at(2))).map(({ duration }) => duration)).toEqual([
      10.005, 10.006, 10.005, 1.984,
    ]);
  });

  it('has the documented multivariant playlist', () => {
    expect(parentText(group, measured)).toBe(`#EXTM3U
#EXT-X-VERSION:4
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=3331935,AVERAGE-BANDWIDTH=2720090,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="program_audio_0"
clip_720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=971935,AVERAGE-BANDWIDTH=931500,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="program_audio_0"
clip_360p.m3u8
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="program_audio_0",LANGUAGE="eng",NAME="English",AUTOSELECT=YES,DEFAULT=YES,CHANNELS="2",URI="clip_audio.m3u8"
`);
  });
});

describe('media playlists', () => {
  it('round durations to whole seconds with INTEGER, in version 2 when nothing asks for more', () => {
    const alone = at(0);
    const changed = { ...group, outputs: [outputs[0]], durationFormat: 'INTEGER' as const };
    const ntsc = { ...alone, segments: segments(outputs[0], [10.01, 20.02, 22.5], [1, 1, 1]) };
    const text = formatMediaPlaylist(
      segmentPlaylist(changed, ntsc, 's3://out/vod/clip_720p.m3u8', groupNumbers(changed, [ntsc]), true),
    );
    expect(text).toContain('#EXT-X-VERSION:2\n#EXT-X-TARGETDURATION:11\n');
    expect(text.match(/#EXTINF:.*/g)).toEqual(['#EXTINF:10,', '#EXTINF:10,', '#EXTINF:2,']);
    readMediaPlaylist(text);
  });

  it('grow as EVENT without an end, and close as VOD', () => {
    const text = childText(at(0), {}, false);
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT\n');
    expect(text).not.toContain('ENDLIST');
  });

  it('forbid caching when the client cache is disabled', () => {
    expect(childText(at(0), { clientCacheDisabled: true })).toContain(
      '#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ALLOW-CACHE:NO\n',
    );
  });

  it('carry the wall clock at the first segment and once per period', () => {
    const startMs = Date.UTC(2026, 5, 1, 12, 0, 0);
    const times = (periodSeconds: number): (string | undefined)[] =>
      [
        ...childText(at(0), {
          programDateTimePeriodSeconds: periodSeconds,
          programDateTimeStartMs: startMs,
        }).matchAll(/DATE-TIME:(.*)\n/g),
      ].map((match) => match[1]);
    expect(times(0)).toEqual([
      '2026-06-01T12:00:00.000Z',
      '2026-06-01T12:00:10.000Z',
      '2026-06-01T12:00:20.000Z',
      '2026-06-01T12:00:30.000Z',
    ]);
    expect(times(20)).toEqual(['2026-06-01T12:00:00.000Z', '2026-06-01T12:00:20.000Z']);
    expect(times(600)).toEqual(['2026-06-01T12:00:00.000Z']);
  });

  it('list key frames with six decimals, each lasting until the next', () => {
    const keyed: MeasuredOutput = {
      ...at(0),
      segments: segments(outputs[0], [3.003, 6.006], [9000, 8000]).map((segment, index) => ({
        ...segment,
        keyFrames: [
          { offsetBytes: 0, sizeBytes: 1128, startUs: segment.startUs },
          ...(index === 0 ? [{ offsetBytes: 4700, sizeBytes: 940, startUs: 1_501_500 }] : []),
        ],
      })),
    };
    const changed = { ...group, durationFormat: 'INTEGER' as const };
    const text = formatMediaPlaylist(
      iFramePlaylist(
        changed,
        keyed,
        's3://out/vod/clip_720p_I-Frame.m3u8',
        groupNumbers(changed, [keyed]),
        true,
      ),
    );
    readMediaPlaylist(text);
    expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-I-FRAMES-ONLY
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:1.501500,
#EXT-X-BYTERANGE:1128@0
clip_720p_00001.ts
#EXTINF:1.501500,
#EXT-X-BYTERANGE:940@4700
clip_720p_00001.ts
#EXTINF:3.003000,
#EXT-X-BYTERANGE:1128@0
clip_720p_00002.ts
#EXT-X-ENDLIST
`);
  });
});

describe('target durations', () => {
  it('round up with LEGACY and half up with SPEC_COMPLIANT', () => {
    expect(targetDurationSeconds('LEGACY', [10e6])).toBe(10);
    expect(targetDurationSeconds('LEGACY', [10.01e6])).toBe(11);
    expect(targetDurationSeconds('SPEC_COMPLIANT', [10.01e6])).toBe(10);
    expect(targetDurationSeconds('SPEC_COMPLIANT', [10.5e6])).toBe(11);
    expect(targetDurationSeconds('LEGACY', [0.2e6])).toBe(1);
  });

  it('are those of the lengths that the playlist writes', () => {
    const targetOf = (changes: Partial<HlsOutputGroup>, end: number): number =>
      groupNumbers({ ...group, ...changes }, [{ ...at(0), segments: segments(outputs[0], [end], [1]) }])
        .targetDurationSeconds;
    // 989 frames at 59.94: EXTINF is 16.500, which rounds up.
    expect(targetOf({ targetDurationMode: 'SPEC_COMPLIANT' }, 16.499817)).toBe(17);
    expect(targetOf({ targetDurationMode: 'LEGACY' }, 10.0004)).toBe(10);
  });

  it('grow for sound only when its rounded duration exceeds the video', () => {
    expect(groupNumbers(group, measured).targetDurationSeconds).toBe(10);
    const long = { ...at(2), segments: segments(outputs[2], [10.6], [1]) };
    expect(groupNumbers(group, [at(0), long]).targetDurationSeconds).toBe(11);
  });
});

describe('versions', () => {
  const versionOf = (changes: Partial<HlsOutputGroup>): number =>
    groupNumbers({ ...group, ...changes }, measured).version;

  it('are the highest that anything in the group asks for', () => {
    const video = [videoOutput(0, '_v')];
    expect(versionOf({ outputs: video, durationFormat: 'INTEGER' })).toBe(2);
    expect(versionOf({ outputs: video })).toBe(3);
    expect(versionOf({ outputs: video, durationFormat: 'INTEGER', segmentControl: 'SINGLE_FILE' })).toBe(4);
    expect(
      versionOf({ outputs: [videoOutput(0, '_v', { iFramePlaylistLocation: 's3://out/i.m3u8' })] }),
    ).toBe(4);
    expect(
      versionOf({
        outputs: [...video, audioOutput(1, '_s', { audioTrackType: 'AUDIO_ONLY_VARIANT_STREAM' })],
      }),
    ).toBe(3);
    expect(versionOf({ outputs: [...video, audioOutput(1, '_s', { describesVideo: true })] })).toBe(5);
  });
});

describe('formats of keys', () => {
  const hls = hlsGroup([outputs[0]], { encryption: { scheme: 'aes-128' } as never });
  const versionWith = (keyLine: string): number =>
    groupNumbers(hls, [{ ...at(0), keys: { lines: [keyLine], sessionLines: [], clearSegments: 0 } }]).version;

  it('need version 5, below which players overlook them', () => {
    expect(versionWith('#EXT-X-KEY:METHOD=AES-128,URI="k?KEYFORMAT=1"')).toBe(3);
    expect(versionWith('#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="com.example.drm"')).toBe(5);
    expect(versionWith('#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMATVERSIONS="1"')).toBe(5);
  });
});

describe('audio groups', () => {
  const video = { ...at(0), output: videoOutput(0, '_v') };
  const sound = (index: number, name: string, changes: Partial<HlsOutput> = {}): MeasuredOutput => {
    const output = audioOutput(index, name, changes);
    return { ...at(2), output, segments: segments(output, [10, 20], [100_000 * index, 50_000]) };
  };
  const groupOf = (members: readonly MeasuredOutput[]): PlaylistGroup => ({
    ...group,
    outputs: members.map(({ output }) => output),
  });

  it('are one per audio output when none is named, and every video is offered with each', () => {
    const members = [video, sound(1, '_en'), sound(2, '_de')];
    const text = parentText(groupOf(members), members);
    expect(text.match(/AUDIO="[^"]*"/g)).toEqual(['AUDIO="program_audio_0"', 'AUDIO="program_audio_1"']);
    expect(text.match(/GROUP-ID="[^"]*"/g)).toEqual([
      'GROUP-ID="program_audio_0"',
      'GROUP-ID="program_audio_1"',
    ]);
    expect(text.match(/^clip_v\.m3u8$/gm)).toHaveLength(2);
  });

  it('add the peak of their highest member to the bandwidth', () => {
    const members = [
      video,
      sound(1, '_low', { audioGroupId: 'g' }),
      sound(4, '_high', { audioGroupId: 'g', audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT' }),
    ];
    expect(parentText(groupOf(members), members)).toContain(
      `BANDWIDTH=${3_200_000 + 320_000},AVERAGE-BANDWIDTH=${2_588_590 + 180_000},`,
    );
  });

  it('are played by themselves where there are no pictures: the default of each is a variant', () => {
    const members = [
      sound(1, '_en', { audioGroupId: 'lo', audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT' }),
      sound(2, '_de', { audioGroupId: 'lo' }),
      sound(3, '_hi', { audioGroupId: 'hi' }),
    ];
    const text = parentText(groupOf(members), members);
    expect(text.match(/#EXT-X-STREAM-INF.*\n.*/g)).toEqual([
      '#EXT-X-STREAM-INF:BANDWIDTH=160000,AVERAGE-BANDWIDTH=100000,CODECS="mp4a.40.2",AUDIO="lo"\nclip_de.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=240000,AVERAGE-BANDWIDTH=140000,CODECS="mp4a.40.2",AUDIO="hi"\nclip_hi.m3u8',
    ]);
    expect(text.match(/#EXT-X-MEDIA.*/g)).toHaveLength(3);
  });

  it('are chosen by audioRenditionSets', () => {
    const picky = { ...video, output: videoOutput(0, '_v', { audioRenditionSets: ['hi'] }) };
    const members = [picky, sound(1, '_lo', { audioGroupId: 'lo' }), sound(2, '_hi', { audioGroupId: 'hi' })];
    expect(parentText(groupOf(members), members).match(/,AUDIO="[^"]*"/g)).toEqual([',AUDIO="hi"']);
  });

  it('have unique names, one default, and flags as asked', () => {
    const unnamed = {
      ...english,
      audio: [{ ...stereo, codec: 'mp4a.40.2', channels: 6, language: null, streamName: null }],
    };
    const members = [
      video,
      { ...sound(1, '_a', { audioGroupId: 'g' }), tracks: unnamed },
      { ...sound(2, '_b', { audioGroupId: 'g' }), tracks: unnamed },
      sound(3, '_c', {
        audioGroupId: 'g',
        audioTrackType: 'ALTERNATE_AUDIO_NOT_AUTO_SELECT',
        describesVideo: true,
      }),
    ];
    expect(parentText(groupOf(members), members).match(/^#EXT-X-MEDIA:.*$/gm)).toEqual([
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="Alternate Audio",AUTOSELECT=YES,DEFAULT=YES,CHANNELS="6",URI="clip_a.m3u8"',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="Alternate Audio 2",AUTOSELECT=YES,DEFAULT=NO,CHANNELS="6",URI="clip_b.m3u8"',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",LANGUAGE="eng",NAME="English",AUTOSELECT=NO,DEFAULT=NO,CHARACTERISTICS="public.accessibility.describes-video",CHANNELS="2",URI="clip_c.m3u8"',
    ]);
  });

  it('vanish from manifests that do not select them', () => {
    const members = [video, sound(1, '_en')];
    const text = parentText(groupOf(members), [video], members);
    expect(text).not.toContain('AUDIO');
    expect(text).toContain('CODECS="avc1.64001f",');
  });

  it('leave audio-only variants to stand alone', () => {
    const members = [video, sound(1, '_en', { audioTrackType: 'AUDIO_ONLY_VARIANT_STREAM' })];
    const text = parentText(groupOf(members), members);
    expect(text).toContain('CODECS="mp4a.40.2"\nclip_en.m3u8\n');
    expect(text).not.toContain('EXT-X-MEDIA:');
  });
});

describe('stream attributes', () => {
  it('leave the resolution out and say that there are no captions when asked', () => {
    const alone = [at(0)];
    const text = parentText(
      { ...group, outputs: [outputs[0]], includeResolution: false, closedCaptionsNone: true },
      alone,
    );
    expect(text).toContain('CODECS="avc1.64001f",FRAME-RATE=25.000,CLOSED-CAPTIONS=NONE\n');
  });

  it('say of transport streams that they are HDR, and of SDR nothing', () => {
    const variantsOf = (range: 'SDR' | 'PQ' | 'HLG'): string =>
      parentText({ ...group, outputs: [outputs[0]] }, [
        { ...at(0), tracks: { ...noAudio, video: { ...noAudio.video, range } } },
      ]);
    expect(variantsOf('SDR')).not.toContain('VIDEO-RANGE');
    expect(variantsOf('PQ')).toContain('VIDEO-RANGE=PQ,CODECS="avc1.64001f"');
    expect(variantsOf('HLG')).toContain('VIDEO-RANGE=HLG');
  });

  it('write no CODECS rather than half of them', () => {
    const unknown = {
      ...at(0),
      tracks: {
        video: noAudio.video,
        audio: [{ ...stereo, codec: null, language: null, streamName: null }],
      },
    };
    expect(parentText({ ...group, outputs: [outputs[0]] }, [unknown])).not.toContain('CODECS');
  });
});
