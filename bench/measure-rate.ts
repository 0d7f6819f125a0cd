/** Runs one rate control on one clip and measures what it made. */
import { averageOf, type BucketReport, peakOver, readCodedPictures, runBucket } from './coded-rate.ts';
import type { EngineBench } from './engine-bench.ts';
import { clipRate, type MovingClip } from './moving-clips.ts';
import type { RateMode } from './rate-modes.ts';

/** What a mode made of a clip. */
export interface MeasuredRate {
  /** Share of the target: of `bitrate`, or of the peak with QVBR. */
  readonly average: number;
  /** Highest rate over the time the buffer holds at the peak rate, as a share of the peak. */
  readonly peak: number;
  readonly bucket: BucketReport;
}

/** Encodes and measures. */
export async function measureMode(
  bench: EngineBench,
  mode: RateMode,
  clip: MovingClip,
): Promise<MeasuredRate> {
  const plan = await bench.plan(`${clip}.mp4`, [mode.output]);
  const [path = ''] = await bench.run(plan);
  const pictures = readCodedPictures(path, clipRate);
  const { averageBps, peakBps, bufferBits } = mode.asked;
  return {
    average: averageOf(pictures, clipRate) / (averageBps ?? peakBps),
    peak: peakOver(pictures, bufferBits / peakBps, clipRate) / peakBps,
    bucket: runBucket(
      pictures,
      {
        rateBps: peakBps,
        sizeBits: bufferBits,
        initialFill: 0.9,
        // The other codecs have no filler: their decoders wait.
        isConstant: mode.kind === 'CBR' && /H.26|MPEG/.test(mode.name),
      },
      clipRate,
    ),
  };
}

/** Head of the table. */
export const rateColumns =
  '| rate control | clip | average | peak | buffer: late, full, lowest |\n|---|---|---|---|---|';

/** One line of it. */
export function rateRow({ name }: RateMode, clip: string, { average, peak, bucket }: MeasuredRate): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const buffer = `${bucket.underflows}, ${bucket.overflows}, ${percent(bucket.lowest)}`;
  return `| ${name} | ${clip} | ${percent(average)} | ${percent(peak)} | ${buffer} |`;
}
