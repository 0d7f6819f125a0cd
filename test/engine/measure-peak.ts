/** Peaks of a signal between its samples (Rec. ITU-R BS.1770-4 annex 2), by interpolation of our own: eight times the rate. */

const factor = 8;
/** Samples on each side that a value between two is made of. */
const reach = 24;

/** Highest level of a channel in dBTP; −Infinity: silence. */
export function truePeakDbtp(samples: Float64Array): number {
  const kernels = Array.from({ length: factor - 1 }, (_, at) => kernel((at + 1) / factor));
  let peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Between quiet neighbours nothing is high.
  const floor = 0.5 * peak;
  for (let at = reach; at < samples.length - reach; at += 1) {
    if (Math.abs(samples[at] ?? 0) < floor && Math.abs(samples[at + 1] ?? 0) < floor) continue;
    for (const taps of kernels) {
      let value = 0;
      for (const [tap, weight] of taps.entries()) value += weight * (samples[at - reach + 1 + tap] ?? 0);
      peak = Math.max(peak, Math.abs(value));
    }
  }
  return 20 * Math.log10(peak);
}

/** A windowed sinc for the instant `part` of the way from one sample to the next; its sum is 1. */
function kernel(part: number): readonly number[] {
  const taps = Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap - reach + 1 - part;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / reach);
    return (window * Math.sin(Math.PI * distance)) / (Math.PI * distance);
  });
  const sum = taps.reduce((total, weight) => total + weight, 0);
  return taps.map((weight) => weight / sum);
}
