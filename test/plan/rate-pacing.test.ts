/** What encoders are held to, so that averages and peaks come out as asked (spec video.md 5; bench/rate-control.ts). */
import { describe, expect, test } from 'vitest';
import type { H264Settings, VideoDescription } from '../../src/contract/types.generated.ts';
import { paceWindow } from '../../src/plan/rate-pacing.ts';
import { hdFacts } from './facts-fixtures.ts';
import { constant, h264, h265, lasting, uncountedBps } from './pacing-fixtures.ts';
import {
  encoderParameters,
  fileGroup,
  h264Video,
  h265Video,
  jobWith,
  mp4Job,
  mustPlan,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

describe('what is at the edge', () => {
  test('an average that leaves a window no frame of buffer is refused', () => {
    const near = { rateControlMode: 'VBR', bitrate: 5_400_000, maxBitrate: 5_500_000 } as const;
    const windowed = { ...near, slidingWindowPeakBitrate: 5_500_000, slidingWindowMs: 300 };
    const { findings } = planOf(mp4Job(h264Video(windowed)), lasting(60));
    const refused = findings.filter(({ severity }) => severity === 'error');
    expect(refused).toMatchObject([
      {
        pointer: expect.stringMatching(/slidingWindowPeakBitrate$/),
        message: expect.stringContaining('a frame'),
      },
    ]);
    expect(h264({ ...windowed, bitrate: 4_500_000 }).encoder.maxBitrateBps).toBe(4_635_000);
  });

  test('decoding never begins before a picture can have come', () => {
    const { streamData } = h264({ ...constant, hrdBufferInitialFillPercentage: 0 });
    const pictureBits = (3_000_000 * 1001) / 30_000;
    expect(streamData?.decoderBuffer?.initialFill).toBeCloseTo(pictureBits / 3_000_000, 6);
  });

  test('a bound of the average has its second pass at the effort that keeps a small buffer', () => {
    const { encoder } = h265({
      rateControlMode: 'QVBR',
      bitrate: undefined,
      maxBitrate: 6_000_000,
      hrdBufferSize: 1_200_000,
      qualityTuningLevel: 'MULTI_PASS_HQ',
      qvbrSettings: { maxAverageBitrate: 2_000_000 },
    });
    expect(encoder).toMatchObject({ passes: 2, options: { preset: 'superfast' } });
    expect(encoder.averageLimitBps).toBeLessThanOrEqual(2_000_000);
  });
});

describe('a bounded quality', () => {
  const quality = { rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 6_000_000 } as const;
  const on = (cores: number, settings: Partial<H264Settings>) =>
    onlyVideo(
      mustPlan(mp4Job(h264Video(settings)), hdFacts(), {
        capacity: { cores, memoryBytes: 16_000_000_000 },
      }),
    );

  test.each([
    [1, 2, '2'],
    [4, 6, '6'],
    [8, 12, '12'],
  ])('of H.264 on %d cores allows rows as much as one thread would', (cores, threads, tolerance) => {
    const video = on(cores, quality);
    expect(video.encoder.threads).toBe(threads);
    expect(encoderParameters(video)['ratetol']).toBe(tolerance);
    expect(encoderParameters(on(cores, constant))['ratetol']).toBe(tolerance);
  });

  test('groups of one picture are bounded one by one, and averages have a tolerance of their own', () => {
    const single = { ...quality, gopSize: 1, gopSizeUnits: 'FRAMES' } as const;
    expect(encoderParameters(on(4, single))['ratetol']).toBeUndefined();
    const average = { bitrate: 3_000_000, qualityTuningLevel: 'MULTI_PASS_HQ' } as const;
    expect(encoderParameters(on(4, average))['ratetol']).toBeUndefined();
  });
});

describe('a variable rate', () => {
  test.each([
    [6, '1.00'],
    [30, '0.20'],
    [60, '0.10'],
    [600, '0.32'],
    [36_000, '1.00'],
  ])('H.264 over %d s keeps its average within a tolerance of %s', (seconds, tolerance) => {
    expect(encoderParameters(h264({ bitrate: 3_000_000 }, seconds))['ratetol']).toBe(tolerance);
  });

  test('two passes know the clip: nothing is held nearer', () => {
    const hq = { bitrate: 3_000_000, qualityTuningLevel: 'MULTI_PASS_HQ' } as const;
    expect(encoderParameters(h264(hq))['ratetol']).toBeUndefined();
    expect(h265(hq).encoder.pacing?.rateBps).toBeGreaterThan(3_000_000);
  });

  test.each([
    ['SINGLE_PASS', '10'],
    ['SINGLE_PASS_HQ', '25'],
    ['MULTI_PASS_HQ', '25'],
  ] as const)('a bounded quality of H.265 looks as far ahead at %s as pays: %s frames', (level, frames) => {
    const bounded = { rateControlMode: 'QVBR', maxBitrate: 3_000_000, qualityTuningLevel: level } as const;
    expect(encoderParameters(h265(bounded))['rc-lookahead']).toBe(frames);
  });

  test('H.265 is held near the average of a short clip, and by its maximum over a long one', () => {
    const variable = { bitrate: 3_000_000, maxBitrate: 6_000_000 };
    expect(h265(variable).encoder.pacing).toEqual({
      rateBps: 3_000_000 - uncountedBps,
      bufferBits: 8_100_000 - 8 * (15 + 8 + 12),
    });
    expect(h265(variable, 600).encoder.pacing).toEqual({
      rateBps: 6_000_000 - uncountedBps,
      bufferBits: 10_800_000 - 8 * (15 + 8 + 12),
    });
    expect(encoderParameters(h265(variable))['rc-lookahead']).toBe('25');
  });
});

describe('a variable rate in a small buffer', () => {
  const variable = { bitrate: 3_000_000, maxBitrate: 5_250_000 } as const;
  const windowOf = (slidingWindowMs: number) =>
    ({ ...variable, slidingWindowPeakBitrate: 5_250_000, slidingWindowMs }) as const;
  const told = (video: VideoDescription) =>
    planOf(mp4Job(video), lasting(60)).findings.flatMap((finding) =>
      finding.severity === 'notice' && finding.reason === 'rate-short' ? [finding] : [],
    );
  const block = (codec: 'h264' | 'h265') =>
    `/outputGroups/0/outputs/0/videoDescription/codecSettings/${codec}Settings`;

  test.each([
    ['H.264', 300, 0.22, 1],
    ['H.264', 600, 0.37, 0],
    ['H.265', 600, 0.37, 1],
    ['H.265', 1000, 0.44, 1],
  ] as const)('%s in windows of %d ms, which leave it %d s: told %d times', (codec, ms, seconds, times) => {
    const video = codec === 'H.264' ? h264Video(windowOf(ms)) : h265Video(windowOf(ms));
    const findings = told(video);
    expect(findings).toHaveLength(times);
    for (const { pointer, message, remedy } of findings) {
      expect(pointer).toBe(`${block(codec === 'H.264' ? 'h264' : 'h265')}/slidingWindowPeakBitrate`);
      expect(message).toContain(`a buffer of ${seconds} s`);
      expect(remedy).toMatch(/^Raise slidingWindowPeakBitrate or slidingWindowMs/);
    }
  });

  test.each([
    [1_049_999, 'H.264', 1],
    [1_050_000, 'H.264', 0],
    [1_050_000, 'H.265', 1],
    [1_650_000, 'H.265', 0],
  ] as const)('a buffer of %d bits of its own, %s: told %d times', (hrdBufferSize, codec, times) => {
    const settings = { ...variable, hrdBufferSize };
    const findings = told(codec === 'H.264' ? h264Video(settings) : h265Video(settings));
    expect(findings).toHaveLength(times);
    for (const { pointer, remedy } of findings) {
      expect(pointer).toMatch(/hrdBufferSize$/);
      expect(remedy).toBe(`Raise hrdBufferSize to ${codec === 'H.264' ? 1_050_000 : 1_650_000}.`);
    }
  });

  test('two passes of H.265 come to their average in windows that they keep', () => {
    const twice = { qualityTuningLevel: 'MULTI_PASS_HQ' } as const;
    expect(told(h265Video({ ...windowOf(600), ...twice }))).toEqual([]);
    expect(told(h265Video({ ...windowOf(300), ...twice }))).toHaveLength(1);
  });

  test('constant rates and bounded qualities have no such average', () => {
    expect(told(h264Video({ ...constant, hrdBufferSize: 600_000 }))).toEqual([]);
    const quality = { rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 6_000_000 } as const;
    expect(told(h265Video({ ...quality, hrdBufferSize: 600_000 }))).toEqual([]);
  });

  test.each([
    [300, {}, '6'],
    [600, {}, '11'],
    [300, { numberBFramesBetweenReferenceFrames: 7 }, '8'],
    [300, { framerateControl: 'SPECIFIED', framerateNumerator: 60, framerateDenominator: 1 }, '12'],
  ] as const)('H.265 in windows of %d ms with %o looks %s pictures ahead', (ms, changes, frames) => {
    expect(encoderParameters(h265({ ...windowOf(ms), ...changes }))['rc-lookahead']).toBe(frames);
  });

  test.each([
    [300, 'MULTI_PASS_HQ', 'fast', 1],
    [600, 'MULTI_PASS_HQ', 'slow', 2],
    [300, 'SINGLE_PASS_HQ', 'fast', 1],
    [300, 'SINGLE_PASS', 'superfast', 1],
  ] as const)('H.265 in windows of %d ms and %s takes %s and %d passes', (ms, level, preset, passes) => {
    const settings = { ...windowOf(ms), qualityTuningLevel: level };
    expect(h265(settings).encoder).toMatchObject({ passes, options: { preset } });
    const substituted = planOf(mp4Job(h265Video(settings)), lasting(60)).findings.filter(({ message }) =>
      message.includes('the effort of SINGLE_PASS_HQ at most'),
    );
    expect(substituted).toHaveLength(ms === 300 && level === 'MULTI_PASS_HQ' ? 1 : 0);
  });
});

describe('a bounded quality', () => {
  const bounded = { rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 5_000_000 } as const;

  test('no window as long as the buffer holds more than the maximum', () => {
    const { pacing, maxBitrateBps, bufferSizeBits } = h264(bounded).encoder;
    const seconds = bufferSizeBits / maxBitrateBps;
    const most = (pacing?.rateBps ?? 0) * seconds + (pacing?.bufferBits ?? 0);
    expect(most).toBeLessThanOrEqual(maxBitrateBps * seconds);
    expect(pacing).toEqual({ rateBps: 3_750_000, bufferBits: 2_500_000 });
  });

  test('a window of its own bounds it further', () => {
    const windowed = { ...bounded, slidingWindowPeakBitrate: 6_000_000, slidingWindowMs: 500 };
    const { pacing } = h264(windowed).encoder;
    expect((pacing?.rateBps ?? 0) * 0.5 + (pacing?.bufferBits ?? 0)).toBeLessThanOrEqual(3_000_000);
  });

  test('a window is rate × time and buffer together', () => {
    expect(paceWindow(1_000_000, 2)).toEqual({ rateBps: 750_000, bufferBits: 500_000 });
  });

  test.each([
    ['a shorter one gives more of itself to the buffer', 0.6, 0, 650_000],
    ['down to a fifth of a second', 0.1, 0, 550_000],
    ['but stays above an average', 0.1, 600_000, 618_000],
    ['however near the peak', 0.1, 900_000, 927_000],
    ['up to it', 1, 1_000_000, 1_000_000],
  ])('%s', (_, seconds, averageBps, rateBps) => {
    const paced = paceWindow(1_000_000, seconds, averageBps);
    expect(paced.rateBps).toBe(rateBps);
    expect(paced.rateBps * seconds + paced.bufferBits).toBeLessThanOrEqual(1_000_000 * seconds);
  });

  test.each([
    [1_400_000, 'MULTI_PASS_HQ', 'superfast'],
    [1_600_000, 'MULTI_PASS_HQ', 'slow'],
    [1_400_000, 'SINGLE_PASS', 'superfast'],
  ] as const)(
    'H.265 within %i bits at 5 Mb/s and %s takes %s',
    (hrdBufferSize, qualityTuningLevel, preset) => {
      const result = planOf(
        mp4Job(h265Video({ ...bounded, hrdBufferSize, qualityTuningLevel })),
        lasting(60),
      );
      expect(result.plan?.videoRenditions[0]?.encoder.options['preset']).toBe(preset);
      const told = result.findings.filter(({ message }) =>
        message.includes('is kept by the effort of SINGLE_PASS alone'),
      );
      expect(told).toHaveLength(preset === 'superfast' && qualityTuningLevel !== 'SINGLE_PASS' ? 1 : 0);
    },
  );
});

describe('what is written behind the encoder', () => {
  const written = { timecodeInsertion: 'PIC_TIMING_SEI', afdSignaling: 'FIXED', fixedAfd: 8 } as const;
  const unregistered = { unregisteredSeiTimecode: 'ENABLED' } as const;
  const streamOf = (videoDescription: object, ...containers: ('M2TS' | 'MP4')[]) => {
    const outputs = containers.map((container, index) => ({
      nameModifier: `_${index}`,
      containerSettings: { container },
      videoDescription: { ...videoDescription, ...written },
    }));
    return onlyVideo(mustPlan(jobWith([fileGroup(outputs)]), lasting(60)));
  };
  const frames = 30_000 / 1001;
  /** Of a minute, which is asked for less by what its buffer usually owes at the end. */
  const left = (bytes: number, owedSeconds: number) =>
    (3_000_000 * (60 - owedSeconds)) / 60 - Math.ceil(8 * frames * (bytes + 8 / 30));

  test('is taken from the rate and the buffer of H.264, whose delimiters the encoder writes', () => {
    const { encoder } = streamOf(h264Video({ ...constant, ...unregistered, repeatPps: 'ENABLED' }), 'M2TS');
    const askedBps = left(11 + 17 + 30 + 12, 0.4);
    expect(encoder).toMatchObject({
      askedBps,
      pacing: { rateBps: askedBps, bufferBits: 5_100_000 - 8 * (11 + 17 + 30 + 12 + 8 + 12) },
      options: { 'x264-params': expect.stringMatching(/:aud=1:vbv-init=0.89/) },
    });
  });

  test('is taken from those of H.265 beside what the encoder leaves out', () => {
    const { encoder } = streamOf(h265Video({ ...constant, ...unregistered }), 'M2TS');
    const askedBps = left(15 + 17 + 18 + 31 + 4, 0.3);
    expect(encoder).toMatchObject({ askedBps, pacing: { rateBps: askedBps } });
  });

  test('leaves a rate the thousand bits that encoders count', () => {
    const least = { rateControlMode: 'CBR', bitrate: 1500, hrdBufferSize: 6000, ...unregistered } as const;
    const { encoder } = streamOf(h264Video(least), 'M2TS');
    expect(encoder).toMatchObject({ askedBps: 1000, pacing: { rateBps: 1000 } });
  });

  test('is what the outputs of one encode need together', () => {
    const shared = streamOf(h264Video(constant), 'MP4', 'M2TS');
    expect(shared.encoder.options['x264-params']).toContain(':aud=1');
    expect(shared.streamData?.countsParameterSets).toBe(true);
    const alone = streamOf(h264Video(constant), 'MP4');
    expect(alone.encoder.options['x264-params']).not.toContain('aud');
    expect(alone.streamData?.countsParameterSets).toBeUndefined();
  });

  test('is taken from a bounded quality and from a variable rate too', () => {
    const bounded = { rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 5_000_000 } as const;
    const taken = Math.ceil(8 * frames * (11 + 17));
    expect(streamOf(h264Video(bounded), 'M2TS').encoder).toMatchObject({
      pacing: { rateBps: 3_750_000 - taken },
      maxBitrateBps: 5_000_000,
    });
    const variable = { bitrate: 3_000_000, maxBitrate: 6_000_000 };
    expect(streamOf(h264Video(variable), 'M2TS').encoder).toMatchObject({
      askedBps: 3_000_000 - taken,
      pacing: { rateBps: 6_000_000 - taken },
    });
  });
});
