/** Reads bit depth, chroma sampling and alpha out of a pixel format's name; the library offers no descriptor. */
import type { VideoTrackFacts } from '../../plan/facts.ts';

/** What a pixel format says about pictures. */
export interface PixelFormatFacts {
  readonly bitDepth: number;
  readonly chroma: VideoTrackFacts['chroma'];
  readonly hasAlpha: boolean;
}

/** Describes a pixel format by its FFmpeg name, e.g. `yuva444p12le`. */
export function describePixelFormat(name: string): PixelFormatFacts {
  return { bitDepth: bitDepthOf(name), chroma: chromaOf(name), hasAlpha: alphaName.test(name) };
}

/** `yuva…`, `rgba`, `argb`, `ya8`, `gbrap`, palette with transparency. */
const alphaName = /^(yuva|ya\d|ayuv|vuya|gbrap|pal8)|rgba|bgra|argb|abgr/;

function bitDepthOf(name: string): number {
  // Depth at the end of planar names (`yuv420p10le`, `gbrp12`, `gray16be`) …
  const planar = /(?:p|gray|ya|gbrp|gbrap|xyz)(9|10|12|14|16|32)(?:le|be|msble|msbbe)?$/.exec(name)?.[1];
  if (planar !== undefined) return Number(planar);
  // … or as the last digits of packed ones: p010, p216, y210, x2rgb10, rgb48 (3 × 16), rgba64 (4 × 16).
  const packed = /^(?:p[0-4]|y[24]|xv?[0-9]?)(10|12|16)(?:le|be)?$/.exec(name)?.[1];
  if (packed !== undefined) return Number(packed);
  if (/^(x2rgb|x2bgr)10/.test(name) || /^(xv30|v30x|nv20)/.test(name)) return 10;
  if (/(48|64)(le|be)?$/.test(name)) return 16;
  if (/(565|555|444)(le|be)$/.test(name) && /^(rgb|bgr)/.test(name)) return 5;
  return 8;
}

function chromaOf(name: string): PixelFormatFacts['chroma'] {
  if (/^(gray|ya\d|mono)/.test(name)) return '4:0:0';
  if (/^(rgb|bgr|argb|abgr|0rgb|0bgr|gbr|pal8|x2rgb|x2bgr)/.test(name)) return 'rgb';
  if (/420|^nv12|^nv21|^p01/.test(name)) return '4:2:0';
  if (/422|^nv16|^nv20|^p21|^y21/.test(name)) return '4:2:2';
  if (/444|^nv24|^nv42|^p41|^y41|^ayuv|^vuy|^xv|^v30x/.test(name)) return '4:4:4';
  return 'other';
}
