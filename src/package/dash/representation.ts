/** Outputs as an MPD is made of them. */
import type { FragmentationPlan, FragmentedOutput, MpdRules } from '../../plan/group-plan.ts';
import type { FragmentedSegment, IndexedTrack, SingleFileHeader } from '../fmp4/fragment-files.ts';
import type { MeasuredTracks } from '../measured-tracks.ts';
import type { XmlElement } from '../xml.ts';

/** One output as measured. */
export interface MeasuredRepresentation {
  readonly output: FragmentedOutput;
  readonly tracks: MeasuredTracks;
  /** At least one. */
  readonly segments: readonly FragmentedSegment[];
  readonly track: IndexedTrack;
  /** Null for segment files. */
  readonly header: SingleFileHeader | null;
  /** `ContentProtection` elements; empty for clear outputs. */
  readonly protection: readonly XmlElement[];
}

/** A group with an MPD. */
export interface MpdGroup extends FragmentationPlan {
  readonly mpd: MpdRules;
  readonly outputs: readonly Pick<FragmentedOutput, 'passedVideo'>[];
}
