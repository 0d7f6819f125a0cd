/** What an encoder or a muxer cannot do without harm is not asked of it: told or refused in the plan. */
import { expect, test } from 'vitest';
import type { AudioDescription, H265Settings } from '../../src/contract/types.generated.ts';
import {
  encoderParameters,
  errorsOf,
  fileGroup,
  h265Video,
  jobWith,
  mp4Job,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

const unblocked = { deblocking: 'DISABLED', sampleAdaptiveOffsetFilterMode: 'DEFAULT' } as const;

test.each<[number, number, H265Settings, '0' | '1']>([
  [640, 720, { slices: 4 }, '1'],
  [640, 720, { slices: 5 }, '0'],
  [640, 720, { slices: 12 }, '1'],
  [640, 576, { slices: 5 }, '0'],
  [640, 128, { slices: 1 }, '0'],
  [640, 64, { slices: 1 }, '1'],
  [160, 48, { slices: 1 }, '0'],
  [640, 128, { slices: 1, treeBlockSize: 'TREE_SIZE_32X32' }, '1'],
  [640, 64, { slices: 1, treeBlockSize: 'TREE_SIZE_32X32' }, '0'],
  [640, 128, { slices: 1, deblocking: 'ENABLED' }, '1'],
])('%i x %i with %j has sample adaptive offset %s', (width, height, settings, sao) => {
  const { plan, findings } = planOf(mp4Job(h265Video({ ...unblocked, ...settings }, { width, height })));
  expect(encoderParameters(onlyVideo(plan ?? expect.fail('no plan'))).sao).toBe(sao);
  const told = noticesOf(findings).filter((notice) => notice.includes('sampleAdaptiveOffset'));
  expect(told).toHaveLength(sao === '0' ? 1 : 0);
});

test.each<[NonNullable<H265Settings['codecProfile']>, number, boolean]>([
  ['MAIN10_MAIN', 48, true],
  ['MAIN_422_10BIT_HIGH', 62, true],
  ['MAIN10_MAIN', 64, false],
  ['MAIN_422_8BIT_MAIN', 48, false],
  ['MAIN_MAIN', 48, false],
])('%s of %i samples in width is refused: %j', (codecProfile, width, isRefused) => {
  const errors = errorsOf(planOf(mp4Job(h265Video({ codecProfile }, { width, height: 128 }))));
  expect(errors).toEqual(isRefused ? [expect.stringMatching(/^1040 .*at least 64 samples/)] : []);
});

test.each([
  [31, []],
  [32, [expect.stringMatching(/^1080 .*room for 31 tracks/)]],
])('%i tracks of sound in MXF: %j', (count, errors) => {
  const description: AudioDescription = {
    codecSettings: { codec: 'WAV', wavSettings: { bitDepth: 16, channels: 1, sampleRate: 48_000 } },
  };
  const output = {
    containerSettings: { container: 'MXF', mxfSettings: { profile: 'OP1A' } },
    videoDescription: {
      codecSettings: { codec: 'MPEG2', mpeg2Settings: { rateControlMode: 'CBR', bitrate: 8_000_000 } },
    },
    audioDescriptions: Array.from({ length: count }, () => description),
  } as const;
  expect(errorsOf(planOf(jobWith([fileGroup([output])])))).toEqual(errors);
});
