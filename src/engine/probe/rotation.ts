/** Reads the rotation a display matrix asks for (ISO/IEC 14496-12 8.5.2: 3 × 3, 16.16 fixed point). */

const toleranceDegrees = 1;

/**
 * Clockwise degrees of a display matrix as the library stores it: nine 32-bit integers, little endian. Only
 * turns within 1° of a quarter count, and mirrored pictures do not (spec inputs.md 11).
 */
export function readRotation(matrix: Buffer | null): 0 | 90 | 180 | 270 {
  if (matrix === null || matrix.length < 36) return 0;
  const [a, b, c, d] = [0, 4, 12, 16].map((offset) => matrix.readInt32LE(offset) / 65536) as [
    number,
    number,
    number,
    number,
  ];
  if (a * d - b * c <= 0) return 0;
  const degrees = (Math.atan2(b, a) * 180) / Math.PI;
  const clockwise = (degrees + 360) % 360;
  const quarter = ([90, 180, 270] as const).find((angle) => Math.abs(clockwise - angle) <= toleranceDegrees);
  return quarter ?? 0;
}
