// Writes src/engine/burn-in-font.generated.ts: the printable ASCII glyphs of a fixed-width face at the four sizes of
// timecode burn-in, as coverage of 8 bits. Usage: node scripts/make-burn-in-font.mjs /path/to/DejaVuSansMono-Bold.ttf
import { writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { FilterGraph, Frame } from 'node-av/lib';

const [font] = process.argv.slice(2);
if (font === undefined) throw new Error('usage: make-burn-in-font.mjs FONT.ttf');
const codes = Array.from({ length: 95 }, (_, index) => 0x20 + index);

/** Width of DejaVu Sans Mono is 0.602 of its size; 1.17 holds ascenders and descenders. */
const sheets = [10, 16, 32, 48].map((size) => {
  const [width, height] = [Math.ceil(size * 0.61), Math.ceil(size * 1.17)];
  const bytes = Buffer.concat(codes.map((code) => render(code, size, width, height)));
  return { size, width, height, data: deflateRawSync(bytes, { level: 9 }).toString('base64') };
});

function render(code, size, width, height) {
  const graph = new FilterGraph();
  graph.alloc();
  const canvas = [width + (width % 2), height + (height % 2)];
  const text = String.fromCharCode(code).replace(/[\\':%,;[\]]/g, '\\\\\\$&');
  const draw = `,drawtext=fontfile=${font}:expansion=none:text=${text}:fontsize=${size}:fontcolor=white:x=0:y=${Math.round(size * 0.93)}:y_align=baseline`;
  const chain = `color=c=black:s=${canvas.join('x')}:r=1:d=1,format=gray${code === 0x20 ? '' : draw},buffersink@sink`;
  if (graph.parse2(chain) < 0 || graph.configSync() < 0) throw new Error(`glyph ${code}: ${chain}`);
  const sink = graph.filters.find((filter) => filter.name === 'buffersink@sink');
  const frame = new Frame();
  frame.alloc();
  if (sink.buffersinkGetFrameSync(frame) < 0) throw new Error(`glyph ${code}`);
  const stride = frame.linesize[0];
  const rows = [];
  for (let row = 0; row < height; row += 1)
    rows.push(Buffer.from(frame.data[0].subarray(row * stride, row * stride + width)));
  frame.free();
  graph.free();
  return Buffer.concat(rows);
}

const lines = sheets.map(
  ({ size, width, height, data }) =>
    `  { sizePx: ${size}, widthPx: ${width}, heightPx: ${height}, data: '${data}' },`,
);
writeFileSync(
  new URL('../src/engine/burn-in-font.generated.ts', import.meta.url),
  `/**\n * Glyphs 0x20 to 0x7E of DejaVu Sans Mono Bold (Bitstream Vera derived, free to embed; see NOTICE), row by row, 8 bits of\n * coverage, deflated. Written by scripts/make-burn-in-font.mjs; do not edit.\n */\nexport const glyphSheets = [\n${lines.join('\n')}\n] as const;\n`,
);
