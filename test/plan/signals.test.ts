/** What the planner makes of signals: which outputs take them, what is refused by name, what has no effect (spec packaging.md 9, 10). */
import { describe, expect, it } from 'vitest';
import { validateRelations } from '../../src/contract/relations.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import type { DataTrackFacts, InputFacts } from '../../src/plan/facts.ts';
import { breaksDocument, manifestDocument, signalDocument } from '../signals/support/esam-documents.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  hlsGroup,
  jobWith,
  mustPlan,
  noticesOf,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const dataTrack = (codec: string, streamIndex: number): DataTrackFacts => ({
  ...audioTrack(),
  kind: 'data',
  codec,
  streamIndex,
});

const withSplices: InputFacts = hdFacts({
  container: 'mpegts',
  demuxer: 'mpegts',
  dataTracks: [dataTrack('scte_35', 2), dataTrack('scte_35', 5), dataTrack('klv', 3)],
  programs: [
    { programNumber: 1, streamIndexes: [0, 1, 5, 3] },
    { programNumber: 2, streamIndexes: [2] },
  ],
});

const m2ts = (m2tsSettings: object, destination = 's3://out/ts') =>
  fileGroup(
    [
      {
        containerSettings: { container: 'M2TS', m2tsSettings },
        videoDescription: h264Video(),
        audioDescriptions: [stereo],
      },
    ] as never,
    destination,
  );

const hls = (m3u8Settings: object, settings: object = {}) =>
  hlsGroup(
    [
      {
        nameModifier: '_v',
        containerSettings: { container: 'M3U8', m3u8Settings },
        videoDescription: h264Video(),
        audioDescriptions: [stereo],
      },
    ] as never,
    settings,
  );

const esam = (sccXml: string, mccXml?: string): Partial<JobSettings> => ({
  esam: {
    signalProcessingNotification: { sccXml },
    ...(mccXml === undefined ? {} : { manifestConfirmConditionNotification: { mccXml } }),
  },
});

const id3 = 'SUQzBAAAAAAAEFRYWFgAAAAGAAADaGkAb2s=';

