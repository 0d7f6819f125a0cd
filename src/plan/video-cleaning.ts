/** What happens to pictures at the source's own size and rate: deinterlacing, then noise reduction (spec video.md 16). */
import type { VideoPreprocessor } from '../contract/types.generated.ts';
import type { Rational } from '../exact-time.ts';
import { type DeinterlacerChoice, planDeinterlacer, separateFields } from './deinterlacer.ts';
import { filterWithinFields } from './field-steps.ts';
import type { FindingLog } from './finding-log.ts';
import { planNoiseReducer } from './noise-reducer.ts';
import type { PicturePreparation } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoSource } from './video-source.ts';

/** The preparation of one output; null when there is nothing to clean. `timing` has the rate that is wanted,
 * `codecCleaning` is the codec block's own. */
export function planPreparation(
  preprocessors: SettingsReader<VideoPreprocessor>,
  deinterlacer: DeinterlacerChoice | null,
  source: VideoSource,
  timing: {
    readonly frameRate: Rational;
    readonly separatesFields: boolean;
    readonly keepsFields: boolean;
  },
  codecCleaning: readonly FilterStep[],
  findings: FindingLog,
): PicturePreparation | null {
  const sourceRate: Rational = source.followedRate ?? timing.frameRate;
  const fields =
    deinterlacer !== null
      ? planDeinterlacer(
          preprocessors.child('deinterlacer'),
          deinterlacer,
          sourceRate,
          timing.frameRate,
          findings,
        )
      : timing.separatesFields
        ? separateFields(sourceRate)
        : null;
  const noise = planNoiseReducer(preprocessors.child('noiseReducer'), source.track.bitDepth, findings);
  const scan = timing.keepsFields ? source.track.scan : 'progressive';
  const cleaning = filterWithinFields([...noise, ...codecCleaning], scan);
  const steps = [...(fields?.steps ?? []), ...cleaning];
  return steps.length === 0 ? null : { steps, frameRate: fields?.frameRate ?? sourceRate };
}
