/**
 * Luma of pictures on a coarse grid, in eight bits of limited range whatever the picture's format is. The library's scaler
 * makes the samples, where one in many will do without a filter, so that no picture is read whole, and no plane of it becomes a view: such views count as
 * memory of the whole picture and keep the collector busy.
 */
import { AV_PIX_FMT_YUV420P, SWS_AREA, SWS_POINT } from 'node-av/constants';
import { avGetPixFmtName, Frame, SoftwareScaleContext } from 'node-av/lib';
import { assertDone } from './library-error.ts';

/** Samples of one picture after another. */
export interface LumaGrid {
  /** The samples of a picture, good until the next call; null where the scaler cannot read its format. */
  of(frame: Frame): Uint8Array | null;
  close(): void;
}

interface PictureForm {
  readonly width: number;
  readonly height: number;
  readonly format: number;
}

/**
 * A grid for pictures of one size and format. Plane and samples are taken once: views made for each picture would keep the
 * collector busy.
 */
interface OpenGrid {
  /** Size and format of the pictures. */
  readonly of: PictureForm;
  readonly scaler: SoftwareScaleContext;
  readonly grid: Frame;
  readonly luma: Buffer;
  /** Bytes from row to row of `luma`. */
  readonly stride: number;
  readonly columns: number;
  readonly samples: Uint8Array;
}

/**
 * Makes a grid of one sample in `columnStep` × `rowStep` luma samples: one of them, or with `mean` what all of them come
 * to, for which whole pictures are read.
 */
export function createLumaGrid(
  columnStep: number,
  rowStep: number,
  sampling: 'point' | 'mean' = 'point',
): LumaGrid {
  const filter = sampling === 'point' ? SWS_POINT : SWS_AREA;
  let open: OpenGrid | null = null;
  let unreadable: PictureForm | null = null;

  const close = (): void => {
    open?.scaler.freeContext();
    open?.grid.free();
    open = null;
  };
  const scalerOf = (frame: Frame): OpenGrid | null => {
    const { width, height, format } = frame;
    const isKnown = (form: PictureForm): boolean =>
      form.width === width && form.height === height && form.format === format;
    if (open !== null && isKnown(open.of)) return open;
    if (unreadable !== null && isKnown(unreadable)) return null;
    close();
    const [columns, rows] = [Math.ceil(width / columnStep), Math.ceil(height / rowStep)];
    const scaler = new SoftwareScaleContext();
    const pixels = format as typeof AV_PIX_FMT_YUV420P;
    scaler.getContext(width, height, pixels, columns, rows, AV_PIX_FMT_YUV420P, filter);
    if (scaler.initContext() < 0) {
      scaler.freeContext();
      unreadable = { width, height, format };
      return null;
    }
    const grid = new Frame();
    grid.alloc();
    grid.format = AV_PIX_FMT_YUV420P;
    grid.width = columns;
    grid.height = rows;
    assertDone(grid.getBuffer(), 'grid of luma');
    const luma = grid.data?.[0];
    if (luma === undefined) throw new TypeError('a grid of luma has no plane');
    open = {
      of: { width, height, format },
      scaler,
      grid,
      luma,
      stride: grid.linesize[0] ?? 0,
      columns,
      samples: new Uint8Array(columns * rows),
    };
    return open;
  };

  return {
    of(frame) {
      const ready = scalerOf(frame);
      if (ready === null || ready.scaler.scaleFrameSync(ready.grid, frame) < 0) return null;
      const { luma, stride, samples, columns } = ready;
      for (let to = 0, from = 0; to < samples.length; to += columns, from += stride) {
        luma.copy(samples, to, from, from + columns);
      }
      return samples;
    },
    close,
  };
}

/** YUV formats whose name says nothing of their range: the scaler takes them as limited and leaves the samples as they are. */
const rangeless = /^(?:yuva?\d|nv\d|p[024]1)/;
const fullRange = 2;

/** Whether the samples that a grid gives of this picture are of full range nevertheless. */
export function isGridFullRange(frame: Frame): boolean {
  // Most pictures are of limited range: the name is looked up for the others alone.
  if (frame.colorRange !== fullRange) return false;
  return rangeless.test(avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '');
}
