/**
 * Key frames where another scene begins, for encoders that place none themselves (MPEG-2, AV1). Pictures are compared
 * on a coarse grid of luma: what moves keeps its likeness to the picture before, another scene has none.
 */
import { AV_PICTURE_TYPE_I } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { VideoRendition } from '../plan/plan.ts';
import { createLumaGrid } from './luma-grid.ts';

/** Looks at the pictures of one rendition in their order. */
export interface SceneWatch {
  /** Asks for a key frame where this picture begins a scene, unless one was less than the least distance before. */
  look(frame: Frame): void;
  /** Frees what looking took. */
  close(): void;
}

/** Samples across and down; a picture of any size has about so many. */
const columns = 32;
const rows = 18;
/** Steps of 255 below which a difference is noise, whatever the pictures are. */
const leastDifference = 1;
/**
 * A cut differs this many times as much as the largest of the steps before it did, and by this share of what the pictures themselves
 * vary by: two that have nothing in common come to 1.4 (the difference of independent values), equal ones to 0.
 */
const leastJump = 2;
const leastUnlikeness = 0.8;
/** The largest step is what is usual, and fades: repeated pictures are no sign of rest. */
const fading = 0.8;

/** Starts before the first picture; null where the rendition has key frames at its groups alone. */
export function watchScenes({ sceneChanges, encoder, ...size }: VideoRendition): SceneWatch | null {
  if (sceneChanges === undefined) return null;
  const steps = [Math.floor(size.widthPx / columns), Math.floor(size.heightPx / rows)] as const;
  const grid = createLumaGrid(Math.max(1, steps[0]), Math.max(1, steps[1]), 'mean');
  const cadence = encoder.gopSizeFrames ?? Number.POSITIVE_INFINITY;
  let before: Luma | null = null;
  let usual: number | null = null;
  let sinceKey = 0;

  const beginsScene = (now: Luma): boolean => {
    if (before === null) return false;
    const difference = differenceOf(now, before);
    const isJump = usual !== null && difference >= Math.max(leastDifference, leastJump * usual);
    const isCut = isJump && difference >= (leastUnlikeness * (now.variation + before.variation)) / 2;
    // What a cut differs by says nothing of how the next scene moves, and nothing else does before its second picture.
    usual = isCut ? null : Math.max(difference, fading * (usual ?? 0));
    return isCut;
  };
  return {
    look(frame) {
      // The grid's samples are those of the newest picture alone.
      const samples = grid.of(frame)?.slice() ?? null;
      const now = samples === null ? null : { samples, variation: variationOf(samples) };
      const isCut = now !== null && beginsScene(now);
      before = now;
      sinceKey += 1;
      if (isCut && sinceKey >= sceneChanges.leastFrames) frame.pictType = AV_PICTURE_TYPE_I;
      if (frame.pictType === AV_PICTURE_TYPE_I || sinceKey >= cadence) sinceKey = 0;
    },
    close: () => grid.close(),
  };
}

interface Luma {
  readonly samples: Uint8Array;
  /** Mean distance from the mean. */
  readonly variation: number;
}

function variationOf(samples: Uint8Array): number {
  let sum = 0;
  for (const value of samples) sum += value;
  const mean = sum / samples.length;
  let distance = 0;
  for (const value of samples) distance += Math.abs(value - mean);
  return distance / samples.length;
}

function differenceOf(one: Luma, other: Luma): number {
  let sum = 0;
  for (let at = 0; at < one.samples.length; at += 1) {
    sum += Math.abs((one.samples[at] ?? 0) - (other.samples[at] ?? 0));
  }
  return sum / one.samples.length;
}
