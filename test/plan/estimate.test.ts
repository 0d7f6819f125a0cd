/** What plans predict of bytes, time and memory (design 5): every codec, and what changes lengths and sizes. */
import { describe, expect, test } from 'vitest';
import type { Output } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { encodedMegapixels } from '../../src/plan/estimate.table.ts';
import { effortKey } from '../../src/plan/estimate-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { Estimate } from '../../src/plan/plan.ts';
import { audioCases, videoCases } from './estimate-cases.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import { fileGroup, h264Video, hlsGroup, jobWith, mp4Output, mustPlan, stereo } from './plan-fixtures.ts';

const seconds = 60;
const at25: Partial<InputFacts> = { durationUs: seconds * 1_000_000 };
const source = hdFacts({
  ...at25,
  videoTracks: [
    videoTrack({ frameRate: rational(25), frameCount: 1500, timeBase: rational(1, 25), durationTicks: 1500 }),
  ],
});
const dolby = {
  ...source,
  videoTracks: [],
  audioTracks: [audioTrack({ codec: 'ac3', fourCc: 'ac-3', profile: null, bitrateBps: 384_000 })],
};

const planned = (output: Output, facts: InputFacts = source) =>
  mustPlan(jobWith([fileGroup([output])]), facts);

const videos = Object.entries(videoCases).flatMap(([codec, cases]) =>
  cases.map((one) => {
    const [width, height] = one.size ?? [1920, 1080];
    const size = codec === 'PASSTHROUGH' ? {} : { width, height };
    const codecSettings = { codec, ...one.settings } as never;
    const output: Output = {
      containerSettings: { container: one.container },
      videoDescription: { ...size, codecSettings },
    };
    return { ...one, name: `${codec} ${JSON.stringify(one.settings)}`, plan: () => planned(output) };
  }),
);

const sounds = Object.entries(audioCases).flatMap(([codec, cases]) =>
  cases.map((one) => {
    const codecSettings = { codec, ...one.settings } as never;
    const output: Output = {
      containerSettings: { container: one.container },
      audioDescriptions: [{ audioSourceName: 'Audio Selector 1', codecSettings }],
    };
    return {
      ...one,
      name: `${codec} ${JSON.stringify(one.settings)}`,
      plan: () => planned(output, codec === 'PASSTHROUGH' ? dolby : source),
    };
  }),
);

describe('every codec', () => {
  test.each([...videos, ...sounds])(
    '$name: bytes near $kbps kb/s ($source)',
    ({ plan, kbps, within = 1.05 }) => {
      const nominal = (kbps * 1000 * seconds) / 8;
      const { outputBytes } = plan().estimate;
      expect((outputBytes ?? 0) / nominal).toBeGreaterThan(1 / within);
      expect((outputBytes ?? 0) / nominal).toBeLessThan(within);
    },
  );

  test('has a time, and its encoder a measured speed', () => {
    for (const { name, plan } of [...videos, ...sounds]) {
      const { estimate, videoRenditions } = plan();
      expect(estimate.wallMs, name).toBeGreaterThan(400);
      for (const { encoder } of videoRenditions) {
        if (encoder.encoder === 'copy') continue;
        expect(encodedMegapixels, name).toHaveProperty([effortKey(encoder)]);
      }
    }
  });

  test('has neither bytes nor a time where the length is not known', () => {
    const endless = {
      ...source,
      durationUs: null,
      videoTracks: [videoTrack({ durationTicks: null, frameCount: null })],
      audioTracks: [],
    };
    const { outputBytes, wallMs } = planned(
      { ...mp4Output(h264Video()), audioDescriptions: [] },
      endless,
    ).estimate;
    expect([outputBytes, wallMs]).toEqual([null, null]);
  });
});

