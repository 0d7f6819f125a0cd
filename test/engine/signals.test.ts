/**
 * Signals from an input into every kind of output, by the whole way: probe, plan, engine. The input is a transport stream
 * with data streams put into it; the outputs are read by readers of their own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { readMediaPlaylist } from '../package/support/read-playlists.ts';
import { breaksDocument } from '../signals/support/esam-documents.ts';
import { numberedPng, whitePng } from '../signals/support/png.ts';
import { readEvents, readMap, readMessages, readMetadata } from '../signals/support/read-signals.ts';
import { readSplice } from '../signals/support/read-splice.ts';
import { klv, tag, withSignals } from '../signals/support/signal-media.ts';
import { makeNumberedClip, readNumberedMedia } from './numbered-media.ts';
import { readPes, readSections, readTransport } from './read-transport.ts';
import { factsOf, inputOf, oneOutput, runSettings, type SettingsRun } from './run-settings.ts';
import { watchMedia } from './watch-media.ts';
import { openWorkshop, type RunOptions, type Workshop } from './workshop.ts';

let workshop: Workshop;

beforeAll(async () => {
  workshop = openWorkshop();
  const plain = workshop.inputPath('plain.ts');
  makeNumberedClip(plain, {
    frames: 250,
    frameRate: [25, 1],
    muxer: 'mpegts',
    audio: { encoder: 'aac', sampleRateHz: 48_000, channels: 2 },
  });
  writeFileSync(workshop.inputPath('signals.ts'), withSignals(readFileSync(plain)));
}, 120_000);

afterAll(() => workshop?.close());

const h264Settings = { rateControlMode: 'VBR', bitrate: 400_000, qualityTuningLevel: 'SINGLE_PASS' };
const videoDescription = { width: 320, height: 180, codecSettings: { codec: 'H_264', h264Settings } };
const aacSettings = { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 };
const audioDescriptions = [
  { audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'AAC', aacSettings } },
];

function jobOf(outputGroups: readonly object[], changes: object = {}): JobSettings {
  return {
    inputs: [inputOf('signals.ts')],
    timecodeConfig: { source: 'ZEROBASED' },
    outputGroups,
    ...changes,
  } as unknown as JobSettings;
}

function hls(
  destination: string,
  group: object,
  m3u8Settings: object,
  outputs: readonly object[] = [],
): object {
  return {
    outputGroupSettings: {
      type: 'HLS_GROUP_SETTINGS',
      hlsGroupSettings: { destination, segmentLength: 4, minSegmentLength: 0, ...group },
    },
    outputs: [
      {
        nameModifier: '_v',
        containerSettings: { container: 'M3U8', m3u8Settings },
        videoDescription,
        audioDescriptions,
      },
      ...outputs,
    ],
  };
}

function m2ts(destination: string, m2tsSettings: object): object {
  return {
    outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination } },
    outputs: [
      {
        extension: 'ts',
        containerSettings: { container: 'M2TS', m2tsSettings: { bitrate: 3_000_000, ...m2tsSettings } },
        videoDescription,
        audioDescriptions,
      },
    ],
  };
}

function fragmented(
  type: 'CMAF' | 'DASH_ISO',
  destination: string,
  block: object,
  group: object = {},
): object {
  const settings = { destination, segmentLength: 4, fragmentLength: 2, ...group };
  const isCmaf = type === 'CMAF';
  const container = isCmaf
    ? { container: 'CMFC', cmfcSettings: block }
    : { container: 'MPD', mpdSettings: block };
  return {
    outputGroupSettings: {
      type: `${type}_GROUP_SETTINGS`,
      [isCmaf ? 'cmafGroupSettings' : 'dashIsoGroupSettings']: settings,
    },
    outputs: [{ nameModifier: '_v', containerSettings: container, videoDescription }],
  };
}

async function run(settings: JobSettings, options: Pick<RunOptions, 'onLeftOut'> = {}): Promise<void> {
  const facts = await factsOf(workshop, settings);
  const capacity = { cores: 2, memoryBytes: 4_000_000_000 };
  const { plan, findings } = planJob({ settings, facts, capacity, job: { startTimeMs: 0 } });
  if (plan === null)
    throw new Error(findings.map(({ pointer, message }) => `${pointer} ${message}`).join('\n'));
  await workshop.run(plan, options);
}

const text = (key: string): string => readFileSync(workshop.outputPath(key), 'utf8');

describe('an input with SCTE-35, ID3 and KLV', () => {
  it('is probed with its data tracks', async () => {
    const [facts] = await factsOf(workshop, jobOf([]));
    expect(facts?.dataTracks.map(({ codec, isSynchronous }) => [codec, isSynchronous ?? false])).toEqual([
      ['scte_35', false],
      ['timed_id3', false],
      ['klv', true],
    ]);
  });

  it('passes them into transport stream files, on the clock of the file', async () => {
    const settings = {
      scte35Source: 'PASSTHROUGH',
      scte35Pid: 600,
      klvMetadata: 'PASSTHROUGH',
      privateMetadataPid: 603,
    };
    await run(jobOf([m2ts('s3://outputs/file', settings)]));
    const packets = readTransport(workshop.outputPath('file.ts'));
    const { program, streams } = readMap(packets);
    expect(program).toBe('050443554549');
    expect(streams.get(600)).toBe('86 8a0101');
    expect(streams.get(603)).toBe('15 26090100ff4b4c5641000f2709c00000c00000c00000');
    const messages = readMessages(packets, 600);
    expect(messages.map(({ seconds, type }) => [seconds, type])).toEqual([
      [3, 0x34],
      [3, 0x34],
      [7, 0x35],
    ]);
    for (const [index, told] of [1, 1.5, 4.2].entries())
      expect(Math.abs((messages[index]?.clock ?? 0) - told), `message ${index}`).toBeLessThan(0.25);
    const metadata = readMetadata(packets, 603);
    expect(metadata.map(({ seconds }) => seconds)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(metadata[4]?.streamId).toBe(0xfc);
    expect(metadata[4]?.bytes.subarray(5)).toEqual(klv);
    const media = await watchMedia(workshop.outputPath('file.ts'));
    expect(media.video.decodeErrors + media.audio.decodeErrors).toBe(0);
    const start = media.video.times[0] ?? 0;
    const keys = media.video.keyTimes.map((time) => Number((time - start).toFixed(3)));
    expect(keys).toEqual(expect.arrayContaining([0, 3, 7]));
    // The product's own probe finds the data again.
    const again = await factsOf(workshop, { inputs: [{ fileInput: 's3://outputs/file.ts' }] } as JobSettings);
    expect(again[0]?.dataTracks.map(({ codec, isSynchronous }) => [codec, isSynchronous ?? false])).toEqual([
      ['scte_35', false],
      ['klv', true],
    ]);
  }, 60_000);

  it.each([
    ['00:00:06:00', [['splice-insert', [0]]]],
    ['00:00:04:00', []],
  ])('tells its splice_insert at 4.5 s once in a clip that ends at %s', async (endTimecode, told) => {
    const inputs = [inputOf('signals.ts', { inputClippings: [{ endTimecode }] })];
    const heard: unknown[] = [];
    const output = m2ts('s3://outputs/clip', { scte35Source: 'PASSTHROUGH' });
    await run(jobOf([output], { inputs }), { onLeftOut: (...words) => heard.push(words) });
    expect(heard).toEqual(told);
  });

  it('cuts HLS segments at the points, marks them, and carries messages and tags', async () => {
    const group = {
      adMarkers: ['ELEMENTAL'],
      timedMetadataId3Frame: 'PRIV',
      timedMetadataId3Period: 4,
    };
    const audio = {
      nameModifier: '_a',
      containerSettings: { container: 'M3U8', m3u8Settings: { scte35Source: 'PASSTHROUGH' } },
      audioDescriptions,
    };
    const stream = { scte35Source: 'PASSTHROUGH', timedMetadata: 'PASSTHROUGH', timedMetadataPid: 700 };
    await run(jobOf([hls('s3://outputs/hls/main', group, stream, [audio])]));
    const playlist = text('hls/main_v.m3u8');
    expect(readMediaPlaylist(playlist).map(({ duration }) => duration)).toEqual([3, 1, 3, 1, 2]);
    expect(playlist.match(/#EXT-X-CUE.*/g)).toEqual([
      '#EXT-X-CUE-OUT:4.000',
      '#EXT-X-CUE-OUT-CONT:1.000/4',
      '#EXT-X-CUE-IN',
    ]);
    expect(text('hls/main_a.m3u8').match(/#EXT-X-CUE[^:\n]*/g)).toEqual([
      '#EXT-X-CUE-OUT',
      '#EXT-X-CUE-OUT-CONT',
      '#EXT-X-CUE-IN',
    ]);
    const segments = [1, 2, 3, 4, 5].map((number) =>
      readTransport(workshop.outputPath(`hls/main_v_0000${number}.ts`)),
    );
    for (const packets of segments) {
      expect(packets.slice(0, 2).map(({ pid }) => pid)).toEqual([0, 480]);
      const { program, streams } = readMap(packets);
      expect(program).toBe('050443554549250fffff49443320ff49443320001f0001');
      expect(streams.get(500)).toBe('86 8a0101');
      expect(streams.get(700)).toBe('15 260dffff49443320ff49443320000f');
    }
    const first = readPes(segments[0] ?? [], 481)[0]?.pts ?? 0;
    const splices = segments.map((packets) =>
      readSections(packets, 500).map(({ section }) => (Number(readSplice(section).pts) - first) / 90_000),
    );
    expect(splices).toEqual([[3, 3], [], [7], [], []]);
    const tags = segments.map((packets) =>
      readPes(packets, 700).map(({ pts, first: { payload } }) => [
        (pts - first) / 90_000,
        payload
          .subarray(9 + (payload[8] ?? 0))
          .toString('latin1')
          .slice(10, 14),
      ]),
    );
    expect(tags).toEqual([
      [
        [0, 'PRIV'],
        [2, 'TXXX'],
      ],
      [],
      [[4, 'PRIV']],
      [],
      [[8, 'PRIV']],
    ]);
    const [[, timestamp]] = [[0, readMetadata(segments[0] ?? [], 700)[0]?.bytes ?? Buffer.alloc(8)]] as const;
    expect(Number(timestamp.readBigUInt64BE(timestamp.length - 8))).toBe(first);
  }, 60_000);

  it('cuts CMAF segments at the points and puts events in front of them', async () => {
    const block = {
      scte35Source: 'PASSTHROUGH',
      klvMetadata: 'PASSTHROUGH',
      timedMetadata: 'PASSTHROUGH',
      timedMetadataBoxVersion: 'VERSION_1',
      timedMetadataSchemeIdUri: 'urn:example:id3',
      timedMetadataValue: '7',
      manifestMetadataSignaling: 'ENABLED',
    };
    const insertions = [{ id3: tag.toString('base64'), timecode: '00:00:05:00' }];
    await run(
      jobOf([fragmented('CMAF', 's3://outputs/cmaf/c', block)], {
        timedMetadataInsertion: { id3Insertions: insertions },
      }),
    );
    expect(readMediaPlaylist(text('cmaf/c_v.m3u8')).map(({ duration }) => duration)).toEqual([3, 1, 3, 1, 2]);
    const events = [1, 2, 3, 4, 5].map((number) =>
      readEvents(workshop.outputPath(`cmaf/c_v_00000000${number}.cmfv`)),
    );
    const of = (scheme: string) => events.map((list) => list.filter((event) => event.scheme === scheme));
    const splices = of('urn:scte:scte35:2013:bin');
    expect(splices.map((list) => list.map(({ version, seconds }) => [version, seconds]))).toEqual([
      [
        [0, 3],
        [0, 3],
      ],
      [],
      [[0, 3]],
      [],
      [],
    ]);
    const [opening, again, closing] = splices.flat().map(({ id }) => id);
    expect(again).toBe(opening);
    expect(closing).not.toBe(opening);
    expect(Number(readSplice(splices[0]?.[0]?.data ?? Buffer.alloc(0)).pts)).toBe(3 * 90_000);
    expect(
      of('urn:example:id3').map((list) =>
        list.map(({ version, value, seconds }) => [version, value, seconds]),
      ),
    ).toEqual([[[1, '7', 2]], [], [[1, '7', 5]], [], []]);
    expect(of('urn:example:id3')[2]?.[0]?.data).toEqual(tag);
    const metadata = of('urn:misb:KLV:bin:1910.1');
    expect(metadata.map((list) => list.map(({ seconds }) => seconds))).toEqual([
      [0, 1, 2],
      [3],
      [4, 5, 6],
      [7],
      [8],
    ]);
    expect(metadata[0]?.[0]).toMatchObject({ version: 1, value: 'KLV0:01FC', data: klv });
    const mpd = text('cmaf/c.mpd');
    expect(mpd.match(/<InbandEventStream [^>]*>/g)).toEqual([
      '<InbandEventStream schemeIdUri="urn:scte:scte35:2013:bin"/>',
      '<InbandEventStream schemeIdUri="urn:example:id3" value="7"/>',
      '<InbandEventStream schemeIdUri="urn:misb:KLV:bin:1910.1" value="KLV0:01FC"/>',
    ]);
    expect(mpd.match(/<S [^>]*>/g)).toHaveLength(5);
  }, 60_000);

  it('keeps the points in DASH files of one piece, and their index true', async () => {
    const block = { scte35Source: 'PASSTHROUGH', timedMetadata: 'PASSTHROUGH' };
    await run(
      jobOf([fragmented('DASH_ISO', 's3://outputs/dash/d', block, { segmentControl: 'SINGLE_FILE' })]),
    );
    const events = readEvents(workshop.outputPath('dash/d_v.mp4'));
    expect(events.map(({ scheme, version }) => [scheme, version])).toEqual([
      ['urn:scte:scte35:2013:bin', 0],
      ['urn:scte:scte35:2013:bin', 0],
      ['https://aomedia.org/emsg/ID3', 0],
      ['urn:scte:scte35:2013:bin', 0],
    ]);
    expect(text('dash/d.mpd')).not.toContain('InbandEventStream');
    const media = await watchMedia(workshop.outputPath('dash/d_v.mp4'));
    expect(media.video.times).toHaveLength(250);
    expect(media.video.decodeErrors).toBe(0);
  }, 60_000);

  it('moves the points by adAvailOffset, and follows clips of the input', async () => {
    const clips = [
      { startTimecode: '00:00:02:00', endTimecode: '00:00:04:24' },
      { startTimecode: '00:00:06:00', endTimecode: '00:00:08:24' },
    ];
    const settings = jobOf(
      [
        hls(
          's3://outputs/clips/main',
          { segmentLength: 10, adMarkers: ['ELEMENTAL'] },
          { scte35Source: 'PASSTHROUGH' },
        ),
      ],
      {
        inputs: [inputOf('signals.ts', { inputClippings: clips })],
        adAvailOffset: 400,
      },
    );
    await run(settings);
    // Three seconds of each: the break opens 1.4 s into the first and closes 1.4 s into the second.
    const durations = readMediaPlaylist(text('clips/main_v.m3u8')).map(({ duration }) => duration);
    expect(durations).toEqual([1.4, 3, 1.6]);
    expect(text('clips/main_v.m3u8')).toContain('#EXT-X-CUE-OUT:3.000');
  }, 60_000);
});

