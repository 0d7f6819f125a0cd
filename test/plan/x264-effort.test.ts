/** Tuning levels as efforts of x264: one rule for the two codecs that ask for them. */
import { describe, expect, test } from 'vitest';
import type { ContainerType, VideoCodecSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { encoderParameters, fileGroup, jobWith, mustPlan, onlyVideo } from './plan-fixtures.ts';

const at25 = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25) })] });
const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;

function planned(codecSettings: VideoCodecSettings, container: ContainerType) {
  const output = { containerSettings: { container }, videoDescription: { codecSettings } };
  return onlyVideo(mustPlan(jobWith([fileGroup([output], 's3://out/file')]), at25));
}

describe.each(levels)('%s', (qualityTuningLevel) => {
  const h264Settings = {
    rateControlMode: 'VBR',
    bitrate: 50_000_000,
    codecProfile: 'HIGH_422_10BIT',
    qualityTuningLevel,
  } as const;
  const xavcHdProfileSettings = { bitrateClass: 'BITRATE_CLASS_50', qualityTuningLevel } as const;
  const h264 = planned({ codec: 'H_264', h264Settings }, 'MP4');
  const xavc = planned({ codec: 'XAVC', xavcSettings: { profile: 'XAVC_HD', xavcHdProfileSettings } }, 'RAW');

  test('XAVC and H.264 have the same preset and choices beside the preset', () => {
    expect(xavc.encoder.options['preset']).toBe(h264.encoder.options['preset']);
    const [one, other] = [encoderParameters(xavc), encoderParameters(h264)];
    for (const name of ['partitions', 'b-adapt', 'rc-lookahead', 'aq-mode', 'mbtree'])
      expect([name, one[name]]).toEqual([name, other[name]]);
    expect(one['partitions']).toBe('p8x8,i8x8,i4x4');
  });

  test('one pass of H.264 at a constant rate has all of the preset where the level has two', () => {
    const constant = { ...h264Settings, rateControlMode: 'CBR' } as const;
    const { encoder, ...rest } = planned({ codec: 'H_264', h264Settings: constant }, 'MP4');
    const parameters = encoderParameters({ encoder, ...rest });
    expect(encoder).toMatchObject({ passes: 1, options: { preset: h264.encoder.options['preset'] } });
    const isWhole = qualityTuningLevel === 'MULTI_PASS_HQ';
    const beside = encoderParameters(h264);
    expect(parameters['partitions']).toBe(isWhole ? undefined : beside['partitions']);
    expect(parameters['rc-lookahead']).toBe(isWhole ? undefined : beside['rc-lookahead']);
    expect(parameters['b-adapt']).toBe(beside['b-adapt']);
  });

  test('XAVC keeps no more pictures than decoders of its level', () => {
    const expected = qualityTuningLevel === 'MULTI_PASS_HQ' ? '4' : undefined;
    expect(encoderParameters(xavc)['ref']).toBe(expected);
  });

  test('XAVC fills up by itself: its buffer lends a second, in two passes less', () => {
    const passes = qualityTuningLevel === 'MULTI_PASS_HQ' ? 2 : 1;
    const bufferBits = passes === 1 ? 50_000_000 : 40_000_000;
    expect(xavc.encoder).toMatchObject({
      passes,
      pacing: { rateBps: 50_000_000, bufferBits },
      bufferSizeBits: 100_000_000,
    });
  });
});