describe('bytes', () => {
  const bytesOf = (output: Output, facts?: InputFacts) => planned(output, facts).estimate.outputBytes ?? 0;
  const at = (kbps: number) => (kbps * 1000 * seconds) / 8;

  test('a transport stream of constant rate is as large as its rate, whatever is in it', () => {
    const m2ts = (m2tsSettings: object): Output => ({
      containerSettings: { container: 'M2TS', m2tsSettings },
      videoDescription: h264Video({ bitrate: 2_000_000 }),
      audioDescriptions: [stereo],
    });
    expect(bytesOf(m2ts({ rateMode: 'CBR', bitrate: 12_000_000 }))).toBe(at(12_000));
    const variable = bytesOf(m2ts({ rateMode: 'VBR' }));
    expect(variable / at(2128)).toBeGreaterThan(1.02);
    expect(variable / at(2128)).toBeLessThan(1.1);
  });

  test('passed video of a track without a rate has what the file has beside its sound', () => {
    const [video] = source.videoTracks;
    const facts = {
      ...source,
      bitrateBps: 9_000_000,
      videoTracks: [{ ...(video ?? videoTrack()), bitrateBps: null }],
      audioTracks: [audioTrack({ bitrateBps: 1_000_000 })],
    };
    const copy: Output = {
      containerSettings: { container: 'MP4' },
      videoDescription: { codecSettings: { codec: 'PASSTHROUGH' } },
    };
    expect(bytesOf(copy, facts) / at(8000)).toBeCloseTo(1, 1);
    expect(bytesOf(copy, { ...facts, bitrateBps: null }) / at(20_000)).toBeCloseTo(1, 1);
  });

  test('one picture at least is captured, and a better one is larger', () => {
    const capture = (frameCaptureSettings: object): Output => ({
      containerSettings: { container: 'RAW' },
      videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings } },
    });
    const rare = { framerateNumerator: 1, framerateDenominator: 3600 };
    const one = bytesOf(capture(rare));
    expect(one).toBeGreaterThan((1920 * 1080 * 0.3) / 8);
    expect(one).toBeLessThan((1920 * 1080 * 0.8) / 8);
    expect(bytesOf(capture({ ...rare, quality: 100 }))).toBeGreaterThan(2 * one);
    expect(bytesOf(capture({ ...rare, quality: 1 }))).toBeLessThan(one);
  });

  test('thumbnails beside a group count', () => {
    const output: Output = {
      nameModifier: '_v',
      containerSettings: { container: 'M3U8' },
      videoDescription: h264Video({ bitrate: 1_000_000 }),
    };
    const group = (settings: object) => mustPlan(jobWith([hlsGroup([output], settings)]), source).estimate;
    const plain = group({}).outputBytes ?? 0;
    const more = (group({ imageBasedTrickPlay: 'THUMBNAIL' }).outputBytes ?? 0) - plain;
    expect(more).toBeGreaterThan(60 * 1000);
    expect(more).toBeLessThan(plain / 4);
  });

  test('only what is made in scratch takes scratch', () => {
    const capture: Output = {
      nameModifier: '_capture',
      containerSettings: { container: 'RAW' },
      videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } },
    };
    const prores: Output = {
      containerSettings: { container: 'MOV' },
      videoDescription: { codecSettings: { codec: 'PRORES', proresSettings: {} } },
    };
    const { scratchBytes, outputBytes } = mustPlan(jobWith([fileGroup([prores, capture])]), source).estimate;
    expect(scratchBytes).toBe(planned(prores).estimate.scratchBytes);
    expect(scratchBytes).toBeGreaterThan(at(100_000));
    expect(scratchBytes).toBeLessThan(outputBytes ?? 0);
  });
});

test('memory grows with what a look keeps of each picture', () => {
  const output = (bounds: object): Output => ({
    containerSettings: { container: 'WEBM' },
    videoDescription: {
      codecSettings: {
        codec: 'VP8',
        vp8Settings: { bitrate: 2_000_000, qualityTuningLevel: 'MULTI_PASS_HQ', ...bounds },
      },
    },
  });
  const memory = (bounds: object): number => planned(output(bounds)).estimate.memoryBytes;
  expect(memory({}) - memory({ maxBitrate: 4_000_000 })).toBe(32 * 25 * seconds);
});

describe('time', () => {
  const wallMs = (output: Output, cores = 2): number =>
    mustPlan(jobWith([fileGroup([output])]), source, { capacity: { cores, memoryBytes: 64_000_000_000 } })
      .estimate.wallMs ?? 0;
  const peak = { maxBitrate: 4_000_000 };
  /** Within a peak its rate control is looked at. */
  const vp9 = (qualityTuningLevel: 'MULTI_PASS' | 'MULTI_PASS_HQ', bounds: object = peak): Output => ({
    containerSettings: { container: 'WEBM' },
    videoDescription: {
      codecSettings: {
        codec: 'VP9',
        vp9Settings: { bitrate: 2_000_000, qualityTuningLevel, ...bounds },
      },
    },
  });

  test('a better level takes longer, and each look counts', () => {
    const megapixels = 1920 * 1080 * 25 * seconds;
    const plan = planned(vp9('MULTI_PASS_HQ'));
    const { passes, averageAim } = plan.videoRenditions[0]?.encoder ?? {};
    expect([passes, averageAim?.looks]).toEqual([2, 2]);
    const encoding = (3 * megapixels) / 1_000_000 / (encodedMegapixels['libvpx-vp9 1'] ?? 0);
    expect(wallMs(vp9('MULTI_PASS_HQ')) / (1000 * encoding)).toBeGreaterThan(0.5);
    expect(wallMs(vp9('MULTI_PASS_HQ')) / (1000 * encoding)).toBeLessThan(0.55);
    expect(wallMs(vp9('MULTI_PASS'))).toBeLessThan(wallMs(vp9('MULTI_PASS_HQ')) / 2);
  });

  test.each(['MULTI_PASS', 'MULTI_PASS_HQ'] as const)(
    'a quick look of VP9 takes less than one of its rate control, %s',
    (level) => {
      const share = wallMs(vp9(level, {})) / wallMs(vp9(level));
      // Of two passes, or three, one and a little.
      expect(share).toBeGreaterThan(level === 'MULTI_PASS' ? 0.52 : 0.34);
      expect(share).toBeLessThan(level === 'MULTI_PASS' ? 0.65 : 0.4);
    },
  );

  test.each([
    ['MULTI_PASS', 1.25],
    ['MULTI_PASS_HQ', 1.15],
  ] as const)('a look of VP8 is short beside its pass, %s', (qualityTuningLevel, share) => {
    const vp8 = (bounds: object): Output => ({
      containerSettings: { container: 'WEBM' },
      videoDescription: {
        codecSettings: {
          codec: 'VP8',
          vp8Settings: { bitrate: 2_000_000, qualityTuningLevel, ...bounds },
        },
      },
    });
    const longer = wallMs(vp8({})) / wallMs(vp8({ maxBitrate: 4_000_000 }));
    expect(longer).toBeGreaterThan(share - 0.1);
    expect(longer).toBeLessThan(share + 0.2);
  });

  test('cores share the work, but for an encoder that has one', () => {
    const gif: Output = {
      containerSettings: { container: 'GIF' },
      videoDescription: { codecSettings: { codec: 'GIF', gifSettings: {} } },
    };
    expect(wallMs(vp9('MULTI_PASS'), 2) / wallMs(vp9('MULTI_PASS'), 8)).toBeGreaterThan(3.5);
    expect(wallMs(gif, 2) / wallMs(gif, 8)).toBeLessThan(1.1);
  });

  test('what passes through is not decoded', () => {
    const copy: Output = {
      containerSettings: { container: 'MP4' },
      videoDescription: { codecSettings: { codec: 'PASSTHROUGH' } },
    };
    expect(wallMs(copy)).toBeLessThan(1000);
    expect(wallMs(mp4Output(h264Video()))).toBeGreaterThan(10_000);
  });
});

