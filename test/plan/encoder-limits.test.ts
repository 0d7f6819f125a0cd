/** What the encoders cannot take is refused by name before they are asked. */
import { expect, test } from 'vitest';
import type { VideoCodecSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, fileGroup, jobWith, planOf } from './plan-fixtures.ts';

const at25 = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25) })] });

function errors(codecSettings: VideoCodecSettings): readonly string[] {
  const videoDescription = { width: 320, height: 180, codecSettings };
  const output = { containerSettings: { container: 'MP4' }, videoDescription } as const;
  return errorsOf(planOf(jobWith([fileGroup([output], 's3://out/file')]), at25));
}

test.each([
  [240, []],
  [300, [expect.stringMatching(/^1040 .*av1Settings\/framerateNumerator.*240 frames a second/)]],
])('AV1 at %i frames a second', (framerateNumerator, expected) => {
  const rate = { framerateControl: 'SPECIFIED', framerateNumerator, framerateDenominator: 1 } as const;
  const av1Settings = { rateControlMode: 'QVBR', maxBitrate: 1_000_000, ...rate } as const;
  expect(errors({ codec: 'AV1', av1Settings })).toEqual(expected);
});

test.each([
  ['CBR', 1000, [expect.stringMatching(/^1040 .*h265Settings\/bitrate.*thousands of bits/)]],
  ['CBR', 2000, []],
  ['VBR', 1000, []],
] as const)('H.265 of %s at %i bit/s', (rateControlMode, bitrate, expected) => {
  expect(errors({ codec: 'H_265', h265Settings: { rateControlMode, bitrate } })).toEqual(expected);
});
