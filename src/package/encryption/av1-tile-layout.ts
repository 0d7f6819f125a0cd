/** How a frame of AV1 is divided into tiles (AV1 bitstream specification 5.9.15, 7.3.3). */
import type { FrameSize } from './av1-frame-header.ts';
import type { HeaderBits } from './header-bits.ts';

/** What tile groups depend on. */
export interface TileLayout {
  readonly count: number;
  /** Bits of a tile's number. */
  readonly numberBits: number;
  /** Bytes of a tile's size. */
  readonly sizeBytes: number;
}

/** Limits of tiles in luma samples (section 3: MAX_TILE_WIDTH, MAX_TILE_AREA, MAX_TILE_COLS). */
const [maxTileWidth, maxTileArea, maxTilesAcross] = [4096, 4096 * 2304, 64];

/** Reads `tile_info`. */
export function readTiles(
  read: HeaderBits,
  { width, height }: FrameSize,
  isLargeBlocks: boolean,
): TileLayout {
  const blockBits = isLargeBlocks ? 7 : 6;
  // In units of eight samples first, as the specification rounds.
  const blocks = (samples: number): number => Math.ceil((Math.ceil(samples / 8) * 8) / 2 ** blockBits);
  const [across, down] = [blocks(width), blocks(height)];
  const widest = maxTileWidth >> blockBits;
  const leastAcross = tileBits(widest, across);
  const leastTotal = Math.max(leastAcross, tileBits(maxTileArea / 4 ** blockBits, across * down));
  const isUniform = read(1) === 1;
  const { columns, rows, columnBits, rowBits } = isUniform
    ? readUniform(read, across, down, leastAcross, leastTotal)
    : readSizes(read, across, down, widest, leastTotal);
  const numberBits = columnBits + rowBits;
  if (numberBits === 0) return { count: 1, numberBits, sizeBytes: 0 };
  read(numberBits);
  return { count: columns * rows, numberBits, sizeBytes: read(2) + 1 };
}

interface Division {
  readonly columns: number;
  readonly rows: number;
  readonly columnBits: number;
  readonly rowBits: number;
}

function readUniform(
  read: HeaderBits,
  across: number,
  down: number,
  leastAcross: number,
  leastTotal: number,
): Division {
  const grow = (from: number, most: number): number => {
    let bits = from;
    while (bits < most && read(1) === 1) bits += 1;
    return bits;
  };
  const mostOf = (blocks: number): number => tileBits(1, Math.min(blocks, maxTilesAcross));
  const countOf = (blocks: number, bits: number): number => Math.ceil(blocks / Math.ceil(blocks / 2 ** bits));
  const columnBits = grow(leastAcross, mostOf(across));
  const rowBits = grow(Math.max(leastTotal - columnBits, 0), mostOf(down));
  return { columns: countOf(across, columnBits), rows: countOf(down, rowBits), columnBits, rowBits };
}

function readSizes(
  read: HeaderBits,
  across: number,
  down: number,
  widest: number,
  leastTotal: number,
): Division {
  const sizes = (blocks: number, most: number): number[] => {
    const found: number[] = [];
    for (let left = blocks; left > 0; ) {
      const size = readEven(read, Math.min(left, most)) + 1;
      found.push(size);
      left -= size;
    }
    return found;
  };
  const widths = sizes(across, widest);
  const area = leastTotal > 0 ? (across * down) >> (leastTotal + 1) : across * down;
  const heights = sizes(down, Math.max(Math.floor(area / Math.max(...widths)), 1));
  return {
    columns: widths.length,
    rows: heights.length,
    columnBits: tileBits(1, widths.length),
    rowBits: tileBits(1, heights.length),
  };
}

/** `tile_log2`: doublings of `size` until it is at least `target`. */
function tileBits(size: number, target: number): number {
  let bits = 0;
  while (size * 2 ** bits < target) bits += 1;
  return bits;
}

/** `ns(n)` (4.10.7): one of `count` values in as few bits as it takes. */
export function readEven(read: HeaderBits, count: number): number {
  const bits = Math.floor(Math.log2(count)) + 1;
  const short = 2 ** bits - count;
  const value = read(bits - 1);
  return value < short ? value : value * 2 - short + read(1);
}
