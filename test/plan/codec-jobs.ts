/** Jobs of one output with one codec, planned on 1080p25. */
import type {
  ContainerType,
  Output,
  VideoCodecSettings,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { EncoderPlan } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { fileGroup, jobWith, mustPlan, onlyVideo } from './plan-fixtures.ts';

/** The input. */
export const at25 = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25) })] });

/** The job. */
export function job(
  codecSettings: VideoCodecSettings,
  changes: Partial<VideoDescription> = {},
  container: ContainerType = 'RAW',
): ReturnType<typeof jobWith> {
  const output: Output = {
    containerSettings: { container },
    videoDescription: { ...changes, codecSettings },
  };
  return jobWith([fileGroup([output], 's3://out/file')]);
}

/** Its encoder. */
export function encoded(...request: Parameters<typeof job>): EncoderPlan {
  return onlyVideo(mustPlan(job(...request), at25)).encoder;
}
