/** HLS groups: names, segments, audio roles, transport streams (spec packaging.md 2–5, 7; containers.md 8). */
import { describe, expect, test } from 'vitest';
import type {
  HlsGroupSettings,
  HlsSettings,
  M3u8Settings,
  Output,
} from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { segmentLocation } from '../../src/package/segment-location.ts';
import { hdFacts } from './facts-fixtures.ts';
import {
  errorsOf,
  h264Video,
  hlsGroup,
  jobWith,
  mustPlan,
  noticesOf,
  onlyHlsGroup,
  onlyVideo,
  planOf,
  startTimeMs,
  stereo,
} from './plan-fixtures.ts';

const container = (m3u8Settings: M3u8Settings = {}) => ({ container: 'M3U8', m3u8Settings }) as const;

const muxed = (nameModifier: string, changes: Partial<Output> = {}): Output => ({
  nameModifier,
  containerSettings: container(),
  videoDescription: h264Video({}, { width: 1280, height: 720 }),
  audioDescriptions: [stereo],
  ...changes,
});

const sound = (nameModifier: string, hlsSettings: HlsSettings = {}): Output => ({
  nameModifier,
  containerSettings: container(),
  audioDescriptions: [stereo],
  outputSettings: { hlsSettings },
});

const planned = (outputs: readonly Output[], settings: Partial<HlsGroupSettings> = {}) =>
  onlyHlsGroup(mustPlan(jobWith([hlsGroup(outputs, settings)])));

