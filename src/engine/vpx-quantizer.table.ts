/** Quantizers of VP8 (RFC 6386, section 14.1; libvpx `onyx_if.c`) and VP9 (bitstream specification 8.6.1; libvpx `vp9_quantize.c`). */

/** How finely a codec can quantize. */
export interface QuantizerScale {
  /** Steps of the AC coefficients by quantizer index. */
  readonly acSteps: readonly number[];
  /** Quantizer indexes by what the library's interface calls a quantizer. */
  readonly quantizerIndexes: readonly number[];
  /** The finest of these that is given: VP9's first is its lossless mode, with another transform (`base_q_idx` 0). */
  readonly finestQuantizer: number;
  /** Where nothing is known of the pictures yet. */
  readonly firstStep: number;
}

const vp8AcSteps: readonly number[] = [
  ...range(4, 58, 1),
  ...range(60, 116, 2),
  ...range(119, 155, 3),
  ...range(158, 173, 3),
  ...range(177, 229, 4),
  ...[234, 239, 245, 249, 254, 259, 264, 269, 274, 279, 284],
];

const vp8QuantizerIndexes: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31],
  ...range(33, 61, 2),
  ...range(64, 127, 3),
];

/** Of 8 bits. */
const vp9AcSteps: readonly number[] = [
  ...[4],
  ...range(8, 102, 1),
  ...range(104, 152, 2),
  ...range(155, 203, 3),
  ...range(207, 255, 4),
  ...range(260, 305, 5),
  ...range(311, 359, 6),
  ...range(366, 408, 7),
  ...range(416, 456, 8),
  ...range(465, 510, 9),
  ...range(520, 560, 10),
  ...range(571, 615, 11),
  ...range(627, 663, 12),
  ...range(676, 715, 13),
  ...range(729, 771, 14),
  ...[786, 801],
  ...range(816, 864, 16),
  ...[881, 898],
  ...range(915, 969, 18),
  ...[988, 1007, 1026, 1046],
  ...range(1066, 1129, 21),
  ...[
    1151, 1173, 1196, 1219, 1243, 1267, 1292, 1317, 1343, 1369, 1396, 1423, 1451, 1479, 1508, 1537, 1567,
    1597, 1628, 1660, 1692, 1725, 1759, 1793, 1828,
  ],
];

const scales: ReadonlyMap<string, QuantizerScale> = new Map([
  [
    'VP8',
    {
      acSteps: vp8AcSteps,
      quantizerIndexes: vp8QuantizerIndexes,
      finestQuantizer: 0,
      firstStep: 45,
    },
  ],
  [
    'VP9',
    {
      acSteps: vp9AcSteps,
      quantizerIndexes: [...range(0, 244, 4), 249, 255],
      finestQuantizer: 1,
      firstStep: 120,
    },
  ],
]);

/** The scale of a codec. Throws RangeError for one whose frames get no steps. */
export function scaleOf(codec: string): QuantizerScale {
  const scale = scales.get(codec);
  if (scale === undefined) throw new RangeError(`frames of ${codec} get no steps`);
  return scale;
}

/** What a frame may do beside being shown, of both (libvpx `vp8cx.h`, `VP8_EFLAG_*`). */
export const frameFlags = {
  keepGolden: 1 << 22,
  keepAlternate: 1 << 23,
  renewGolden: 1 << 19,
  renewAlternate: 1 << 24,
} as const;

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}
