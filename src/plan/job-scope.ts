/** What every step below a job shares while it is planned. */

import type { Rational } from '../exact-time.ts';
import type { HeAacPolicy } from './aac.ts';
import type { AudioDraft } from './audio-rendition.ts';
import type { AudioSelection } from './audio-selectors.ts';
import type { ColorLut } from './color-luts.ts';
import type { FindingLog } from './finding-log.ts';
import type { JobSignals } from './job-signals.ts';
import type { OutputTimeline } from './output-timeline.ts';
import type { ReadInput } from './read-input.ts';
import type { RenditionRegistry } from './rendition-registry.ts';
import type { VideoDraft } from './video-rendition.ts';
import type { VideoSource } from './video-source.ts';

/** The job around a step: what was read before it, and where it puts what it finds. */
export interface JobScope {
  readonly findings: FindingLog;
  readonly renditions: RenditionRegistry;
  /** All inputs, in job order. */
  readonly inputs: readonly ReadInput[];
  /** The input whose size, rate and shape outputs follow (spec inputs.md 9). */
  readonly followed: ReadInput;
  /** Video of the followed input; null when no input has video. */
  readonly video: VideoSource | null;
  /** Audio of the first input. */
  readonly audio: AudioSelection;
  readonly firstInputName: string | null;
  readonly startTimeMs: number;
  /** Expected length of the outputs, microseconds; null when unknown. */
  readonly durationUs: number | null;
  readonly timeline: OutputTimeline;
  /** Tables that take the place of colour conversions. */
  readonly luts: readonly ColorLut[];
  /** Splice points and timed metadata. */
  readonly signals: JobSignals;
  readonly heAac: HeAacPolicy;
  /** What automatic groups of pictures of a video description, by pointer, fit into; see `shared-periods`. */
  readonly sharedPeriods: ReadonlyMap<string, Rational>;
  /** Counts everything below a pointer as settled, after the part was refused as a whole. */
  refuseBelow(pointer: string): void;
  /** Numbers video and audio descriptions through the job, from 1, as messages do. */
  nextVideoOrdinal(): number;
  nextAudioOrdinal(): number;
}

/** The tracks of one output, planned. */
export interface OutputTracks {
  readonly video: VideoDraft | null;
  readonly videoRenditionId: string | null;
  readonly audio: readonly AudioDraft[];
  readonly audioRenditionIds: readonly string[];
}
