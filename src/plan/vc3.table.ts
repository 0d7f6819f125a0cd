/** Operating points of VC-3 (SMPTE ST 2019-1 compression ids as the encoder has them; spec video.md 11). */
import { type Rational, rational } from '../exact-time.ts';

interface Vc3Point {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isInterlaced: boolean;
  readonly rate: Rational;
  /** Mbit/s of class 145 in 8 bits, 220 in 8 bits, 220 in 10 bits; null: the encoder has none. */
  readonly megabits: readonly [number, number, number | null];
}

const full = (rate: Rational, megabits: Vc3Point['megabits'], isInterlaced = false): Vc3Point => ({
  widthPx: 1920,
  heightPx: 1080,
  isInterlaced,
  rate,
  megabits,
});

const small = (rate: Rational, megabits: Vc3Point['megabits']): Vc3Point => ({
  widthPx: 1280,
  heightPx: 720,
  isInterlaced: false,
  rate,
  megabits,
});

/** All points. */
export const vc3Points: readonly Vc3Point[] = [
  full(rational(24000, 1001), [115, 175, 175]),
  full(rational(24), [115, 175, 175]),
  full(rational(25), [120, 185, 185]),
  full(rational(25), [120, 185, 185], true),
  full(rational(30000, 1001), [145, 220, 220], true),
  full(rational(30000, 1001), [145, 220, null]),
  full(rational(50), [240, 365, 365]),
  full(rational(60000, 1001), [290, 440, 440]),
  small(rational(60000, 1001), [145, 220, 220]),
  small(rational(50), [120, 180, 180]),
  small(rational(24000, 1001), [60, 90, 90]),
  small(rational(25), [60, 90, 90]),
  small(rational(30000, 1001), [75, 110, null]),
];
