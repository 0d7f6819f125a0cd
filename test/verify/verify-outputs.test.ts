/** Verdicts: a true package is sound, and each way of being untrue is named. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { OutputGroupResult } from '../../src/engine/protocol.ts';
import { rational } from '../../src/exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from '../../src/plan/facts.ts';
import type { HlsOutputGroup } from '../../src/plan/group-plan.ts';
import type { AudioRendition, JobPlan, VideoRendition } from '../../src/plan/plan.ts';
import { readPlaylist, resolveMediaUri, resolveUri } from '../../src/verify/m3u8-reader.ts';
import { evidenceNeeded, type OutputEvidence } from '../../src/verify/output-evidence.ts';
import { verifyOutputs } from '../../src/verify/verify-outputs.ts';

const encoder = { codec: 'H_264', encoder: 'libx264' } as VideoRendition['encoder'];
const videoRendition = {
  id: 'v',
  widthPx: 640,
  heightPx: 360,
  frameRate: rational(25),
  encoder,
} as VideoRendition;
const audioRendition = {
  id: 'a',
  sampleRateHz: 48_000,
  encoder: { ...encoder, codec: 'AAC', encoder: 'aac' },
} as AudioRendition;
const hlsGroup = {
  type: 'HLS_GROUP',
  groupIndex: 1,
  pointer: '/outputGroups/1',
  multivariant: { location: 's3://out/p/clip.m3u8' },
  encryption: null,
  durationFormat: 'FLOATING_POINT',
  baseUrl: '',
  outputs: [
    {
      outputIndex: 0,
      pointer: '/outputGroups/1/outputs/0',
      videoRenditionId: 'v',
      audioRenditionIds: ['a'],
      playlistLocation: 's3://out/p/clip_v.m3u8',
      segmentLocation: 's3://out/p/clip v_%05d.ts',
      iFramePlaylistLocation: 's3://out/p/clip_v_I-Frame.m3u8',
    },
  ],
} as unknown as HlsOutputGroup;
const plan = {
  videoRenditions: [videoRendition],
  audioRenditions: [audioRendition],
  outputGroups: [
    {
      type: 'FILE_GROUP',
      groupIndex: 0,
      pointer: '/outputGroups/0',
      outputs: [
        {
          outputIndex: 0,
          pointer: '/outputGroups/0/outputs/0',
          videoRenditionId: 'v',
          audioRenditionIds: ['a'],
          container: 'MP4',
          loudnessLogs: [],
        },
        {
          outputIndex: 1,
          pointer: '/outputGroups/0/outputs/1',
          videoRenditionId: 'j',
          audioRenditionIds: [],
          container: 'FRAME_CAPTURE',
          loudnessLogs: [],
        },
      ],
    },
    hlsGroup,
  ],
} as unknown as JobPlan;

const video = { widthPx: 640, heightPx: 360, frames: 250, bytes: 1000, averageBitrateBps: 800 };
const audio = [{ samples: 480_000, sampleRateHz: 48_000, bytes: 500 }];
const results: readonly OutputGroupResult[] = [
  {
    groupIndex: 0,
    type: 'FILE_GROUP',
    playlistLocations: [],
    outputs: [
      {
        outputIndex: 0,
        locations: ['s3://out/f.mp4'],
        objects: [{ location: 's3://out/f.mp4', sizeBytes: 1600 }],
        durationMs: 10_000,
        video,
        audio,
      },
      {
        outputIndex: 1,
        locations: ['s3://out/f.0000001.jpg'],
        objects: [
          { location: 's3://out/f.0000000.jpg', sizeBytes: 10 },
          { location: 's3://out/f.0000001.jpg', sizeBytes: 11 },
        ],
        durationMs: 2000,
        video: { ...video, frames: 2 },
        audio: [],
      },
    ],
  },
  {
    groupIndex: 1,
    type: 'HLS_GROUP',
    playlistLocations: ['s3://out/p/clip.m3u8'],
    outputs: [
      {
        outputIndex: 0,
        locations: ['s3://out/p/clip_v.m3u8'],
        objects: [
          { location: 's3://out/p/clip v_00001.ts', sizeBytes: 940 },
          { location: 's3://out/p/clip v_00002.ts', sizeBytes: 752 },
          { location: 's3://out/p/clip v_00003.ts', sizeBytes: 188 },
          { location: 's3://out/p/clip_v.m3u8', sizeBytes: 300 },
          { location: 's3://out/p/clip_v_I-Frame.m3u8', sizeBytes: 200 },
        ],
        durationMs: 10_000,
        video,
        audio,
      },
    ],
  },
];

const child = `#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:4.000,
clip%20v_00001.ts
#EXTINF:4.000,
clip%20v_00002.ts
#EXTINF:2.000,
clip%20v_00003.ts
#EXT-X-ENDLIST
`;
const keys = `#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:4
#EXT-X-I-FRAMES-ONLY
#EXTINF:4.000000,
#EXT-X-BYTERANGE:376@188
clip%20v_00001.ts
#EXT-X-ENDLIST
`;
const parent = `#EXTM3U
#EXT-X-VERSION:4
#EXT-X-STREAM-INF:BANDWIDTH=1
clip_v.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="clip_v_I-Frame.m3u8"
`;

function facts(location: string, changes: Partial<InputFacts> = {}): InputFacts {
  const picture = {
    kind: 'video',
    codec: 'h264',
    widthPx: 640,
    heightPx: 360,
    frameCount: 250,
    frameRate: rational(25),
  } as VideoTrackFacts;
  const tone = { kind: 'audio', codec: 'aac', sampleRateHz: 48_000 } as AudioTrackFacts;
  return {
    location,
    durationUs: 10_005_333,
    videoTracks: [picture],
    audioTracks: [tone],
    ...changes,
  } as InputFacts;
}

function evidence(changes: Partial<OutputEvidence> = {}): OutputEvidence {
  const needed = evidenceNeeded(plan, results);
  return {
    plan,
    results,
    facts: needed.probes.map((location) => facts(location)),
    playlists: new Map([
      ['s3://out/p/clip.m3u8', Buffer.from(parent)],
      ['s3://out/p/clip_v.m3u8', Buffer.from(child)],
      ['s3://out/p/clip_v_I-Frame.m3u8', Buffer.from(keys)],
    ]),
    sizes: new Map(
      results.flatMap(({ outputs }) =>
        outputs.flatMap(({ objects }) =>
          objects.map(({ location, sizeBytes }) => [location, sizeBytes] as const),
        ),
      ),
    ),
    ...changes,
  };
}

function defects(changes: Partial<OutputEvidence>): readonly string[] {
  return verifyOutputs(evidence(changes)).verdicts.flatMap((verdict) => verdict.defects);
}

function withPlaylist(location: string, body: string | Buffer | null): Partial<OutputEvidence> {
  const playlists = new Map(evidence().playlists);
  if (body === null) playlists.delete(location);
  else playlists.set(location, Buffer.from(body));
  return { playlists };
}

function withSize(location: string, size: number | null): Partial<OutputEvidence> {
  const sizes = new Map(evidence().sizes);
  if (size === null) sizes.delete(location);
  else sizes.set(location, size);
  return { sizes };
}

function withFacts(location: string, changes: Partial<InputFacts> | null): Partial<OutputEvidence> {
  const kept = evidence().facts.filter((each) => each.location !== location);
  return { facts: changes === null ? kept : [...kept, facts(location, changes)] };
}

const mp4 = 's3://out/f.mp4';
const childLocation = 's3://out/p/clip_v.m3u8';

describe('evidence', () => {
  it('opens files and the ends of streams, and asks the size of everything', () => {
    expect(evidenceNeeded(plan, results)).toEqual({
      probes: [mp4, 's3://out/p/clip v_00001.ts', 's3://out/p/clip v_00003.ts'],
      playlists: ['s3://out/p/clip.m3u8', childLocation, 's3://out/p/clip_v_I-Frame.m3u8'],
      objects: results.flatMap(({ outputs }) =>
        outputs.flatMap(({ objects }) => objects.map(({ location }) => location)),
      ),
    });
  });
});

describe('a true package', () => {
  it('is sound, and its verdicts say what was looked at', () => {
    const { verdicts, fault } = verifyOutputs(evidence());
    expect(fault).toBeNull();
    expect(verdicts.map(({ isSound, defects: found }) => ({ isSound, found }))).toEqual(
      verdicts.map(() => ({ isSound: true, found: [] })),
    );
    expect(verdicts[0]).toMatchObject({
      groupIndex: 0,
      outputIndex: 0,
      checked: { objects: 1, bytes: 1600, durationMs: 10_000, frames: 250 },
    });
  });

  it('may be compressed, and named through a base URL', () => {
    expect(defects(withPlaylist(childLocation, gzipSync(child)))).toEqual([]);
    const based = {
      ...plan,
      outputGroups: [plan.outputGroups[0], { ...hlsGroup, baseUrl: 'https://cdn/x/' }],
    } as JobPlan;
    const text = child.replaceAll('clip%20', 'https://cdn/x/clip%20');
    expect(defects({ plan: based, ...withPlaylist(childLocation, text) })).toEqual([]);
  });

  it('is found under its base URL from the folder of the group, not from that of the stream', () => {
    const address = { baseUrl: 'https://cdn/x/', root: 's3://out/p/clip.m3u8' };
    expect(resolveMediaUri('s3://out/p/v/clip_v.m3u8', 'https://cdn/x/v/1.ts', address)).toBe(
      's3://out/p/v/1.ts',
    );
    expect(resolveMediaUri('s3://out/p/v/clip_v.m3u8', '1.ts', address)).toBe('s3://out/p/v/1.ts');
  });

  it('may have lost its sound by the last segment', () => {
    expect(defects(withFacts('s3://out/p/clip v_00003.ts', { audioTracks: [] }))).toEqual([]);
  });
});

describe('an untrue package', () => {
  it('is fault 1999 with every defect', () => {
    const { verdicts, fault } = verifyOutputs(evidence({ ...withSize(mp4, 5), ...withFacts(mp4, null) }));
    expect(verdicts[0]?.isSound).toBe(false);
    expect(fault).toMatchObject({ code: 1999, mediaFact: `${mp4} has 5 bytes, 1600 were written` });
    expect(fault?.detail).toContain(`${mp4} could not be opened`);
  });

  const truePicture = facts(mp4).videoTracks[0] as VideoTrackFacts;
  it.each([
    ['an object is missing', withSize(mp4, null), `${mp4} is missing`],
    ['an object is empty', withSize(mp4, 0), `${mp4} is empty`],
    [
      'the file has too few pictures',
      withFacts(mp4, { videoTracks: [{ ...truePicture, frameCount: 249 }] }),
      `${mp4} has 249 pictures, 250 were encoded`,
    ],
    [
      'the file is too short',
      withFacts(mp4, { durationUs: 9_900_000 }),
      `${mp4} lasts 9900 ms, 10000 ms were encoded`,
    ],
    ['a track is missing', withFacts(mp4, { audioTracks: [] }), `${mp4} has 1 tracks, 2 were planned`],
    [
      'the picture has another size',
      withFacts(mp4, { videoTracks: [{ ...truePicture, widthPx: 320 }] }),
      `${mp4} has 320x360 pictures, 640x360 were planned`,
    ],
    [
      'the codec is another',
      withFacts(mp4, { videoTracks: [{ ...truePicture, codec: 'hevc' }] }),
      `${mp4} has hevc video, h264 was planned`,
    ],
    ['a playlist is missing', withPlaylist(childLocation, null), `${childLocation} is missing`],
    ['a playlist is none', withPlaylist(childLocation, '<html>'), `${childLocation} is not a media playlist`],
    [
      'a playlist has no end',
      withPlaylist(childLocation, child.replace('#EXT-X-ENDLIST\n', '')),
      `${childLocation} has no end`,
    ],
    [
      'a segment is not named',
      withPlaylist(childLocation, child.replace('#EXTINF:2.000,\nclip%20v_00003.ts\n', '')),
      `${childLocation} does not name s3://out/p/clip v_00003.ts`,
    ],
    [
      'a segment is named that was never written',
      withPlaylist(childLocation, child.replace('v_00003', 'v_00009')),
      `${childLocation} names s3://out/p/clip v_00009.ts, which is not of this output`,
    ],
    [
      'a named segment is gone',
      withSize('s3://out/p/clip v_00002.ts', null),
      `${childLocation} names s3://out/p/clip v_00002.ts, which is missing`,
    ],
    [
      'durations do not add up',
      withPlaylist(childLocation, child.replace('2.000', '3.000')),
      `${childLocation} lasts 11000 ms, its output 10000 ms`,
    ],
    [
      'a duration is above the target',
      withPlaylist(childLocation, child.replace('TARGETDURATION:4', 'TARGETDURATION:3')),
      `${childLocation} has an entry of 4 s above its target of 3 s`,
    ],
    [
      'a byte range ends behind its object',
      withPlaylist('s3://out/p/clip_v_I-Frame.m3u8', keys.replace('376@188', '940@188')),
      's3://out/p/clip_v_I-Frame.m3u8 names bytes up to 1128 of s3://out/p/clip v_00001.ts, which has 940',
    ],
    [
      'the parent names a stranger',
      withPlaylist('s3://out/p/clip.m3u8', parent.replace('clip_v.m3u8', 'clip_w.m3u8')),
      's3://out/p/clip.m3u8 names s3://out/p/clip_w.m3u8, which was not written',
    ],
    [
      'the parent leaves a child out',
      withPlaylist('s3://out/p/clip.m3u8', parent.replace(/#EXT-X-I-FRAME-STREAM.*\n/, '')),
      's3://out/p/clip.m3u8 does not name s3://out/p/clip_v_I-Frame.m3u8',
    ],
  ] as const)('when %s', (_case, changes, defect) => {
    expect(defects(changes)).toContain(defect);
  });

  it('when pictures of a capture are missing, or a whole output', () => {
    const [file, hls] = results as [OutputGroupResult, OutputGroupResult];
    const [whole, capture] = file.outputs;
    const fewer = {
      ...file,
      outputs: [whole, { ...capture, objects: capture?.objects.slice(0, 1) }],
    } as OutputGroupResult;
    expect(defects({ results: [fewer, hls] })).toContain('1 pictures were written, 2 were encoded');
    expect(defects({ results: [{ ...file, outputs: file.outputs.slice(0, 1) }, hls] })).toContain(
      'output /outputGroups/0/outputs/1 was not written',
    );
  });
});

describe('the playlist reader', () => {
  it('counts byte ranges on from the one before when no offset is given', () => {
    const playlist = readPlaylist(
      Buffer.from(
        '#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:100@0\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:50\na.ts\n',
      ),
    );
    expect(playlist?.kind === 'media' && playlist.entries[1]?.byteRange).toEqual({
      lengthBytes: 50,
      offsetBytes: 100,
    });
  });

  it('resolves URIs against the playlist', () => {
    expect(resolveUri('s3://b/a/p.m3u8', '../c/50%25.ts')).toBe('s3://b/c/50%.ts');
    expect(resolveUri('s3://b/a/p.m3u8', './12:30.ts')).toBe('s3://b/a/12:30.ts');
    expect(resolveUri('s3://b/a/p.m3u8', 'https://h/x.ts')).toBe('https://h/x.ts');
  });

  it('takes broken compression for no playlist', () => {
    expect(readPlaylist(Buffer.of(0x1f, 0x8b, 1, 2))).toBeNull();
  });
});
