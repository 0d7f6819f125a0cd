/** One pass over the inputs, as its builders see it. */
import type { ExtraTrack } from '../package/images/group-images.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { SignalTimeline } from '../signals/signal-timeline.ts';
import type { MeasuredLoudness } from './loudness-meter.ts';
import type { EngineObjects } from './objects.ts';
import type { OutputWriter } from './output-writer.ts';
import type { OutputGroupResult } from './protocol.ts';
import type { Looks } from './rate-aim.ts';
import type { RunAnalysis } from './run-analysis.ts';
import type { RunCounters } from './run-counters.ts';

/** What a pass executes, and what it tells while it goes on. */
export interface Pass {
  readonly plan: JobPlan;
  readonly objects: EngineObjects;
  readonly groups: readonly OpenGroup[];
  readonly counters: RunCounters;
  /** null in a pass that only collects statistics. */
  readonly analysis: RunAnalysis | null;
  /** What the passes before this one asked for and made; empty in the first. */
  readonly looks: Looks;
  /** 1: statistics only; 2: with statistics; null: single pass. */
  readonly passNumber: 1 | 2 | null;
  readonly statistics: (renditionId: string) => string;
  /** Loudness of the audio renditions that are measured: filled in pass 1 for those that are corrected. */
  readonly loudness: Map<string, MeasuredLoudness>;
  /** Splice points and timed metadata, known so far. */
  readonly signals: SignalTimeline;
  readonly setBytesRead: (read: () => number) => void;
  readonly signal: AbortSignal;
}

/** An output group as the run sees it: a writer per output, and one end. */
export interface OpenGroup {
  readonly group: JobPlan['outputGroups'][number];
  writer(outputIndex: number): OutputWriter;
  /** Tracks made beside the outputs: images, key frames. Their writers are finished by the group. */
  readonly extras: readonly ExtraTrack[];
  finish(): Promise<OutputGroupResult>;
  abort(): Promise<void>;
}
