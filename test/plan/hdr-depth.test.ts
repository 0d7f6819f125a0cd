/** High dynamic range takes ten bits (spec video.md 6, V-24). */
import { expect, test } from 'vitest';
import type { ColorSpaceConversion, H265CodecProfile } from '../../src/contract/types.generated.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, h265Video, mp4Job, noticesOf, planOf } from './plan-fixtures.ts';

const of = (colorTransfer: string) =>
  hdFacts({
    videoTracks: [videoTrack({ colorPrimaries: 'bt2020', colorTransfer, colorMatrix: 'bt2020nc' })],
  });
const job = (codecProfile: H265CodecProfile, colorSpaceConversion: ColorSpaceConversion = 'NONE') =>
  mp4Job(h265Video({ codecProfile }, { videoPreprocessors: { colorCorrector: { colorSpaceConversion } } }));
const told = 'substituted /outputGroups/0/outputs/0/videoDescription/codecSettings';

test.each(['smpte2084', 'arib-std-b67'])(
  'an input of %s in eight bits is told of, in ten it is not',
  (transfer) => {
    const inEight = planOf(job('MAIN_MAIN'), of(transfer));
    expect(errorsOf(inEight)).toEqual([]);
    expect(noticesOf(inEight.findings)).toContain(told);
    expect(noticesOf(planOf(job('MAIN10_MAIN'), of(transfer)).findings)).not.toContain(told);
    expect(noticesOf(planOf(job('MAIN_MAIN', 'FORCE_709'), of(transfer)).findings)).not.toContain(told);
  },
);

test('a job that asks for high dynamic range needs a profile of ten bits', () => {
  expect(errorsOf(planOf(job('MAIN_MAIN', 'FORCE_HLG_2020')))).toEqual([
    expect.stringMatching(/^1040 .*FORCE_HLG_2020 needs a codec profile of ten bits/),
  ]);
  expect(errorsOf(planOf(job('MAIN10_MAIN', 'FORCE_HLG_2020')))).toEqual([]);
});