describe('names', () => {
  test('playlists and segments', () => {
    const group = planned([muxed('_$h$')]);
    expect(group.multivariant.location).toBe('s3://out/hls/main.m3u8');
    expect(group.outputs[0]).toMatchObject({
      playlistLocation: 's3://out/hls/main_720.m3u8',
      segmentLocation: 's3://out/hls/main_720_%05d.ts',
      iFramePlaylistLocation: null,
    });
  });

  test('segment modifiers keep the date for the segmenter', () => {
    const output = muxed('_v', { outputSettings: { hlsSettings: { segmentModifier: '_$w$_$dt$' } } });
    expect(planned([output]).outputs[0]?.segmentLocation).toBe('s3://out/hls/main_v_1280_%{dt}_%05d.ts');
  });

  test('hold text that looks like an identifier or a counter as text', () => {
    const output = muxed('_$$t$$%05d', {
      outputSettings: {
        hlsSettings: { segmentModifier: '_$$d$$-$t%05$', iFrameOnlyManifest: 'INCLUDE_AS_TS' },
      },
    });
    const [made] = planned([output], { destination: 's3://out/$$d$$/%05d' }).outputs;
    const location = made?.segmentLocation ?? '';
    expect(segmentLocation.dependsOnTime(location)).toBe(false);
    expect(segmentLocation.numbered(location, 7, 0)).toBe('s3://out/$$d$$/%05d_$t$%05d_$d$-$t%05$_00007.ts');
    expect(made?.playlistLocation).toBe('s3://out/$$d$$/%05d_$t$%05d.m3u8');
    expect(segmentLocation.numbered(made?.iFrameSegmentLocation ?? '', 7, 0)).toBe(
      's3://out/$$d$$/%05d_$t$%05d_I-Frame_00007.ts',
    );
  });

  test('a folder per stream', () => {
    const group = planned([muxed('_v')], { directoryStructure: 'SUBDIRECTORY_PER_STREAM' });
    expect(group.outputs[0]).toMatchObject({
      playlistLocation: 's3://out/hls/main_v/main_v.m3u8',
      segmentLocation: 's3://out/hls/main_v/main_v_%05d.ts',
    });
  });

  test('numbered folders of so many segments', () => {
    const folders = { directoryStructure: 'SUBDIRECTORY_PER_STREAM', segmentsPerSubdirectory: 5 } as const;
    expect(planned([muxed('_v')], folders).outputs[0]).toMatchObject({
      playlistLocation: 's3://out/hls/main_v/main_v.m3u8',
      segmentLocation: 's3://out/hls/main_v/%05d/main_v_%05d.ts',
      segmentsPerFolder: 5,
    });
  });

  test('key frames in files of their own, also where segments are encrypted as wholes', () => {
    const output = {
      ...muxed('_v'),
      outputSettings: { hlsSettings: { iFrameOnlyManifest: 'INCLUDE_AS_TS' } },
    } as const;
    const staticKeyProvider = { staticKeyValue: '00112233445566778899aabbccddeeff', url: 'https://k/1' };
    const encryption = { encryptionMethod: 'AES128', type: 'STATIC_KEY', staticKeyProvider } as const;
    expect(planned([output], { encryption }).outputs[0]).toMatchObject({
      iFramePlaylistLocation: 's3://out/hls/main_v_I-Frame.m3u8',
      iFrameSegmentLocation: 's3://out/hls/main_v_I-Frame_%05d.ts',
    });
    const ranges = {
      ...muxed('_v'),
      outputSettings: { hlsSettings: { iFrameOnlyManifest: 'INCLUDE' } },
    } as const;
    expect(errorsOf(planOf(jobWith([hlsGroup([ranges], { encryption })])))).toEqual([
      expect.stringContaining('use INCLUDE_AS_TS'),
    ]);
  });

  test('sound alone ends with the pictures of the group, wherever its output stands', () => {
    const m3u8Settings = { audioDuration: 'MATCH_VIDEO_DURATION' } as const;
    const soundFirst = {
      nameModifier: '_s',
      audioDescriptions: [stereo],
      containerSettings: { container: 'M3U8', m3u8Settings },
    } as const;
    const { audioRenditions, outputGroups } = mustPlan(jobWith([hlsGroup([soundFirst, muxed('_v')])]));
    const [group] = outputGroups;
    expect(group?.outputs.map(({ outputIndex }) => outputIndex)).toEqual([0, 1]);
    const alone = audioRenditions.find(({ id }) => group?.outputs[0]?.audioRenditionIds.includes(id));
    expect(alone?.endsWithVideo).toBe(group?.outputs[1]?.videoRenditionId);
  });

  test('one file, segments only, key-frame playlists, further manifests', () => {
    expect(planned([muxed('_v')], { segmentControl: 'SINGLE_FILE' }).outputs[0]?.segmentLocation).toBe(
      's3://out/hls/main_v.ts',
    );
    const silent = planned([muxed('_v')], { outputSelection: 'SEGMENTS_ONLY' });
    expect([silent.multivariant.location, silent.outputs[0]?.playlistLocation]).toEqual([null, null]);
    const keyFrames = planned([
      muxed('_v', { outputSettings: { hlsSettings: { iFrameOnlyManifest: 'INCLUDE' } } }),
    ]);
    expect(keyFrames.outputs[0]?.iFramePlaylistLocation).toBe('s3://out/hls/main_v_I-Frame.m3u8');
    const further = planned(
      [muxed('_a'), muxed('_b', { videoDescription: h264Video({}, { width: 640, height: 360 }) })],
      {
        additionalManifests: [{ manifestNameModifier: '_low', selectedOutputs: ['_b'] }],
      },
    );
    expect(further.additionalManifests).toEqual([
      { location: 's3://out/hls/main_low.m3u8', outputIndexes: [1] },
    ]);
  });
});

describe('segments', () => {
  const video = (settings: Partial<HlsGroupSettings>, gop: object) =>
    onlyVideo(mustPlan(jobWith([hlsGroup([muxed('_v', { videoDescription: h264Video(gop) })], settings)])));

  test('EXACT forces a key frame at each boundary, whatever the groups', () => {
    const rendition = video({ segmentLength: 10 }, { gopSize: 90, gopSizeUnits: 'FRAMES' });
    expect(rendition.forcedKeyFrameSeconds).toEqual(rational(10));
    expect(rendition.encoder.gopSizeFrames).toBe(90);
  });

  test.each([
    [2, 60],
    [3, 45],
    [6, 60],
    [10, 60],
  ])('automatic groups divide a segment of %d s', (segmentLength, frames) => {
    expect(video({ segmentLength }, {}).encoder.gopSizeFrames).toBe(frames);
  });

  test('GOP_MULTIPLE rounds the segment up to whole groups', () => {
    const group = planned(
      [muxed('_v', { videoDescription: h264Video({ gopSize: 100, gopSizeUnits: 'FRAMES' }) })],
      {
        segmentLengthControl: 'GOP_MULTIPLE',
        segmentLength: 6,
      },
    );
    expect(group.segmentSeconds).toEqual(rational(200 * 1001, 30000));
  });

  test('GOP_MULTIPLE with groups of different length is refused', () => {
    const outputs = [60, 100].map((gopSize) =>
      muxed(`_${gopSize}`, { videoDescription: h264Video({ gopSize, gopSizeUnits: 'FRAMES' }) }),
    );
    const result = planOf(jobWith([hlsGroup(outputs, { segmentLengthControl: 'GOP_MULTIPLE' })]));
    expect(errorsOf(result)).toEqual([expect.stringContaining('give them one GOP length')]);
  });
});

