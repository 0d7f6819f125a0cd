/** Marks burned into sample pictures without any font: the frame number in seven-segment digits, a flash per second. */
import type { Frame } from 'node-av/lib';
import { assertDone } from './library-error.ts';

/** Segments a–g of each digit, as on a display: top, upper right, lower right, bottom, lower left, upper left, middle. */
const segmentsOfDigit = [
  'abcdef',
  'bc',
  'abged',
  'abgcd',
  'fgbc',
  'afgcd',
  'afgedc',
  'abc',
  'abcdefg',
  'abcfgd',
] as const;
const digitCount = 6;
const black = 16;
const white = 235;
const neutralChroma = 128;

/** Draws into an 8-bit 4:2:0 picture. `hasFlash` adds the sync mark. */
export function drawMarks(frame: Frame, frameNumber: number, hasFlash: boolean): void {
  assertDone(frame.makeWritable(), 'writable picture');
  const planes = frame.data ?? [];
  const height = Math.max(12, Math.round(frame.height / 12));
  const digitWidth = Math.round(height * 0.6);
  const gap = Math.max(2, Math.round(height / 8));
  const fill = (x: number, y: number, w: number, h: number, value: number): void => {
    for (const [index, plane] of planes.entries()) {
      // 4:2:0: chroma has half the size and rests at the middle of its range.
      const scale = index === 0 ? 1 : 2;
      const stride = frame.linesize[index] ?? 0;
      const [left, right] = [Math.max(0, x), Math.min(frame.width, x + w)].map((edge) =>
        Math.floor(edge / scale),
      );
      const bottom = Math.floor(Math.min(frame.height, y + h) / scale);
      for (let row = Math.floor(Math.max(0, y) / scale); row < bottom; row += 1) {
        plane.fill(
          index === 0 ? value : neutralChroma,
          row * stride + (left ?? 0),
          row * stride + (right ?? 0),
        );
      }
    }
  };

  fill(gap, gap, digitCount * (digitWidth + gap) + gap, height + 2 * gap, black);
  const digits = String(frameNumber % 10 ** digitCount).padStart(digitCount, '0');
  for (const [place, digit] of [...digits].entries()) {
    const left = 2 * gap + place * (digitWidth + gap);
    for (const segment of segmentsOfDigit[Number(digit)] ?? '') {
      fill(...segmentBox(segment, left, 2 * gap, digitWidth, height), white);
    }
  }
  const side = height + 2 * gap;
  fill(frame.width - gap - side, gap, side, side, hasFlash ? white : black);
}

function segmentBox(
  segment: string,
  x: number,
  y: number,
  w: number,
  h: number,
): [number, number, number, number] {
  const thick = Math.max(2, Math.round(h / 8));
  const half = Math.round(h / 2);
  switch (segment) {
    case 'a':
      return [x, y, w, thick];
    case 'b':
      return [x + w - thick, y, thick, half];
    case 'c':
      return [x + w - thick, y + half, thick, h - half];
    case 'd':
      return [x, y + h - thick, w, thick];
    case 'e':
      return [x, y + half, thick, h - half];
    case 'f':
      return [x, y, thick, half];
    default:
      return [x, y + half - Math.round(thick / 2), w, thick];
  }
}
