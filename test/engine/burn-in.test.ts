/** Text that is drawn into pictures, in the signal of each. */
import {
  AV_PIX_FMT_YUV420P10LE,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE2084,
} from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { expect, test } from 'vitest';
import { drawBurnIn } from '../../src/engine/burn-in.ts';
import { rational } from '../../src/exact-time.ts';

const burnIn = {
  start: { timecode: '00:00:00:00', frameRate: rational(25) },
  prefix: '',
  fontSizePx: 32,
  vertical: 'top',
  horizontal: 'left',
} as const;

// 203 cd/m² are 58 % of PQ and 75 % of HLG (ITU-R BT.2408 table 1): of 876 codes above 64.
test.each([
  ['SDR', AVCOL_TRC_BT709, 940],
  ['PQ', AVCOL_TRC_SMPTE2084, 572],
  ['HLG', AVCOL_TRC_ARIB_STD_B67, 721],
] as const)('the text is as white as graphics of %s are', (_name, transfer, white) => {
  using frame = new Frame();
  frame.alloc();
  frame.format = AV_PIX_FMT_YUV420P10LE;
  frame.width = 320;
  frame.height = 180;
  frame.colorTrc = transfer;
  frame.getBuffer();
  drawBurnIn(frame, burnIn, '00:00:00:00');
  const luma = frame.data?.[0] ?? Buffer.alloc(0);
  const stride = (frame.linesize[0] ?? 0) / 2;
  const samples = new Uint16Array(luma.buffer, luma.byteOffset, luma.byteLength >> 1);
  const box = Array.from({ length: 24 }, (_, row) => [
    ...samples.subarray((row + 8) * stride + 12, (row + 8) * stride + 172),
  ]).flat();
  expect(Math.abs(Math.max(...box) - white)).toBeLessThanOrEqual(2);
  expect(Math.min(...box)).toBe(64);
});
