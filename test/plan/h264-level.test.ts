/** The level of a bounded quality of H.264 that names none (H.264 table A-1, A.3.1). */
import { expect, test } from 'vitest';
import type { H264Settings } from '../../src/contract/types.generated.ts';
import { encoderParameters, h264Video, mp4Job, mustPlan, onlyVideo } from './plan-fixtures.ts';

const hd720 = { width: 1280, height: 720 } as const;
const bounded = { rateControlMode: 'QVBR', codecProfile: 'HIGH', maxBitrate: 5_000_000 } as const;
const levelOf = (settings: Partial<H264Settings>, size: { width: number; height: number } = hd720) =>
  encoderParameters(onlyVideo(mustPlan(mp4Job(h264Video(settings, size))))).level;

test.each([
  ['its pictures alone', {}, '3.1'],
  ['its peak, five fourths of the table with HIGH', { maxBitrate: 17_500_000 }, '3.1'],
  ['a little more', { maxBitrate: 18_000_000 }, '3.2'],
  ['as much with MAIN', { codecProfile: 'MAIN', maxBitrate: 17_500_000 }, '3.2'],
  ['far more', { maxBitrate: 60_000_000 }, '4.1'],
  ['pictures that it refers to', { numberReferenceFrames: 6 }, '4.0'],
  ['fields', { interlaceMode: 'TOP_FIELD', maxBitrate: 30_000_000 }, '4.1'],
  [
    'fields, of a rate that no level with fields has',
    { interlaceMode: 'TOP_FIELD', maxBitrate: 90_000_000 },
    undefined,
  ],
  ['a level by name', { codecLevel: 'LEVEL_5', maxBitrate: 5_000_000 }, '5.0'],
] as const)('is the lowest for %s', (_, settings, level) => {
  expect(levelOf({ ...bounded, ...settings })).toBe(level);
});

test('is the encoder’s where rates are asked for: it is held to those', () => {
  expect(levelOf({ rateControlMode: 'VBR', bitrate: 5_000_000 })).toBeUndefined();
  expect(levelOf({ rateControlMode: 'CBR', bitrate: 5_000_000 })).toBeUndefined();
});
