/**
 * From source picture to output frame: crop, scale, pad, pixel aspect (spec video.md 1–3, inputs.md 11). All
 * numbers are worked out here, so the plan holds sizes and no expressions.
 */

import type { ScalingBehavior } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import type { FilterStep } from './plan.ts';

/** Pixels. */
export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A part of a picture; `x` and `y` count pixels from its top left corner. */
export interface Rectangle extends Size {
  readonly x: number;
  readonly y: number;
}

/** What decides the frame and the picture in it. */
export interface GeometryRequest {
  /** After rotation and cropping. */
  readonly source: Size;
  readonly sourceSampleAspect: Rational;
  readonly outputSampleAspect: Rational;
  /** One, both or none given. */
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  readonly behavior: Exclude<ScalingBehavior, 'SMART_CROP'>;
  /** Where the picture goes inside the output frame; the rest is black. */
  readonly position: Rectangle | null;
  /** 0–100. */
  readonly sharpness: number;
  /** Pictures hold two fields: derived sizes and offsets are multiples of four lines, so that chroma keeps its field. */
  readonly keepsFields?: boolean;
}

/** The output frame and the filters that lead to it. */
export interface Geometry extends Size {
  readonly filters: readonly FilterStep[];
}

/** Works out the output frame and the filters that make it. Sizes may come out odd: the caller refuses them. */
export function planGeometry(request: GeometryRequest): Geometry {
  const frame = outputFrame(request);
  const target =
    request.position !== null ? { ...frame, picture: request.position } : fitPicture(request, frame);
  const { picture } = target;
  const filters: FilterStep[] = [];
  if (picture.widthPx !== request.source.widthPx || picture.heightPx !== request.source.heightPx) {
    filters.push(scaleStep(picture, request.sharpness));
  }
  if (picture.widthPx > target.widthPx || picture.heightPx > target.heightPx) {
    filters.push(
      cropStep({
        ...sizeOf(target),
        x: half(picture.widthPx - target.widthPx, 2),
        y: half(picture.heightPx - target.heightPx, linesOf(request)),
      }),
    );
  } else if (picture.widthPx < target.widthPx || picture.heightPx < target.heightPx) {
    filters.push(padStep(sizeOf(target), picture));
  }
  return { widthPx: target.widthPx, heightPx: target.heightPx, filters };
}

/** Cuts a rectangle out of the picture. */
export function cropStep(rectangle: Rectangle): FilterStep {
  const { widthPx, heightPx, x, y } = rectangle;
  return { name: 'crop', options: { w: `${widthPx}`, h: `${heightPx}`, x: `${x}`, y: `${y}` } };
}

/** Declares the shape of a pixel. */
export function pixelAspectStep(aspect: Rational): FilterStep {
  // setsar reduces to terms below `max`, 100 by default, which would bend 711:500.
  return { name: 'setsar', options: { sar: `${aspect.num}/${aspect.den}`, max: '1000000' } };
}

/** The requested frame; a missing side keeps the picture's shape, two missing sides follow the source. */
function outputFrame(request: GeometryRequest): Size {
  const { widthPx, heightPx, source } = request;
  if (widthPx !== undefined && heightPx !== undefined) return { widthPx, heightPx };
  const shape = pictureShape(request);
  if (widthPx !== undefined) return { widthPx, heightPx: roundDivide(widthPx * shape.den, shape.num) };
  if (heightPx !== undefined) return { widthPx: roundDivide(heightPx * shape.num, shape.den), heightPx };
  return source;
}

/** Width over height of the picture, counted in output pixels: the display shape with the output's pixel aspect. */
function pictureShape({ source, sourceSampleAspect, outputSampleAspect }: GeometryRequest): Rational {
  const pixels = rational(
    sourceSampleAspect.num * outputSampleAspect.den,
    sourceSampleAspect.den * outputSampleAspect.num,
  );
  return rational(source.widthPx * pixels.num, source.heightPx * pixels.den);
}

