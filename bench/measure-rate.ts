/** Runs one rate control on one clip and measures what it made. */
import { averageOf, type BucketReport, peakOver, readAccessUnits, runBucket } from './coded-rate.ts';
import type { EngineBench } from './engine-bench.ts';
import { checkHrd, type HrdReport } from './hrd-check.ts';
import { readHrd } from './hrd-syntax.ts';
import type { MovingClip } from './moving-clips.ts';
import type { RateMode } from './rate-modes.ts';

/** What a mode made of a clip. */
export interface MeasuredRate {
  /** Share of the target: of `bitrate`, or of the bound of the average or the peak with QVBR. */
  readonly average: number;
  /** Highest rate over the time the buffer holds at the peak rate, as a share of the peak. */
  readonly peak: number;
  readonly bucket: BucketReport;
  /** What the stream says of its decoder's buffer itself; null when it says nothing. */
  readonly hrd: HrdReport | null;
}

/** Encodes and measures. */
export async function measureMode(
  bench: EngineBench,
  mode: RateMode,
  { name, framesPerSecond }: MovingClip,
): Promise<MeasuredRate> {
  const plan = await bench.plan(`${name}.mp4`, [mode.output]);
  const [path = ''] = await bench.run(plan);
  const units = readAccessUnits(path);
  const pictures = units.map((unit, index) => ({ bits: unit.length * 8, at: index / framesPerSecond }));
  const codec = (['H.264', 'H.265'] as const).find((each) => mode.name.startsWith(each));
  const hrd = codec === undefined ? null : readHrd(codec, units);
  const { averageBps, averageLimitBps, peakBps, bufferBits } = mode.asked;
  return {
    average: averageOf(pictures, framesPerSecond) / (averageBps ?? averageLimitBps ?? peakBps),
    peak: peakOver(pictures, bufferBits / peakBps, framesPerSecond) / peakBps,
    bucket: runBucket(
      pictures,
      {
        rateBps: peakBps,
        sizeBits: bufferBits,
        initialFill: 0.9,
        // The other codecs have no filler: their decoders wait.
        isConstant: mode.kind === 'CBR' && /H.26|MPEG/.test(mode.name),
      },
      framesPerSecond,
    ),
    hrd: hrd === null ? null : checkHrd(hrd),
  };
}

/** Head of the table. */
export const rateColumns =
  '| rate control | clip | average | peak | buffer: late, full, lowest | its own: late, full, delays off |\n|---|---|---|---|---|---|';

/** One line of it. */
export function rateRow(
  { name }: RateMode,
  clip: string,
  { average, peak, bucket, hrd }: MeasuredRate,
): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const buffer = `${bucket.underflows}, ${bucket.overflows}, ${percent(bucket.lowest)}`;
  const own = hrd === null ? 'none' : `${hrd.late}, ${hrd.full}, ${(hrd.delayError * 1000).toFixed(1)} ms`;
  return `| ${name} | ${clip} | ${percent(average)} | ${percent(peak)} | ${buffer} | ${own} |`;
}