describe('sound', () => {
  test('an audio output is a variant of its own, unless a type or a video says otherwise', () => {
    const roles = planned([
      sound('_a'),
      sound('_b', { audioTrackType: 'ALTERNATE_AUDIO_NOT_AUTO_SELECT' }),
      sound('_c', { audioGroupId: 'french' }),
      {
        ...muxed('_v', { outputSettings: { hlsSettings: { audioRenditionSets: 'french' } } }),
        audioDescriptions: undefined,
      },
    ]).outputs.map(({ audioTrackType, audioGroupId }) => [audioTrackType, audioGroupId]);
    expect(roles).toEqual([
      ['AUDIO_ONLY_VARIANT_STREAM', 'program_audio_0'],
      ['ALTERNATE_AUDIO_NOT_AUTO_SELECT', 'program_audio_1'],
      ['ALTERNATE_AUDIO_AUTO_SELECT', 'french'],
      [null, null],
    ]);
  });

  test('packed audio by default, a transport stream when asked for', () => {
    const [packed, stream] = planned([sound('_a'), sound('_b', { audioOnlyContainer: 'M2TS' })]).outputs;
    expect(packed).toMatchObject({
      segmentFormat: 'adts',
      segmentLocation: 's3://out/hls/main_a_%05d.aac',
      timedId3Header: true,
    });
    expect(stream).toMatchObject({
      segmentFormat: 'mpegts',
      pids: { video: 0, audio: [482], pcr: 482 },
      timedId3Header: false,
    });
  });

  test('further manifests are not planned where no playlists are, and it is said', () => {
    const { plan, findings } = planOf(
      jobWith([
        hlsGroup([muxed('_v')], {
          outputSelection: 'SEGMENTS_ONLY',
          additionalManifests: [{ manifestNameModifier: '_low', selectedOutputs: ['_v'] }],
        }),
      ]),
    );
    expect(plan === null ? null : onlyHlsGroup(plan).additionalManifests).toEqual([]);
    expect(noticesOf(findings)).toEqual([expect.stringMatching(/^no-effect .*additionalManifests$/)]);
  });

  test('of two defaults in an audio group the first is one, and the other is told', () => {
    const hlsSettings = {
      audioGroupId: 'sound',
      audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT',
    } as const;
    const { findings } = planOf(
      jobWith([hlsGroup([muxed('_v'), sound('_a', hlsSettings), sound('_b', hlsSettings)])]),
    );
    expect(noticesOf(findings)).toEqual([
      expect.stringMatching(/^substituted .*outputs\/2\/outputSettings\/hlsSettings\/audioTrackType$/),
    ]);
  });

  test('rendition sets that name nothing are dropped with a notice, as the console writes them', () => {
    const { plan, findings } = planOf(
      jobWith([
        hlsGroup([muxed('_v', { outputSettings: { hlsSettings: { audioRenditionSets: 'program_audio' } } })]),
      ]),
    );
    expect(plan === null ? null : onlyHlsGroup(plan).outputs[0]?.audioRenditionSets).toBeNull();
    expect(noticesOf(findings)).toEqual([expect.stringMatching(/^no-effect .*audioRenditionSets$/)]);
  });
});

