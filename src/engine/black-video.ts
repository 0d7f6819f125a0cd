/**
 * Finds black pictures of the source (COMPLETE event, spec events.md 5). Luma is looked at on a grid: a few thousand
 * samples tell black from not black, and cost nothing beside decoding.
 */
import type { Frame } from 'node-av/lib';
import { avGetPixFmtName } from 'node-av/lib';
import type { BlackSegment } from './protocol.ts';

/** Follows the pictures of a job in output order. */
export interface BlackWatch {
  /** Looks at the picture shown from `startMs` to `endMs`. */
  look(frame: Frame, startMs: number, endMs: number): void;
  /** All segments that were long enough. */
  segments(): readonly BlackSegment[];
}

/** Luma up to a tenth of its range is black, and all but this share of samples must be (as in common detectors). */
const blackShare = 0.1;
const toleratedShare = 0.02;
/** Shorter blacks are cuts and fades (inferred). */
const leastSegmentMs = 500;

const columnStep = 16;
const rowStep = 8;

/** Starts with nothing seen. */
export function watchBlack(): BlackWatch {
  const found: BlackSegment[] = [];
  let open: { startMs: number; endMs: number } | null = null;
  const close = (): void => {
    if (open !== null && open.endMs - open.startMs >= leastSegmentMs) {
      found.push({ startMs: Math.round(open.startMs), endMs: Math.round(open.endMs) });
    }
    open = null;
  };
  return {
    look(frame, startMs, endMs) {
      if (!isBlack(frame)) return close();
      open = { startMs: open?.startMs ?? startMs, endMs };
    },
    segments() {
      close();
      return found;
    },
  };
}

/** Formats whose first plane is luma; pictures of others are not judged. */
const lumaFirst = /^(?:yuva?j?\d{3}p|gray|nv\d\d|p[024]1\d)(\d\d)?(?:le)?$/;

/** Whether a picture is black. */
export function isBlack(frame: Frame): boolean {
  const name = avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '';
  const match = lumaFirst.exec(name);
  const luma = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  if (match === null || luma === undefined || stride <= 0) return false;
  const isDeep = match[1] !== undefined || name.startsWith('p0') || name.startsWith('p2');
  // The upper byte of a deep sample is enough: its scale differs by format, so the limit is taken of the whole.
  const limit = blackLimit(frame, name, match[1]);
  const bytes = isDeep ? 2 : 1;
  const samples = gridLength(frame.width, columnStep) * gridLength(frame.height, rowStep);
  // Each sample is a line of the cache: most pictures are told from black by the first hundred.
  const tolerated = samples * toleratedShare;
  let bright = 0;
  for (let y = rowStep >> 1; y < frame.height; y += rowStep) {
    const row = y * stride;
    for (let x = columnStep >> 1; x < frame.width; x += columnStep) {
      const at = row + x * bytes;
      const value = isDeep ? (luma[at] ?? 0) + 256 * (luma[at + 1] ?? 0) : (luma[at] ?? 0);
      if (value <= limit) continue;
      bright += 1;
      if (bright > tolerated) return false;
    }
  }
  return samples > 0;
}

/** Samples of a grid that begins half a step inside. */
function gridLength(lengthPx: number, step: number): number {
  return Math.max(0, Math.ceil((lengthPx - (step >> 1)) / step));
}

const fullRange = 2;

function blackLimit(frame: Frame, name: string, depthText: string | undefined): number {
  const depth = name.startsWith('p') ? 16 : Number(depthText ?? 8);
  const isFull = name.startsWith('yuvj') || frame.colorRange === fullRange;
  const eight = isFull ? 255 * blackShare : 16 + 219 * blackShare;
  return eight * 2 ** (depth - 8);
}
