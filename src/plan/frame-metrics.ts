/** `perFrameMetrics` (spec video.md 3, V-33): what is measured, and what is refused by name. */
import type { FrameMetricType, JobSettings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import type { FrameMetric, MetricFile } from './picture-plan.ts';
import type { VideoRendition } from './plan.ts';
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

/** Metrics that groups ask for in all of their outputs, by group index. */
export type GroupMetrics = ReadonlyMap<number, readonly FrameMetric[]>;

/** Reads them. QVBR is measured where an output has that rate control. */
export function readGroupMetrics(settings: SettingsReader<JobSettings>, findings: FindingLog): GroupMetrics {
  return new Map(
    settings
      .children('outputGroups')
      .map((group, index) => [index, readFrameMetrics(group.child('outputGroupSettings'), true, findings)]),
  );
}

/** A rendition with what the groups that carry it want measured. */
export function withGroupMetrics(
  video: VideoRendition,
  groups: readonly PlannedOutputGroup[],
  metrics: GroupMetrics,
): VideoRendition {
  const carrying = groups.filter(({ outputs }) =>
    outputs.some((output) => output.videoRenditionId === video.id),
  );
  // Pictures that pass through are never decoded.
  if (video.encoder.encoder === 'copy') return video;
  const wanted = carrying
    .flatMap(({ groupIndex }) => metrics.get(groupIndex) ?? [])
    .filter((metric) => metric !== 'QVBR' || video.qualityScale !== null);
  return { ...video, frameMetrics: [...new Set([...video.frameMetrics, ...wanted])] };
}

/** Tables of measured pictures, beside the output they tell of: `<output name>_<METRIC>.csv` (spec video.md 3). */
export function metricFilesOf(
  groups: readonly PlannedOutputGroup[],
  renditions: readonly VideoRendition[],
): readonly MetricFile[] {
  return groups.flatMap((group) =>
    group.outputs.flatMap((output) => {
      const rendition = renditions.find(({ id }) => id === output.videoRenditionId);
      const location =
        'location' in output ? output.location : (output.playlistLocation ?? output.segmentLocation);
      const stem = location.replace(/\.[^./]*$/, '');
      return (rendition?.frameMetrics ?? []).map((metric) => ({
        groupIndex: group.groupIndex,
        renditionId: rendition?.id ?? '',
        metric,
        location: `${stem}_${metric}.csv`,
      }));
    }),
  );
}
