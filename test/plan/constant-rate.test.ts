/** Constant rates of H.264 and H.265: what their encoders are asked for, and what their streams tell (spec video.md 5). */
import { describe, expect, test } from 'vitest';
import { hdFacts } from './facts-fixtures.ts';
import { besideBits, constant, h264, h265, keyFrameBps, uncountedBps } from './pacing-fixtures.ts';
import { encoderParameters, h264Video, mp4Job, mustPlan, onlyVideo } from './plan-fixtures.ts';

describe('a constant rate', () => {
  test.each([
    [10, 3_000_000, 6_000_000],
    [30, 3_000_000, 6_000_000],
    [45, 2_986_666, 5_550_000],
    [60, 2_980_000, 5_100_000],
    [120, 2_995_000, 5_100_000],
    [600, 3_000_000, 6_000_000],
  ])('H.264 over %d s is asked for %d bit/s and has %d bits of buffer', (seconds, rateBps, bufferBits) => {
    const { encoder, streamData } = h264(constant, seconds);
    expect(encoder).toMatchObject({
      askedBps: rateBps - keyFrameBps,
      pacing: { rateBps: rateBps - keyFrameBps, bufferBits: bufferBits - besideBits },
      bitrateBps: 3_000_000,
      bufferSizeBits: 6_000_000,
    });
    // The stream tells of the channel, and of the buffer that the encoder is held to.
    expect(streamData?.decoderBuffer).toMatchObject({ rateBps: 3_000_000, bufferBits });
  });

  test.each([
    [10, 3_000_000, 6_000_000],
    [45, 2_990_000, 4_800_000],
    [60, 2_985_000, 3_600_000],
    [600, 3_000_000, 6_000_000],
  ])('H.265 over %d s is asked for %d bit/s and has %d bits of buffer', (seconds, rateBps, bufferBits) => {
    const { encoder } = h265(constant, seconds);
    expect(encoder.pacing).toEqual({
      rateBps: rateBps - uncountedBps,
      bufferBits: bufferBits * 0.9 - 8 * (15 + 8 + 12),
    });
    expect(encoder.askedBps).toBe(rateBps - uncountedBps);
  });

  test.each([
    ['H.264', h264],
    ['H.265', h265],
  ] as const)('the best level of %s has one pass, at its own effort', (_, planned) => {
    const [good, best] = (['SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const).map(
      (qualityTuningLevel) => planned({ ...constant, qualityTuningLevel }).encoder,
    );
    expect([good?.passes, best?.passes]).toEqual([1, 1]);
    expect(best?.pacing).toEqual(good?.pacing);
    expect(best?.options['preset']).not.toBe(good?.options['preset']);
  });

  test('a smaller buffer is taken as given, and owes less', () => {
    expect(h264({ ...constant, hrdBufferSize: 1_000_000 }).encoder.pacing).toEqual({
      rateBps: 2_996_078 - keyFrameBps,
      bufferBits: 1_000_000 - besideBits,
    });
  });

  test.each([
    [50, 5_100_000, 2_988_888],
    [49, 3_000_000, 3_000_000],
    [0, 3_000_000, 3_000_000],
  ])('a buffer that begins %d %% full over a minute: %d bits, %d bit/s', (fill, bufferBits, rateBps) => {
    const { pacing } = h264({ ...constant, hrdBufferInitialFillPercentage: fill }).encoder;
    expect(pacing).toEqual({ rateBps: rateBps - keyFrameBps, bufferBits: bufferBits - besideBits });
  });

  test('a clip of unknown length is one of a minute', () => {
    const job = mp4Job(h264Video(constant));
    const unknown = onlyVideo(mustPlan(job, { ...hdFacts(), durationUs: null }));
    expect(unknown.encoder.pacing?.bufferBits).toBe(5_100_000 - besideBits);
    expect(unknown.encoder.askedBps).toBeGreaterThan(2_979_900);
    expect(unknown.encoder.askedBps).toBeLessThan(2_980_000);
  });

  test('H.265 fills behind the encoder, a buffer no larger than decoders have', () => {
    const video = h265(constant);
    expect(encoderParameters(video)).toMatchObject({ 'strict-cbr': '1', info: '0' });
    const told = { rateBps: 3_000_000, bufferBits: 6_000_000, initialFill: 0.9, isConstant: true };
    expect(video.streamData?.decoderBuffer).toEqual(told);
    const large = { ...constant, hrdBufferSize: 60_000_000 };
    expect(h265(large).streamData?.decoderBuffer).toEqual(told);
    expect(h265(large, 600).streamData?.decoderBuffer?.bufferBits).toBe(18_000_000);
  });

  test.each([10, 45, 60, 180, 600])(
    'the encoder begins no fuller than the stream tells, over %d s',
    (seconds) => {
      for (const planned of [h264, h265]) {
        const video = planned({ ...constant, hrdBufferInitialFillPercentage: 0 }, seconds);
        const { bufferBits = 0, initialFill = 0 } = video.streamData?.decoderBuffer ?? {};
        const fill = Number(encoderParameters(video)['vbv-init']) * (video.encoder.pacing?.bufferBits ?? 0);
        expect(fill).toBeLessThanOrEqual(initialFill * bufferBits);
        expect(fill).toBeGreaterThan(0);
      }
    },
  );
});