describe('ad avails that are blanked', () => {
  const esam = { signalProcessingNotification: { sccXml: breaksDocument([[3, 7]]) } };

  it('are black and silent to the frame and the sample, and begin and end with a key frame', async () => {
    const settings = oneOutput([inputOf('signals.ts')], { job: { esam, availBlanking: {} } });
    const { media, plan } = await runSettings(workshop, settings);
    const dark = media.pictures.flatMap(({ isBlack }, index) => (isBlack ? [index] : []));
    expect(dark).toEqual(Array.from({ length: 100 }, (_, index) => 75 + index));
    expect(media.pictures).toHaveLength(250);
    const loud = (from: number, to: number) =>
      media.samples.subarray(from, to).some((sample) => sample !== 0);
    expect(loud(3 * 48_000, 7 * 48_000)).toBe(false);
    expect(loud(3 * 48_000 - 48, 3 * 48_000)).toBe(true);
    expect(loud(7 * 48_000, 7 * 48_000 + 48)).toBe(true);
    const { video } = await watchMedia(workshop.outputPath(fileOf(plan)));
    expect(video.keyTimes).toEqual(expect.arrayContaining([3, 7]));
  }, 60_000);

  it('show the image, in the middle of black', async () => {
    writeFileSync(workshop.inputPath('slate.png'), numberedPng(77, { widthPx: 128, heightPx: 96 }));
    const availBlanking = { availBlankingImage: 's3://inputs/slate.png' };
    const settings = oneOutput([inputOf('signals.ts')], { job: { esam, availBlanking } });
    const { media } = await runSettings(workshop, settings);
    expect(media.pictures.slice(73, 77).map(({ number }) => number)).toEqual([73, 74, 77, 77]);
    expect(media.pictures.slice(173, 177).map(({ number }) => number)).toEqual([77, 77, 175, 176]);
  }, 60_000);

  it('show a smaller image on black, and refuse a larger one', async () => {
    writeFileSync(workshop.inputPath('white.png'), whitePng({ widthPx: 64, heightPx: 48 }));
    const job = {
      esam: { signalProcessingNotification: { sccXml: breaksDocument([[0, 1]]) } },
      availBlanking: { availBlankingImage: 's3://inputs/white.png' },
    };
    const settings = oneOutput([inputOf('signals.ts')], { job });
    const { plan } = await runSettings(workshop, settings);
    const { video } = await watchMedia(workshop.outputPath(fileOf(plan)));
    // A quarter of each quarter is white.
    for (const luma of video.quarters ?? []) expect(Math.abs(luma - (16 + 219 / 4))).toBeLessThan(4);
    const small = oneOutput([inputOf('signals.ts')], { video: { width: 48, height: 36 }, job });
    await expect(runSettings(workshop, small)).rejects.toMatchObject({ record: { code: 1040 } });
    const missing = { availBlankingImage: 's3://inputs/signals.png' };
    writeFileSync(workshop.inputPath('signals.png'), 'no picture');
    const broken = oneOutput([inputOf('signals.ts')], { job: { ...job, availBlanking: missing } });
    await expect(runSettings(workshop, broken)).rejects.toMatchObject({ record: { code: 1010 } });
  }, 60_000);
});

/** The file that `runSettings` made of the first output. */
function fileOf({ outputGroups }: SettingsRun['plan']): string {
  const [group] = outputGroups;
  const location = group?.type === 'FILE_GROUP' ? group.outputs[0]?.location : undefined;
  return (location ?? '').replace('s3://outputs/', '').replace(/mp4$/, 'mov');
}

it('finds the numbered pictures of the input, so that what is missing was blanked', () => {
  expect(readNumberedMedia(workshop.inputPath('signals.ts')).pictures).toHaveLength(250);
});
