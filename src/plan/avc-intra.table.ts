/** AVC-Intra operating points that x264 has, as tried (spec video.md 12). Whole 24, 30 and 60 are no points. */
import { type Rational, rational } from '../exact-time.ts';

/** One class at one size. */
export interface AvcIntraPoint {
  readonly number: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scan: 'PROGRESSIVE' | 'INTERLACED';
  readonly pixelFormat: string;
  readonly rates: readonly Rational[];
}

const progressiveRates = [
  rational(25),
  rational(60000, 1001),
  rational(30000, 1001),
  rational(24000, 1001),
  rational(50),
];
const fieldRates = [rational(25), rational(30000, 1001)];
const fastRates = [rational(60000, 1001), rational(50)];

function point(
  number: string,
  size: readonly [number, number],
  pixelFormat: string,
  rates: readonly Rational[],
  scan: AvcIntraPoint['scan'] = 'PROGRESSIVE',
): AvcIntraPoint {
  return { number, widthPx: size[0], heightPx: size[1], scan, pixelFormat, rates };
}

const wide = 'yuv422p10le';

/** All points. */
export const avcIntraPoints: readonly AvcIntraPoint[] = [
  point('50', [1440, 1080], 'yuv420p10le', progressiveRates),
  point('50', [1440, 1080], 'yuv420p10le', fieldRates, 'INTERLACED'),
  point('50', [960, 720], 'yuv420p10le', progressiveRates),
  point('100', [1920, 1080], wide, progressiveRates),
  point('100', [1920, 1080], wide, fieldRates, 'INTERLACED'),
  point('100', [1280, 720], wide, progressiveRates),
  point('200', [1920, 1080], wide, progressiveRates),
  point('200', [1920, 1080], wide, fieldRates, 'INTERLACED'),
  point('200', [1280, 720], wide, fastRates),
  point('300', [3840, 2160], wide, progressiveRates),
  point('300', [4096, 2160], wide, progressiveRates),
  point('480', [3840, 2160], wide, progressiveRates),
  point('480', [4096, 2160], wide, progressiveRates),
];

/**
 * Bytes of a picture: of 1080 lines at 25 a second in the classes for HD, at any rate in those for UHD. Read from streams
 * that x264 made, which pads every picture to its size (480: in proportion to 300; bench/rate-control-intra.ts).
 */
export const intraPictureBytes: Readonly<Record<string, number>> = {
  50: 281_088,
  100: 568_832,
  200: 1_144_320,
  300: 1_260_032,
  480: 2_016_052,
};