/** Size of the scaled picture and of the frame around it, by scaling behaviour (spec video.md 2). */
function fitPicture(request: GeometryRequest, frame: Size): Size & { readonly picture: Rectangle } {
  const bothGiven = request.widthPx !== undefined && request.heightPx !== undefined;
  // With one side or none given there are no bars in any mode.
  if (!bothGiven || request.behavior === 'STRETCH_TO_OUTPUT')
    return { ...frame, picture: { ...frame, x: 0, y: 0 } };
  const shape = pictureShape(request);
  const lines = linesOf(request);
  switch (request.behavior) {
    case 'FIT':
    case 'FIT_NO_UPSCALE': {
      const limit = request.behavior === 'FIT' ? frame : smaller(frame, request.source);
      const inside = wholeSize(fitInside(shape, limit), limit, lines);
      return { ...inside, picture: { ...inside, x: 0, y: 0 } };
    }
    case 'FILL':
      return { ...frame, picture: { ...wholeUp(cover(shape, frame), lines), x: 0, y: 0 } };
    default: {
      const inside = wholeSize(fitInside(shape, frame), frame, lines);
      const x = half(frame.widthPx - inside.widthPx, 2);
      return { ...frame, picture: { ...inside, x, y: half(frame.heightPx - inside.heightPx, lines) } };
    }
  }
}

function fitInside(shape: Rational, limit: Size): Size {
  const isWider = limit.widthPx * shape.den <= limit.heightPx * shape.num;
  return isWider
    ? { widthPx: limit.widthPx, heightPx: roundDivide(limit.widthPx * shape.den, shape.num) }
    : { widthPx: roundDivide(limit.heightPx * shape.num, shape.den), heightPx: limit.heightPx };
}

function cover(shape: Rational, frame: Size): Size {
  const isWider = frame.widthPx * shape.den >= frame.heightPx * shape.num;
  return isWider
    ? { widthPx: frame.widthPx, heightPx: Math.ceil((frame.widthPx * shape.den) / shape.num) }
    : { widthPx: Math.ceil((frame.heightPx * shape.num) / shape.den), heightPx: frame.heightPx };
}

/** Lines that cannot be parted: two of 4:2:0 chroma, two of each field. */
function linesOf({ keepsFields }: GeometryRequest): 2 | 4 {
  return keepsFields === true ? 4 : 2;
}

/** Rounds derived sides down to even, and to whole `lines`; a side that the frame sets stays what it is. */
function wholeSize(size: Size, limit: Size, lines: 2 | 4): Size {
  const whole = (value: number, given: number, unit: number): number =>
    value === given ? value : Math.max(unit, value - (value % unit));
  return {
    widthPx: whole(size.widthPx, limit.widthPx, 2),
    heightPx: whole(size.heightPx, limit.heightPx, lines),
  };
}

function wholeUp(size: Size, lines: 2 | 4): Size {
  return { widthPx: size.widthPx + (size.widthPx % 2), heightPx: Math.ceil(size.heightPx / lines) * lines };
}

function smaller(a: Size, b: Size): Size {
  return { widthPx: Math.min(a.widthPx, b.widthPx), heightPx: Math.min(a.heightPx, b.heightPx) };
}

/** Half of a difference, in whole units so that chroma samples stay whole and in their field. */
function half(difference: number, unit: 2 | 4): number {
  return Math.floor(difference / 2 / unit) * unit;
}

function roundDivide(numerator: number, denominator: number): number {
  return Math.round(numerator / denominator);
}

function sizeOf({ widthPx, heightPx }: Size): Size {
  return { widthPx, heightPx };
}

/** Sharpness chooses the number of lobes of the kernel (spec video.md 2): 2 is soft, 4 is sharp. */
function scaleStep(size: Size, sharpness: number): FilterStep {
  const lobes = sharpness < 34 ? 2 : sharpness > 66 ? 4 : 3;
  return {
    name: 'scale',
    options: {
      w: `${size.widthPx}`,
      h: `${size.heightPx}`,
      flags: 'lanczos',
      param0: `${lobes}`,
    },
  };
}

function padStep(frame: Size, picture: Rectangle): FilterStep {
  const { x, y } = picture;
  return {
    name: 'pad',
    options: { w: `${frame.widthPx}`, h: `${frame.heightPx}`, x: `${x}`, y: `${y}`, color: 'black' },
  };
}