describe('transport streams', () => {
  const stream = (settings: M3u8Settings) =>
    planned([muxed('_v', { containerSettings: container(settings) })]).outputs[0];

  test('defaults of the service', () => {
    expect(stream({})).toMatchObject({
      pids: { video: 481, audio: [482], pmt: 480, pcr: 481 },
      pesAudioFrames: 4,
      timestampOffsetMs: 2000,
      muxerOptions: { mpegts_service_id: '1', mpegts_transport_stream_id: '1' },
    });
  });

  test('everything given', () => {
    expect(
      stream({
        pmtPid: 100,
        videoPid: 101,
        audioPids: [102, 103],
        programNumber: 7,
        transportStreamId: 8,
        audioFramesPerPes: 2,
        pcrControl: 'CONFIGURED_PCR_PERIOD',
        maxPcrInterval: 60,
        patInterval: 100,
        pmtInterval: 200,
        ptsOffsetMode: 'SECONDS',
        ptsOffset: 10,
      }),
    ).toMatchObject({
      pids: { video: 101, audio: [102], pmt: 100, pcr: 101 },
      clockIntervalMs: 60,
      pesAudioFrames: 2,
      timestampOffsetMs: 10_000,
      muxerOptions: {
        mpegts_service_id: '7',
        mpegts_transport_stream_id: '8',
        pat_period: '0.100',
      },
    });
  });

  test('the interval of the clock counts where pcrControl asks for it, and is 80 ms where none is given', () => {
    const interval = (settings: M3u8Settings) => stream(settings)?.clockIntervalMs;
    expect(interval({ pcrControl: 'CONFIGURED_PCR_PERIOD' })).toBe(80);
    expect(interval({ pcrControl: 'CONFIGURED_PCR_PERIOD', maxPcrInterval: 0 })).toBe(80);
    expect(interval({ maxPcrInterval: 20 })).toBeUndefined();
    expect(stream({ maxPcrInterval: 20 })?.muxerOptions).toMatchObject({ pcr_period: '1' });
  });

  test('clashing PIDs and a clock on that of a table are refused', () => {
    const errors = (settings: M3u8Settings) =>
      errorsOf(planOf(jobWith([hlsGroup([muxed('_v', { containerSettings: container(settings) })])])));
    expect(errors({ videoPid: 482 })).toEqual([expect.stringContaining('share a PID')]);
    expect(errors({ pcrPid: 480 })).toEqual([
      expect.stringContaining('PID 480 is that of a table or of data'),
    ]);
    expect(errors({ pcrPid: 490 })).toEqual([]);
  });
});

describe('program date-time', () => {
  const dates = (
    timecodeConfig: object,
    settings: Partial<HlsGroupSettings> = {},
    facts = hdFacts({ startTimecode: '10:00:00;15' }),
  ) =>
    onlyHlsGroup(
      mustPlan(
        jobWith([hlsGroup([muxed('_v')], { programDateTime: 'INCLUDE', ...settings })], { timecodeConfig }),
        facts,
      ),
    );

  test('the embedded timecode on the day the job started', () => {
    const group = dates({});
    expect(new Date(group.programDateTimeStartMs ?? 0).toISOString()).toBe('2026-01-02T10:00:00.501Z');
    expect(group.programDateTimePeriodSeconds).toBe(600);
  });

  test('zero-based on a given day, or a specified start', () => {
    expect(dates({ source: 'ZEROBASED', timestampOffset: '2024-02-29' }).programDateTimeStartMs).toBe(
      Date.parse('2024-02-29T00:00:00Z'),
    );
    expect(
      dates({ source: 'SPECIFIEDSTART', start: '01:02:03:00' }, { programDateTimePeriod: 0 }),
    ).toMatchObject({
      programDateTimeStartMs: Math.floor(startTimeMs / 86_400_000) * 86_400_000 + 3_723_000,
      programDateTimePeriodSeconds: 0,
    });
  });
});

describe('the form of CODECS', () => {
  const pointer = '/outputGroups/0/outputGroupSettings/hlsGroupSettings/codecSpecification';
  const planned = (codecSpecification: string) =>
    planOf(jobWith([hlsGroup([muxed('_v')], { codecSpecification })]));

  test('is one, and a job that asks for the other is told', () => {
    expect(planned('RFC_6381').plan).toEqual(planned('RFC_4281').plan);
    expect(noticesOf(planned('RFC_6381').findings)).toContain(`no-effect ${pointer}`);
    expect(noticesOf(planned('RFC_4281').findings)).not.toContain(`no-effect ${pointer}`);
  });
});
