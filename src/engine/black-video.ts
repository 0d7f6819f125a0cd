/**
 * Finds black pictures of the source (COMPLETE event, spec events.md 5). Luma is looked at on a grid: a few thousand
 * samples tell black from not black. Most pictures show by a hundred of them that they are not, which costs nothing beside
 * decoding.
 */
import type { Frame } from 'node-av/lib';
import { createLumaGrid, isGridFullRange, type LumaGrid } from './luma-grid.ts';
import type { BlackSegment, BlackVideo } from './protocol.ts';

/** Follows the pictures of a job in output order. */
export interface BlackWatch {
  /** Looks at the picture shown from `startMs` to `endMs`. */
  look(frame: Frame, startMs: number, endMs: number): void;
  /** A picture of this length was inserted: black that is not the source's. */
  insert(lengthMs: number): void;
  /** All segments of the source that were long enough, and all that was inserted. */
  found(): BlackVideo;
  /** Frees what looking took. */
  close(): void;
}

/** Luma up to a tenth of its range is black, and all but this share of samples must be (as in common detectors). */
const blackShare = 0.1;
const toleratedShare = 0.02;
/** Shorter blacks are cuts and fades (inferred). */
const leastSegmentMs = 500;

const columnStep = 16;
const rowStep = 8;
/** Samples across and down of a glance; where more of them are bright than a small logo covers, the picture is not black. */
const glanceColumns = 12;
const glanceRows = 10;
const glanceTolerated = 0.15;

/** Starts with nothing seen. */
export function watchBlack(): BlackWatch {
  const segments: BlackSegment[] = [];
  let insertedMs = 0;
  const grid = createLumaGrid(columnStep, rowStep);
  let glance: { readonly width: number; readonly height: number; readonly grid: LumaGrid } | null = null;
  const glanceAt = ({ width, height }: Frame): LumaGrid => {
    if (glance?.width === width && glance.height === height) return glance.grid;
    glance?.grid.close();
    const steps = [width / glanceColumns, height / glanceRows] as const;
    glance = { width, height, grid: createLumaGrid(Math.ceil(steps[0]), Math.ceil(steps[1])) };
    return glance.grid;
  };
  const isBlack = (frame: Frame): boolean =>
    isDark(frame, glanceAt(frame), glanceTolerated) && isDark(frame, grid, toleratedShare);
  let open: { startMs: number; endMs: number } | null = null;
  const endSegment = (): void => {
    if (open !== null && open.endMs - open.startMs >= leastSegmentMs) {
      segments.push({ startMs: Math.round(open.startMs), endMs: Math.round(open.endMs) });
    }
    open = null;
  };
  return {
    look(frame, startMs, endMs) {
      if (!isBlack(frame)) return endSegment();
      open = { startMs: open?.startMs ?? startMs, endMs };
    },
    insert(lengthMs) {
      endSegment();
      insertedMs += lengthMs;
    },
    found() {
      endSegment();
      return { segments, insertedMs: Math.round(insertedMs) };
    },
    close() {
      grid.close();
      glance?.grid.close();
    },
  };
}

/** Whether all samples but a share are dark; a picture that the scaler cannot read is not. */
function isDark(frame: Frame, grid: LumaGrid, toleratedBright: number): boolean {
  const samples = grid.of(frame);
  if (samples === null) return false;
  const limit = isGridFullRange(frame) ? 255 * blackShare : 16 + 219 * blackShare;
  const tolerated = samples.length * toleratedBright;
  let bright = 0;
  for (const value of samples) {
    if (value > limit) bright += 1;
    if (bright > tolerated) return false;
  }
  return true;
}
