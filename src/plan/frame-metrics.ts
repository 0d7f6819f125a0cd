/** `perFrameMetrics` (spec video.md 3, V-33): what is measured, and what is refused by name. */
import type { FrameMetricType } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { FrameMetric } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

const unmeasured: Readonly<Record<Exclude<FrameMetricType, FrameMetric>, string>> = {
  MS_SSIM: 'structural similarity is measured at one scale (SSIM)',
  PSNR_HVS: 'the noise ratio is measured unweighted (PSNR)',
  SHOT_CHANGE: 'shot changes are not listed',
  VMAF: 'the libraries have no VMAF',
};

/** Reads the list; QVBR figures exist with that rate control only. */
export function readFrameMetrics(
  settings: SettingsReader<{ readonly perFrameMetrics?: readonly FrameMetricType[] | undefined }>,
  hasQuality: boolean,
  findings: FindingLog,
): readonly FrameMetric[] {
  const metrics = new Set<FrameMetric>();
  for (const metric of settings.read('perFrameMetrics') ?? []) {
    if (metric === 'QVBR' && !hasQuality) {
      findings.incompatible(
        settings.at('perFrameMetrics'),
        'QVBR is measured with rateControlMode QVBR only',
      );
    } else if (metric === 'PSNR' || metric === 'SSIM' || metric === 'QVBR') {
      metrics.add(metric);
    } else {
      findings.notSupported(settings.at('perFrameMetrics'), metric, unmeasured[metric]);
    }
  }
  return [...metrics];
}
