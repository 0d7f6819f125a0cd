/**
 * Draws text into pictures: white glyphs of a fixed-width face on a black box. Drawn here, because the library's own
 * text filter wants a font file on the machine and counts frames of its input instead of the output timeline.
 */
import { AVCOL_TRC_ARIB_STD_B67, AVCOL_TRC_SMPTE2084 } from 'node-av/constants';
import { avGetPixFmtName, type Frame } from 'node-av/lib';
import type { TimecodeBurnIn } from '../plan/picture-plan.ts';
import { burnInFont, type GlyphSheet } from './burn-in-font.ts';
import { assertDone, LibraryError } from './library-error.ts';

/** Distance from the edges of the frame (spec timecode-and-clipping.md 7, inferred). */
const marginShare = 0.02;
/** Space around the text, in parts of its height. */
const paddingShare = 0.15;

/** How a picture stores its samples. */
interface SampleLayout {
  readonly bytes: 1 | 2;
  /** Of luma. */
  readonly black: number;
  readonly white: number;
  readonly neutral: number;
  /** Shifts of chroma against luma; null: no chroma to draw over. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** White of graphics is 203 cd/m², not the brightest that a signal can say (ITU-R BT.2408 table 1). */
const graphicsWhite: ReadonlyMap<number, number> = new Map([
  [AVCOL_TRC_SMPTE2084, 0.58],
  [AVCOL_TRC_ARIB_STD_B67, 0.75],
]);

/** Draws `text` where the plan says. The picture must be planar YUV, as all encoders here take. Throws LibraryError. */
export function drawBurnIn(frame: Frame, burnIn: TimecodeBurnIn, text: string): void {
  assertDone(frame.makeWritable(), 'writable picture');
  const layout = layoutOf(frame);
  const sheet = burnInFont(burnIn.fontSizePx);
  const padding = Math.ceil(sheet.heightPx * paddingShare);
  const box = placeBox(
    frame,
    burnIn,
    text.length * sheet.widthPx + 2 * padding,
    sheet.heightPx + 2 * padding,
  );
  fillBox(frame, layout, box);
  for (let index = 0; index < text.length; index += 1) {
    drawGlyph(
      frame,
      layout,
      sheet,
      text.charCodeAt(index),
      box.x + padding + index * sheet.widthPx,
      box.y + padding,
    );
  }
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Even places and sizes keep chroma samples whole; what is too wide for the frame is cut at its edge. */
function placeBox(
  frame: Frame,
  { horizontal, vertical }: TimecodeBurnIn,
  width: number,
  height: number,
): Box {
  const along = (at: 'start' | 'middle' | 'end', length: number, size: number): number => {
    const margin = length * marginShare;
    const place = at === 'start' ? margin : at === 'end' ? length - size - margin : (length - size) / 2;
    return Math.max(0, Math.floor(place / 2) * 2);
  };
  const x = along(
    horizontal === 'left' ? 'start' : horizontal === 'right' ? 'end' : 'middle',
    frame.width,
    width,
  );
  const y = along(
    vertical === 'top' ? 'start' : vertical === 'bottom' ? 'end' : 'middle',
    frame.height,
    height,
  );
  const even = (size: number): number => size + (size % 2);
  return {
    x,
    y,
    widthPx: Math.min(even(width), frame.width - x),
    heightPx: Math.min(even(height), frame.height - y),
  };
}

function layoutOf(frame: Frame): SampleLayout {
  const name = avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '';
  const match = /^yuvj?(420|422|444)p(10|12|16)?(?:le)?$/.exec(name);
  if (match === null) throw new LibraryError(`timecode burn-in on ${name}`, -22);
  const depth = Number(match[2] ?? 8);
  const isFull = name.startsWith('yuvj');
  const scale = 2 ** (depth - 8);
  const [black, peak] = isFull ? [0, 255] : [16, 235];
  return {
    bytes: depth > 8 ? 2 : 1,
    black: black * scale,
    white: Math.round((black + (peak - black) * (graphicsWhite.get(frame.colorTrc) ?? 1)) * scale),
    neutral: 128 * scale,
    shiftX: match[1] === '444' ? 0 : 1,
    shiftY: match[1] === '420' ? 1 : 0,
  };
}

function fillBox(frame: Frame, layout: SampleLayout, box: Box): void {
  const { shiftX, shiftY, black, neutral } = layout;
  for (let plane = 0; plane < 3; plane += 1) {
    const [dx, dy] = plane === 0 ? [0, 0] : [shiftX, shiftY];
    const value = plane === 0 ? black : neutral;
    const samples = planeOf(frame, layout, plane);
    for (let row = box.y >> dy; row < (box.y + box.heightPx) >> dy; row += 1) {
      const start = row * samples.stride + (box.x >> dx);
      samples.values.fill(value, start, start + (box.widthPx >> dx));
    }
  }
}

/** Blends the glyph's coverage between black and white. */
function drawGlyph(
  frame: Frame,
  layout: SampleLayout,
  sheet: GlyphSheet,
  code: number,
  left: number,
  top: number,
): void {
  const luma = planeOf(frame, layout, 0);
  const coverage = sheet.glyph(code);
  const range = layout.white - layout.black;
  const columns = Math.min(sheet.widthPx, frame.width - left);
  const rows = Math.min(sheet.heightPx, frame.height - top);
  for (let row = 0; row < rows; row += 1) {
    const from = row * sheet.widthPx;
    const to = (top + row) * luma.stride + left;
    for (let column = 0; column < columns; column += 1) {
      const share = coverage[from + column] ?? 0;
      if (share > 0) luma.values[to + column] = layout.black + Math.round((range * share) / 255);
    }
  }
}

interface Plane {
  readonly values: Uint8Array | Uint16Array;
  /** In samples. */
  readonly stride: number;
}

function planeOf(frame: Frame, { bytes }: SampleLayout, plane: number): Plane {
  const data = frame.data?.[plane];
  const stride = (frame.linesize[plane] ?? 0) / bytes;
  if (data === undefined) throw new LibraryError('picture without samples', -22);
  const values =
    bytes === 1
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
  return { values, stride };
}