describe('messages of the input', () => {
  it('are read from the program of the picture, for the outputs that take them', () => {
    const plan = mustPlan(
      jobWith([m2ts({ scte35Source: 'PASSTHROUGH', klvMetadata: 'PASSTHROUGH' })]),
      withSplices,
    );
    expect(plan.inputs[0]?.data).toEqual([
      { streamIndex: 3, kind: 'klv' },
      { streamIndex: 5, kind: 'scte35' },
    ]);
    expect(plan.signals).toMatchObject({
      cues: [],
      tags: [],
      conditionedRenditionIds: ['video-1'],
      adAvailOffsetMs: 0,
    });
    const [group] = plan.outputGroups;
    expect(group?.type === 'FILE_GROUP' && group.outputs[0]?.transport?.data).toEqual({
      scte35Pid: 500,
      id3Pid: null,
      klv: { pid: 503, isSynchronous: false },
      startsWithVideo: false,
    });
  });

  it('condition a whole group when one of its outputs takes them', () => {
    const [first, second] = [hls({ scte35Source: 'PASSTHROUGH' }), hls({})];
    const outputs = [
      ...(first.outputs ?? []),
      { ...second.outputs?.[0], nameModifier: '_w', videoDescription: h264Video({ bitrate: 1_000_000 }) },
    ];
    const plan = mustPlan(jobWith([{ ...first, outputs } as never]), withSplices);
    const [group] = plan.outputGroups;
    expect(group).toMatchObject({ splices: { minSegmentSeconds: 0 } });
    expect(
      group?.type === 'HLS_GROUP' &&
        group.outputs.map(({ data, marksAvails }) => [data !== undefined, marksAvails]),
    ).toEqual([
      [true, true],
      [false, undefined],
    ]);
    expect(plan.signals?.conditionedRenditionIds).toEqual(['video-1', 'video-2']);
  });

  it('have pictures wait for them, which takes memory by the rate of the input', () => {
    const memoryOf = (settings: object, bitrateBps: number): number => {
      const facts = { ...withSplices, videoTracks: [videoTrack({ bitrateBps })] };
      return mustPlan(jobWith([m2ts(settings)]), facts).estimate.memoryBytes;
    };
    const [slow, fast] = [8_000_000, 80_000_000].map(
      (bps) => memoryOf({ scte35Source: 'PASSTHROUGH' }, bps) - memoryOf({}, bps),
    );
    expect([slow, fast]).toEqual([3_000_000, 30_000_000]);
  });

  it('leave no trace in jobs that ask for nothing', () => {
    const plan = mustPlan(jobWith([m2ts({}), hls({})]), withSplices);
    expect(plan.signals).toBeUndefined();
    expect(plan.inputs[0]?.data).toBeUndefined();
  });

  it('are missed with a notice where the input has none', () => {
    const settings = jobWith(
      [m2ts({ scte35Source: 'PASSTHROUGH', scte35Pid: 600, klvMetadata: 'PASSTHROUGH' })],
      {
        adAvailOffset: 100,
        availBlanking: { availBlankingImage: 's3://in/slate.png' },
      },
    );
    const { plan, findings } = planOf(settings);
    expect(plan?.signals).toBeUndefined();
    const at = '/outputGroups/0/outputs/0/containerSettings/m2tsSettings';
    expect(noticesOf(findings)).toEqual(
      expect.arrayContaining([
        `no-effect ${at}/scte35Source`,
        `no-effect ${at}/klvMetadata`,
        `no-effect ${at}/scte35Pid`,
        'no-effect /adAvailOffset',
        'no-effect /availBlanking/availBlankingImage',
      ]),
    );
  });

  it.each([
    [
      'cues of playlists',
      jobWith([m2ts({ scte35Source: 'MANIFEST_CUES' })]),
      /cues of HLS playlists are not turned into SCTE-35/,
    ],
    [
      'two streams on one PID',
      jobWith([m2ts({ scte35Source: 'PASSTHROUGH', scte35Pid: 482 })]),
      /share a PID/,
    ],
    [
      'slow PAL',
      jobWith([
        fileGroup([
          {
            containerSettings: { container: 'M2TS', m2tsSettings: { scte35Source: 'PASSTHROUGH' } },
            videoDescription: h264Video({
              framerateControl: 'SPECIFIED',
              framerateNumerator: 25,
              framerateDenominator: 1,
              slowPal: 'ENABLED',
            }),
          },
        ] as never),
      ]),
      /do not follow pictures that play faster/,
    ],
    [
      'sound that cannot be muted',
      jobWith(
        [
          fileGroup([
            {
              containerSettings: { container: 'M2TS', m2tsSettings: { scte35Source: 'PASSTHROUGH' } },
              videoDescription: h264Video(),
              audioDescriptions: [
                { audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'PASSTHROUGH' } },
              ],
            },
          ] as never),
        ],
        { availBlanking: {} },
      ),
      /cannot be muted in ad avails/,
    ],
  ])('refuses %s', (_name, settings, message) => {
    const facts: InputFacts = {
      ...withSplices,
      videoTracks: [videoTrack({ frameRate: { num: 24, den: 1 } })],
      audioTracks: [audioTrack({ codec: 'ac3', channelLayout: 'stereo' })],
    };
    expect(errorsOf(planOf(settings, facts)).join('\n')).toMatch(message);
  });
});

describe('ESAM documents', () => {
  it('condition every output, and go where they are asked for', () => {
    const mp4 = fileGroup(
      [
        { containerSettings: { container: 'MP4' }, videoDescription: h264Video({ bitrate: 1_000_000 }) },
      ] as never,
      's3://out/mp4',
    );
    const settings = jobWith([m2ts({ scte35Esam: { scte35EsamPid: 508 } }), hls({}), mp4], {
      esam: { ...esam(breaksDocument([[10, 40]])).esam, responseSignalPreroll: 20_000 },
    });
    const plan = mustPlan(settings);
    expect(
      plan.signals?.cues.map(({ at, messageAt, isInSegments }) => [at, messageAt, isInSegments]),
    ).toEqual([
      [900_000, 0, true],
      [3_600_000, 1_800_000, true],
    ]);
    expect(plan.signals?.conditionedRenditionIds).toHaveLength(plan.videoRenditions.length);
    const [file, segments] = plan.outputGroups;
    expect(file?.type === 'FILE_GROUP' && file.outputs[0]?.transport?.data?.scte35Pid).toBe(508);
    expect(
      segments?.type === 'HLS_GROUP' && [segments.splices, segments.markers, segments.outputs[0]?.data],
    ).toEqual([{ minSegmentSeconds: 0 }, undefined, undefined]);
  });

  it('are told of points behind the end of the output, which is no point of its own', () => {
    const document = breaksDocument([
      [20, 40],
      [50, 60],
    ]);
    const facts = { ...withSplices, durationUs: 40_000_000 };
    const { plan, findings } = planOf(jobWith([m2ts({ scte35Esam: {} })], esam(document)), facts);
    expect(plan?.signals?.cues).toHaveLength(4);
    const told = findings.filter(({ pointer }) => pointer === '/esam/signalProcessingNotification/sccXml');
    expect(told.map(({ message }) => message)).toEqual([
      'the point of ResponseSignal 3 lies outside the output',
      'the point of ResponseSignal 4 lies outside the output',
    ]);
  });

  it('keep messages out of segments but where their manifest passes them', () => {
    const settings = jobWith(
      [hls({ scte35Source: 'PASSTHROUGH' }, { adMarkers: ['ELEMENTAL'] })],
      esam(breaksDocument([[10, 40]]), manifestDocument),
    );
    expect(validateRelations(settings)).toEqual([]);
    const plan = mustPlan(settings);
    expect(plan.signals?.cues.map(({ isInSegments }) => isInSegments)).toEqual([true, false]);
    const [group] = plan.outputGroups;
    expect(group?.type === 'HLS_GROUP' && group.markers?.conditions).toHaveLength(2);
  });

  it('exclude messages of the input in the containers that choose between them (400)', () => {
    const settings = jobWith([m2ts({ scte35Source: 'PASSTHROUGH' })], esam(breaksDocument([[10, 40]])));
    expect(validateRelations(settings)).toMatchObject([
      { pointer: '/outputGroups/0/outputs/0/containerSettings/m2tsSettings/scte35Source' },
    ]);
  });

  it.each([
    [signalDocument({ point: 'soon' }), undefined, '/esam/signalProcessingNotification/sccXml'],
    [
      '<SignalProcessingNotification><a></SignalProcessingNotification>',
      undefined,
      '/esam/signalProcessingNotification/sccXml',
    ],
    [
      breaksDocument([[10, 40]]),
      '<ManifestConfirmConditionNotification/>',
      '/esam/manifestConfirmConditionNotification/mccXml',
    ],
    [signalDocument({ id: 'other' }), manifestDocument, '/esam/manifestConfirmConditionNotification/mccXml'],
  ])('are refused with 1040 at their place when they do not say what they must (%#)', (scc, mcc, pointer) => {
    const { findings } = planOf(jobWith([hls({})], esam(scc, mcc)));
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 1040, pointer })]),
    );
  });
});

