/** What a run finds out about its pictures while it goes on: black of the source, quality of the encodes. */
import type { CodecContext } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { JobPlan, VideoRendition } from '../plan/plan.ts';
import { toWriteOptions } from '../store/write-options.ts';
import { type BlackWatch, watchBlack } from './black-video.ts';
import { compareFrames, type FrameComparison } from './frame-metrics.ts';
import type { EngineObjects } from './objects.ts';
import type { OutputGroupResult } from './protocol.ts';
import { type QualityWatch, watchQuality } from './quality-figures.ts';

/** The watches of one rendition; null: nothing is asked for. */
export interface EncodeWatch {
  readonly quality: QualityWatch | null;
  readonly comparison: FrameComparison | null;
}

/** All watches of a run. */
export interface RunAnalysis {
  readonly black: BlackWatch;
  /** The watch of a rendition whose encoder has just been opened. */
  watch(rendition: VideoRendition, encoder: CodecContext, timeBase: Rational): EncodeWatch;
  /** Results with the quality figures of their encodes. */
  withQuality(groups: readonly OutputGroupResult[]): readonly OutputGroupResult[];
  /** Writes the tables of measured pictures that the plan names. */
  writeMetrics(objects: EngineObjects): Promise<void>;
  /** Frees what the watches took. */
  close(): void;
}

/** Starts with nothing seen. */
export function createRunAnalysis(plan: JobPlan): RunAnalysis {
  const black = watchBlack();
  const watches = new Map<string, EncodeWatch>();
  return {
    black,
    watch(rendition, encoder, timeBase) {
      const { qualityScale, frameMetrics, frameRate } = rendition;
      const isCompared = frameMetrics.some((metric) => metric !== 'QVBR');
      const watch: EncodeWatch = {
        quality: qualityScale === null ? null : watchQuality(qualityScale, frameRate),
        comparison: isCompared ? compareFrames(encoder, frameMetrics, timeBase) : null,
      };
      watches.set(rendition.id, watch);
      return watch;
    },
    close: () => black.close(),
    withQuality: (groups) => groups.map((group) => withGroupQuality(group, plan, watches)),
    async writeMetrics(objects) {
      for (const file of plan.metricFiles ?? []) {
        const text = tableOf(file, watches);
        const group = plan.outputGroups.find(({ groupIndex }) => groupIndex === file.groupIndex);
        if (group === undefined) throw new RangeError(`the plan has no group ${file.groupIndex}`);
        const object = objects.create(file.location, toWriteOptions(group.objectSettings, 'text/csv'));
        object.write(Buffer.from(text));
        await object.publish();
      }
    },
  };
}

function withGroupQuality(
  group: OutputGroupResult,
  plan: JobPlan,
  watches: ReadonlyMap<string, EncodeWatch>,
): OutputGroupResult {
  const planned = plan.outputGroups.find(({ groupIndex }) => groupIndex === group.groupIndex);
  const outputs = group.outputs.map((output) => {
    const id = planned?.outputs.find((one) => one.outputIndex === output.outputIndex)?.videoRenditionId;
    const quality = id == null ? null : (watches.get(id)?.quality?.figures() ?? null);
    return output.video === null || quality === null
      ? output
      : { ...output, video: { ...output.video, quality } };
  });
  return { ...group, outputs };
}

function tableOf(
  { renditionId, metric }: NonNullable<JobPlan['metricFiles']>[number],
  watches: ReadonlyMap<string, EncodeWatch>,
): string {
  const watch = watches.get(renditionId);
  const measured = metric === 'QVBR' ? [] : (watch?.comparison?.values(metric) ?? []);
  const pictures: readonly (readonly [number, number])[] =
    metric === 'QVBR' ? (watch?.quality?.pictures() ?? []) : measured.map((value, frame) => [frame, value]);
  const rows = pictures.map(([frame, value]) => `${frame},${formatValue(value)}`);
  return `frame,${metric}\n${rows.join('\n')}\n`;
}

function formatValue(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'inf';
}
