/**
 * A composition: tracks that are put together from parts of several files (IMF, spec inputs.md 8; SMPTE ST 2067-3).
 * Facts carry it from the package to the plan, the plan to the engine. Plain data.
 */
import type { Rational } from '../exact-time.ts';

/** One track, gapless from the composition's first instant to its end. */
export interface ComposedTrack {
  readonly kind: 'video' | 'audio';
  /** By which facts and plan name the track; no file has a stream of this index on the composition's behalf. */
  readonly streamIndex: number;
  /** Pictures or samples a second: the unit in which parts are counted. */
  readonly rate: Rational;
  /** In order; each begins where the one before it ends. */
  readonly parts: readonly ComposedPart[];
}

/** A run of pictures or samples of one file. */
export interface ComposedPart {
  /** Null: silence. */
  readonly file: ComposedFile | null;
  /** Of the file's own pictures or samples, from 0. */
  readonly firstUnit: number;
  readonly unitCount: number;
}

/** The stream of a file that holds a part. */
export interface ComposedFile {
  readonly location: string;
  readonly demuxer: string;
  readonly streamIndex: number;
  /** Timestamp of the file's first picture or sample, microseconds. */
  readonly originUs: number;
}

/** Every file that a composition reads, once. */
export function composedLocations(tracks: readonly ComposedTrack[]): readonly string[] {
  return [
    ...new Set(
      tracks.flatMap(({ parts }) => parts.flatMap(({ file }) => (file === null ? [] : [file.location]))),
    ),
  ];
}
