/** What the pictures of intra classes come to (bench/rate-control-intra.ts has the streams that it was read from). */
import { expect, test } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { intraBitrate } from '../../src/plan/avc-intra.ts';
import type { EncodedFrame } from '../../src/plan/video-codec-settings.ts';

test.each([
  ['50', 1440, 1080, rational(25), 56.2],
  ['50', 1440, 1080, rational(30_000, 1001), 55.9],
  ['50', 960, 720, rational(60_000, 1001), 56],
  ['100', 1920, 1080, rational(24_000, 1001), 90.6],
  ['100', 1920, 1080, rational(50), 227.5],
  ['200', 1280, 720, rational(50), 229],
  ['300', 3840, 2160, rational(30_000, 1001), 302.1],
  ['300', 3840, 2160, rational(25), 252],
])('class %s of %d×%d at %o a second: %d Mb/s', (number, widthPx, heightPx, frameRate, megabits) => {
  const bitrateBps = intraBitrate(number, { widthPx, heightPx, frameRate } as EncodedFrame);
  expect(Math.abs(bitrateBps / 1_000_000 / megabits - 1)).toBeLessThan(0.01);
});