describe('memory of AV1', () => {
  /** Of 1280×720 at 25 on two cores, the highest that an engine took (MiB). */
  test.each([
    ['CBR', { rateControlMode: 'CBR', bitrate: 3_000_000 }, 219],
    ['0 B-frames', { numberBFramesBetweenReferenceFrames: 0 }, 218],
    ['3 B-frames', { numberBFramesBetweenReferenceFrames: 3 }, 303],
    ['7 B-frames', {}, 336],
    ['15 B-frames', { numberBFramesBetweenReferenceFrames: 15 }, 401],
    ['grain', { filmGrainSynthesis: 'ENABLED' }, 391],
  ])('%s', (_name, changes, measuredMiB) => {
    const av1Settings = { rateControlMode: 'QVBR', maxBitrate: 5_000_000, ...changes } as never;
    const [video] = source.videoTracks;
    const small = { ...source, videoTracks: [{ ...(video ?? videoTrack()), widthPx: 1280, heightPx: 720 }] };
    const estimate: Estimate = mustPlan(
      jobWith([
        fileGroup([
          {
            containerSettings: { container: 'MP4' },
            videoDescription: { codecSettings: { codec: 'AV1', av1Settings } },
          },
        ]),
      ]),
      small,
      { capacity: { cores: 2, memoryBytes: 8_000_000_000 } },
    ).estimate;
    const share = estimate.memoryBytes / (measuredMiB * 1024 * 1024);
    expect(share).toBeGreaterThan(1.12);
    expect(share).toBeLessThan(1.3);
  });
});

describe('memory of the search for motion', () => {
  const output = (framerateConversionAlgorithm: 'FRAMEFORMER' | 'INTERPOLATE', framerateNumerator = 30) =>
    mp4Output(
      h264Video(
        {
          framerateControl: 'SPECIFIED',
          framerateNumerator,
          framerateDenominator: 1,
          framerateConversionAlgorithm,
          qualityTuningLevel: 'SINGLE_PASS',
        },
        { width: 426, height: 240 },
      ),
    );
  const memory = (...asked: Parameters<typeof output>): number =>
    planned(output(...asked)).estimate.memoryBytes;

  test('is that of the source’s pixels: the engine held 600 MiB more at 1080p', () => {
    expect(memory('FRAMEFORMER') - memory('INTERPOLATE')).toBeGreaterThan(600 * 1024 * 1024);
    expect(memory('FRAMEFORMER') - memory('INTERPOLATE')).toBeLessThan(700 * 1024 * 1024);
    // At the source's own rate there is no search.
    expect(memory('FRAMEFORMER', 25)).toBe(memory('INTERPOLATE', 25));
  });

  test('is that of the largest input of a job', () => {
    const small = {
      ...source,
      videoTracks: source.videoTracks.map((track) => ({ ...track, widthPx: 320, heightPx: 180 })),
    };
    const joined = (algorithm: 'FRAMEFORMER' | 'INTERPOLATE') => {
      const settings = jobWith([fileGroup([output(algorithm)])]);
      const [input] = settings.inputs ?? [];
      const two = { ...settings, inputs: [input ?? {}, { ...input, fileInput: 's3://in/large.mov' }] };
      return mustPlan(two, small, { facts: [small, source] }).estimate.memoryBytes;
    };
    expect(joined('FRAMEFORMER') - joined('INTERPOLATE')).toBeGreaterThan(600 * 1024 * 1024);
  });
});
