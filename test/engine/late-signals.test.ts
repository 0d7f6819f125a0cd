/**
 * Signals that stand in the file behind pictures of a later time, as in every transport stream: the decoder stores the
 * pictures, not the data. They still belong into the segment of their time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { readEvents, readMetadata } from '../signals/support/read-signals.ts';
import { tag, withLateSplice, withLateTag } from '../signals/support/signal-media.ts';
import { makeNumberedClip, readNumberedMedia } from './numbered-media.ts';
import { readTransport } from './read-transport.ts';
import { factsOf, inputOf } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;

beforeAll(() => {
  workshop = openWorkshop();
  const plain = workshop.inputPath('plain.ts');
  makeNumberedClip(plain, {
    frames: 400,
    frameRate: [50, 1],
    muxer: 'mpegts',
    video: {
      options: { preset: 'ultrafast', qp: '18', 'x264-params': 'bframes=2:b-adapt=0:scenecut=0:keyint=50' },
    },
    audio: null,
  });
  // Behind pictures of 5.7 s: the clock of the file is 0.7 s behind them. No queue between nodes holds as many.
  writeFileSync(workshop.inputPath('late.ts'), withLateTag(readFileSync(plain), { seconds: 3.6, at: 5 }));
  writeFileSync(
    workshop.inputPath('splice.ts'),
    withLateSplice(readFileSync(plain), { seconds: 4.5, at: 5 }),
  );
}, 120_000);

afterAll(() => workshop?.close());

const passed = { codecSettings: { codec: 'PASSTHROUGH' } };

async function run(outputGroups: readonly object[], input = 'late.ts'): Promise<void> {
  const settings = {
    inputs: [inputOf(input, { audioSelectors: {} })],
    timecodeConfig: { source: 'ZEROBASED' },
    outputGroups,
  } as unknown as JobSettings;
  const facts = await factsOf(workshop, settings);
  const capacity = { cores: 2, memoryBytes: 4_000_000_000 };
  const { plan, findings } = planJob({ settings, facts, capacity, job: { startTimeMs: 0 } });
  if (plan === null)
    throw new Error(findings.map(({ pointer, message }) => `${pointer} ${message}`).join('\n'));
  await workshop.run(plan);
}

it('puts late tags into the CMAF segment of their time beside copied pictures', async () => {
  await run([
    {
      outputGroupSettings: {
        type: 'CMAF_GROUP_SETTINGS',
        cmafGroupSettings: { destination: 's3://outputs/cmaf/c', segmentLength: 4, fragmentLength: 2 },
      },
      outputs: [
        {
          nameModifier: '_v',
          containerSettings: { container: 'CMFC', cmfcSettings: { timedMetadata: 'PASSTHROUGH' } },
          videoDescription: passed,
        },
      ],
    },
  ]);
  const [first = [], second = []] = [1, 2].map((number) =>
    readEvents(workshop.outputPath(`cmaf/c_v_00000000${number}.cmfv`)),
  );
  expect(first.map(({ seconds, data }) => [seconds, data.equals(tag)])).toEqual([[3.6, true]]);
  expect(second).toEqual([]);
}, 60_000);

it('puts late tags into the HLS segment of their time, and every picture behind them', async () => {
  await run([
    {
      outputGroupSettings: {
        type: 'HLS_GROUP_SETTINGS',
        hlsGroupSettings: {
          destination: 's3://outputs/hls/h',
          segmentLength: 4,
          minSegmentLength: 0,
          timedMetadataId3Frame: 'NONE',
        },
      },
      outputs: [
        {
          nameModifier: '_v',
          containerSettings: { container: 'M3U8', m3u8Settings: { timedMetadata: 'PASSTHROUGH' } },
          videoDescription: passed,
        },
      ],
    },
  ]);
  const keys = [1, 2].map((number) => workshop.outputPath(`hls/h_v_0000${number}.ts`));
  const tags = keys.map((key) => readMetadata(readTransport(key), 502).map(({ seconds }) => seconds));
  expect(tags).toEqual([[3.6], []]);
  const numbers = keys.flatMap((key) => readNumberedMedia(key).pictures.map(({ number }) => number));
  expect(numbers).toEqual(Array.from({ length: 400 }, (_, index) => index));
}, 60_000);

it('cuts at splice points whose message stands behind pictures of a later time', async () => {
  const h264Settings = { rateControlMode: 'VBR', bitrate: 400_000, qualityTuningLevel: 'SINGLE_PASS' };
  await run(
    [
      {
        outputGroupSettings: {
          type: 'HLS_GROUP_SETTINGS',
          hlsGroupSettings: { destination: 's3://outputs/cut/c', segmentLength: 4, minSegmentLength: 0 },
        },
        outputs: [
          {
            nameModifier: '_v',
            containerSettings: { container: 'M3U8', m3u8Settings: { scte35Source: 'PASSTHROUGH' } },
            videoDescription: { width: 320, height: 180, codecSettings: { codec: 'H_264', h264Settings } },
          },
        ],
      },
    ],
    'splice.ts',
  );
  const text = readFileSync(workshop.outputPath('cut/c_v.m3u8'), 'utf8');
  const lengths = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds));
  const ends = lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
  expect(ends).toContainEqual(expect.closeTo(4.5, 2));
}, 60_000);
