/**
 * Integrated loudness after Rec. ITU-R BS.1770-4, written from the recommendation: an independent measurement beside
 * the library's meter. 48 kHz only, because the recommendation gives the filters for that rate.
 */
import type { ReadSound } from './read-sound.ts';

interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** Tables 1 and 2 of the recommendation. */
const shelf: Biquad = {
  b: [1.53512485958697, -2.69169618940638, 1.19839281085285],
  a: [-1.69065929318241, 0.73248077421585],
};
const highPass: Biquad = { b: [1, -2, 1], a: [-1.99004745483398, 0.99007225036621] };

/** Weights of left, right, centre, LFE, left and right surround. */
const weights = [1, 1, 1, 0, 1.41, 1.41];

/** Loudness in LKFS; `isGated` false: the first edition. */
export function measureLoudness({ sampleRateHz, channels }: ReadSound, isGated = true): number {
  if (sampleRateHz !== 48_000) throw new RangeError('the filters are for 48 kHz');
  const filtered = channels.map((samples) => filter(filter(samples, shelf), highPass));
  const [block, hop] = [sampleRateHz * 0.4, sampleRateHz * 0.1];
  const powers: number[] = [];
  for (let at = 0; at + block <= (filtered[0]?.length ?? 0); at += hop) {
    powers.push(
      filtered.reduce(
        (sum, samples, channel) => sum + (weights[channel] ?? 1) * meanSquare(samples, at, block),
        0,
      ),
    );
  }
  if (!isGated) return toLoudness(mean(powers));
  const audible = powers.filter((power) => toLoudness(power) > -70);
  const threshold = toLoudness(mean(audible)) - 10;
  return toLoudness(mean(audible.filter((power) => toLoudness(power) > threshold)));
}

function filter(samples: Float64Array, { b, a }: Biquad): Float64Array {
  const output = new Float64Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let n = 0; n < samples.length; n += 1) {
    const x = samples[n] ?? 0;
    const y = b[0] * x + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    output[n] = y;
  }
  return output;
}

function meanSquare(samples: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let n = start; n < start + length; n += 1) sum += (samples[n] ?? 0) ** 2;
  return sum / length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function toLoudness(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}
