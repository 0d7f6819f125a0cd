/**
 * Where segments begin (spec packaging.md 3). Video decides by its key frames; audio-only outputs follow the group's
 * first video output, so that all renditions share boundaries; audio that no video leads is cut on the plain grid.
 */
import type { Rational } from '../exact-time.ts';
import type { HlsOutputGroup } from '../plan/group-plan.ts';
import { compareInstants, type Instant, wholeSteps } from './instant.ts';
import type { SpliceCuts } from './splice-cuts.ts';

/** Decides for each key frame, in order, whether a segment begins with it. */
export type KeyFrameCuts = (start: Instant) => boolean;

/**
 * EXACT: at the first key frame at or after each k × segment length of output time. GOP_MULTIPLE: at the first key
 * frame that makes the segment at least as long as asked. A splice point is a cut besides, and the grid goes on as it
 * was; boundaries too near to one are left out. The first key frame begins the first segment: false.
 */
export function keyFrameCuts(
  control: HlsOutputGroup['segmentLengthControl'],
  length: Rational,
  splices: SpliceCuts | null = null,
): KeyFrameCuts {
  let last: Instant | null = null;
  let before: Instant | null = null;
  /** Points of the grid that are behind, cut or left out. */
  let steps = 0n;
  return (start) => {
    if (last === null || before === null) {
      last = start;
      before = start;
      steps = wholeSteps(start, length);
      return false;
    }
    const isSplice = splices?.isPointIn(before, start) === true;
    before = start;
    const isCut = (isDue(last, start) && splices?.isTooNear(start) !== true) || isSplice;
    steps = wholeSteps(start, length);
    if (isCut) last = start;
    return isCut;
  };

  function isDue(from: Instant, start: Instant): boolean {
    if (control === 'EXACT') return wholeSteps(start, length) > steps;
    return wholeSteps({ ticks: start.ticks - from.ticks, base: start.base }, length) >= 1n;
  }
}

/** A segment holds `count` groups of pictures; fewer where a splice point ends it, and counting begins anew there. */
export function groupCountCuts(count: number, splices: SpliceCuts | null = null): KeyFrameCuts {
  let before: Instant | null = null;
  let groups = 0;
  return (start) => {
    const isSplice = before !== null && splices?.isPointIn(before, start) === true;
    const isCut = groups >= count || isSplice;
    groups = isCut ? 1 : groups + 1;
    before = start;
    return isCut;
  };
}

/**
 * Decides for each audio frame, in order, whether a segment begins with it, on the plain grid of k × length. Grid
 * points up to one second after `notBefore` (where the video ended) are left out, so that the last frames of a track
 * that is a little longer than the video make no segment of their own.
 */
export function gridCuts(length: Rational, notBefore: Instant | null): KeyFrameCuts {
  let step: bigint | null = notBefore === null ? null : wholeSteps(secondAfter(notBefore), length);
  return (start) => {
    const reached = wholeSteps(start, length);
    if (step === null) {
      step = reached < 0n ? 0n : reached;
      return false;
    }
    if (reached <= step) return false;
    step = reached;
    return true;
  };
}

function secondAfter({ ticks, base }: Instant): Instant {
  return { ticks: ticks * BigInt(base.num) + BigInt(base.den), base: { num: 1, den: base.den } };
}

/**
 * The cuts of a group as its leading video output finds them, told to the audio-only outputs.
 * Life: the leader calls `cutAt` and `advanceTo` in time order, then `end` once; followers ask `place` for each frame
 * and are called back on every change. Without a leader it has ended from the start.
 */
export interface CutTimeline {
  cutAt(start: Instant): void;
  /** No cut will be found before `frontier` that is not known yet. */
  advanceTo(frontier: Instant): void;
  /** The leader has no more frames; `at` is the end of its last one, null when it had none. */
  end(at: Instant | null): void;
  /** A view of one follower: says for each frame, in order, where it belongs. `wait` means: ask again after a change. */
  follower(): (start: Instant) => 'same' | 'cut' | 'wait';
  /** Called after each change. */
  subscribe(listener: () => void): void;
  readonly hasEnded: boolean;
}

/** Makes the timeline of one group; `length` is the segment length for audio beyond the video. */
export function createCutTimeline(length: Rational, hasLeader: boolean): CutTimeline {
  const cuts: Instant[] = [];
  const listeners: (() => void)[] = [];
  let frontier: Instant | null = null;
  let ended = !hasLeader;
  let endedAt: Instant | null = null;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  return {
    cutAt(start) {
      cuts.push(start);
      changed();
    },
    advanceTo(next) {
      frontier = next;
      changed();
    },
    end(at) {
      if (ended) return;
      ended = true;
      endedAt = at;
      changed();
    },
    follower() {
      let passed = 0;
      let beyond: KeyFrameCuts | null = null;
      return (start) => {
        const next = cuts[passed];
        if (next !== undefined) {
          if (compareInstants(start, next) < 0) return 'same';
          // A track that pauses longer than a segment skips cuts: they would be empty segments.
          while (isReached(cuts[passed], start)) passed += 1;
          return 'cut';
        }
        if (ended) {
          beyond ??= gridCuts(length, endedAt);
          return beyond(start) ? 'cut' : 'same';
        }
        return frontier !== null && compareInstants(start, frontier) < 0 ? 'same' : 'wait';
      };
    },
    subscribe(listener) {
      listeners.push(listener);
    },
    get hasEnded() {
      return ended;
    },
  };
}

function isReached(cut: Instant | undefined, start: Instant): boolean {
  return cut !== undefined && compareInstants(start, cut) >= 0;
}
