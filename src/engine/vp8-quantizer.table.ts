/** VP8's quantizers (RFC 6386, section 14.1, and libvpx `vp8_cx_iface.c`, `onyx_if.c`). */

/** Steps of the AC coefficients by quantizer index. */
export const acSteps: readonly number[] = [
  ...range(4, 58, 1),
  ...range(60, 116, 2),
  ...range(119, 155, 3),
  ...range(158, 173, 3),
  ...range(177, 229, 4),
  ...[234, 239, 245, 249, 254, 259, 264, 269, 274, 279, 284],
];

/** Quantizer indexes by what the library's interface calls a quantizer. */
export const quantizerIndexes: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31],
  ...range(33, 61, 2),
  ...range(64, 127, 3),
];

/** What a frame may do beside being shown (libvpx `vp8cx.h`, `VP8_EFLAG_*`). */
export const frameFlags = {
  keepGolden: 1 << 22,
  keepAlternate: 1 << 23,
  renewGolden: 1 << 19,
  renewAlternate: 1 << 24,
} as const;

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}