describe('inserted tags', () => {
  const insertion = (timecode: string, tag = id3): Partial<JobSettings> => ({
    timedMetadataInsertion: {
      id3Insertions: [
        { id3: tag, timecode },
        { id3, timecode: '01:00:01;00' },
      ],
    },
    timecodeConfig: { source: 'SPECIFIEDSTART', start: '01:00:00;00' },
  });

  it('stand at timecodes of the output, in order of time', () => {
    const plan = mustPlan(jobWith([hls({ timedMetadata: 'PASSTHROUGH' })], insertion('01:00:03;15')));
    const frame = 90_000 * (1001 / 30_000);
    expect(plan.signals?.tags.map(({ at }) => at)).toEqual([Math.round(30 * frame), Math.round(105 * frame)]);
    const [group] = plan.outputGroups;
    expect(group?.type === 'HLS_GROUP' && group.outputs[0]?.timestampTags).toEqual({
      frame: 'PRIV',
      periodSeconds: 10,
      startMs: Date.parse('2026-01-02T01:00:00Z'),
    });
  });

  it('are left out, with a notice, where no output takes them or the output has no such time', () => {
    const unused = planOf(jobWith([hls({})], insertion('01:00:03;15')));
    expect(unused.plan?.signals).toBeUndefined();
    expect(noticesOf(unused.findings)).toContain('no-effect /timedMetadataInsertion/id3Insertions');
    // The last picture of two seconds is 01:00:01;29.
    const facts = hdFacts({ durationUs: 2_002_000 });
    for (const [timecode, count] of [
      ['00:59:59;00', 1],
      ['01:00:01;29', 2],
      ['01:00:02;00', 1],
    ] as const) {
      const job = jobWith([hls({ timedMetadata: 'PASSTHROUGH' })], insertion(timecode));
      const outside = planOf(job, facts);
      expect(outside.plan?.signals?.tags, timecode).toHaveLength(count);
      const notice = 'no-effect /timedMetadataInsertion/id3Insertions/0/timecode';
      expect(noticesOf(outside.findings).includes(notice), timecode).toBe(count === 1);
    }
  });

  it.each([
    ['SUQzBAAAAAAAEFRYWFgAAAAG', '01:00:03;15', 'id3', /whole ID3v2 tag/],
    ['AAAA', '01:00:03;15', 'id3', /whole ID3v2 tag/],
    [id3, '01:00:03;45', 'timecode', /no such timecode/],
    [id3, '01:01:00;00', 'timecode', /no such timecode/],
  ])('are refused with 1040 when they are none (%#)', (tag, timecode, member, message) => {
    const { findings } = planOf(jobWith([hls({ timedMetadata: 'PASSTHROUGH' })], insertion(timecode, tag)));
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([
      { code: 1040, pointer: `/timedMetadataInsertion/id3Insertions/0/${member}` },
    ]);
    expect(errors[0]?.message).toMatch(message);
  });
});
