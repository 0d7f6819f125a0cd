/** What the parts of a clip's graph share: its renditions, its place on the output timeline, and what it reads. */
import type { Packet } from 'node-av/lib';
import type { Span } from '../exact-time.ts';
import type { PlannedAudioSource } from '../plan/plan.ts';
import type { AudioLane } from './audio-lane.ts';
import type { CopyLane } from './clip-copies.ts';
import type { ClipWindow } from './clip-window.ts';
import type { VideoCopyLane } from './copied-video.ts';
import type { Edge } from './edge.ts';
import type { OpenSource } from './open-source.ts';
import type { VideoLane } from './video-lane.ts';

/** The renditions of a pass, each with its place on the output timeline. */
export interface Lanes {
  readonly video: readonly VideoLane[];
  readonly audio: readonly AudioLane[];
  /** Sound that goes out as it comes in. */
  readonly copies: readonly CopyLane[];
  /** Pictures that go out as they come in. */
  readonly videoCopies: readonly VideoCopyLane[];
}

/** One clip on the output timeline. */
export interface ClipPlace {
  readonly window: ClipWindow;
  readonly start: Span;
  /** Nothing follows: sound may outlast the picture. */
  readonly isLast: boolean;
}

/** What a clip reads: the input itself, unless it makes its pictures, and files of their own for sound. */
export interface ClipSources {
  readonly main: OpenSource | null;
  readonly ofAudio: ReadonlyMap<PlannedAudioSource, OpenSource>;
}

/** Makes the edge that brings the packets of some streams of a source. */
export type EdgeFor = (source: OpenSource, streamIndexes: readonly number[]) => Edge<Packet>;
