/** The face of timecode burn-in, unpacked on first use. */
import { inflateRawSync } from 'node:zlib';
import { glyphSheets } from './burn-in-font.generated.ts';

/** Glyphs of one size, all of them as wide. */
export interface GlyphSheet {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Coverage of 0–255, row by row; characters outside of printable ASCII are blank. */
  glyph(code: number): Uint8Array;
}

const firstCode = 0x20;
const lastCode = 0x7e;
const unpacked = new Map<number, GlyphSheet>();

/** The sheet of a size. Throws RangeError for a size it does not have. */
export function burnInFont(sizePx: number): GlyphSheet {
  const known = unpacked.get(sizePx);
  if (known !== undefined) return known;
  const packed = glyphSheets.find((sheet) => sheet.sizePx === sizePx);
  if (packed === undefined) throw new RangeError(`no burn-in glyphs of ${sizePx} px`);
  const coverage = inflateRawSync(Buffer.from(packed.data, 'base64'));
  const { widthPx, heightPx } = packed;
  const area = widthPx * heightPx;
  const sheet: GlyphSheet = {
    widthPx,
    heightPx,
    glyph(code) {
      const index = code < firstCode || code > lastCode ? 0 : code - firstCode;
      return coverage.subarray(index * area, (index + 1) * area);
    },
  };
  unpacked.set(sizePx, sheet);
  return sheet;
}
