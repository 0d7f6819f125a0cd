/**
 * The lane of one video rendition: its place on the output timeline through all clips of the job. The branch of a
 * clip counts ticks from the clip's start; the lane puts them behind what came before, so that the encoder sees one
 * recording without gap or overlap.
 */
import { AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { countIn, type Span } from '../exact-time.ts';
import type { VideoRendition } from '../plan/plan.ts';
import type { Edge } from './edge.ts';
import { createLaneTime } from './lane-time.ts';
import { assertDone } from './library-error.ts';
import type { NativePool } from './native-pool.ts';
import type { PictureSignals } from './picture-signals.ts';
import { createKeyFrameSchedule } from './tick-clock.ts';

/** One rendition's pictures, clip behind clip. */
export interface VideoLane {
  readonly rendition: VideoRendition;
  /** Every picture that was asked for is there (frame capture). */
  readonly isComplete: boolean;
  /** The edge that a clip's branch gives its pictures to; the clip begins where the lane stands. */
  open(start: Span, inputIndex: number): Edge<Frame>;
  /**
   * Repeats the last picture until the lane reaches `end`: the next clip begins there for every rendition. Where the
   * pictures of the sources are kept one by one, none is repeated or left out.
   */
  close(end: Span): Promise<void>;
  /** No further clip. */
  end(): void;
}

/** Makes a lane that gives its pictures on to `toEncoder`. With `isJoined` several clips come behind one another. `signals` act on every picture. */
export function createVideoLane(
  rendition: VideoRendition,
  toEncoder: Edge<Frame>,
  frames: NativePool<Frame>,
  isJoined: boolean,
  signals: PictureSignals | null = null,
): VideoLane {
  const { frameRate, frameLimit } = rendition;
  const isKeyFrameDue =
    rendition.forcedKeyFrameSeconds === null
      ? null
      : createKeyFrameSchedule(rendition.forcedKeyFrameSeconds, frameRate);
  const time = createLaneTime(rendition);
  let next = 0n;
  let given = 0;
  let clipStart = 0n;
  /** A reference to the last picture, to repeat it where a clip is short of one. */
  let last: Frame | null = null;
  /**
   * The newest picture of a joined recording waits for the one after it, or for the end of its clip: converted rates
   * may give a clip a picture more than its length has room for, and all that follow would come later by that much.
   */
  let waiting: Frame | null = null;
  const holdsBack = isJoined && !isFrameCapture(rendition);

  const isComplete = (): boolean => frameLimit !== null && given >= frameLimit;
  const put = (frame: Frame, tick: bigint): Promise<void> | void => {
    if (tick < next || isComplete()) return frames.give(frame);
    frame.pts = tick;
    next = tick + 1n;
    // The branch of a later clip counts key frames from the clip's start: the segments of the output decide.
    const isDue = isKeyFrameDue?.(tick);
    if (clipStart > 0n && isDue !== undefined) {
      frame.pictType = isDue ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    }
    if (!holdsBack) return give(frame);
    const ready = waiting;
    waiting = frame;
    return ready === null ? undefined : give(ready);
  };
  const give = (frame: Frame): Promise<void> | void => {
    given += 1;
    if (isJoined) keep(frame);
    return toEncoder.put(signals?.apply(frame, frame.pts) ?? frame);
  };

  const giveWaiting = async (): Promise<void> => {
    const newest = waiting;
    waiting = null;
    if (newest !== null) await give(newest);
  };

  const keep = (frame: Frame): void => {
    last ??= frames.take();
    last.unref();
    assertDone(last.ref(frame), 'frame reference');
  };

  return {
    rendition,
    get isComplete() {
      return isComplete();
    },
    open(start, inputIndex) {
      time.enter(start, inputIndex);
      // Captures stand at whole periods of the output; the branch of a later clip counts from there itself.
      clipStart = isFrameCapture(rendition) || start.num === 0n ? 0n : next;
      return inlet((frame) => put(frame, clipStart + frame.pts), isComplete);
    },
    async close(end) {
      if (isFrameCapture(rendition)) return;
      if (rendition.keepsFrameCount === true) return giveWaiting();
      const target = countIn(time.at(end), frameRate);
      if (waiting !== null) {
        const newest = waiting;
        waiting = null;
        if (newest.pts < target) await give(newest);
        else {
          next = newest.pts;
          frames.give(newest);
        }
      }
      while (last !== null && next < target && !isComplete()) {
        const repeated = frames.take();
        assertDone(repeated.ref(last), 'frame reference');
        repeated.pictType = AV_PICTURE_TYPE_NONE;
        await put(repeated, next);
      }
      await giveWaiting();
    },
    end() {
      for (const left of [last, waiting]) if (left !== null) frames.give(left);
      last = null;
      waiting = null;
      toEncoder.end();
    },
  };
}

/** Frame capture takes pictures at its own instants; a joint is no reason for one more. */
export function isFrameCapture({ encoder }: VideoRendition): boolean {
  return encoder.codec === 'FRAME_CAPTURE';
}

/** The putting end of an edge that passes everything to `put`. */
export function inlet(
  put: (frame: Frame) => Promise<void> | void,
  isLeft: () => boolean,
  onEnd: () => void = () => {},
): Edge<Frame> {
  return {
    put,
    take() {
      throw new TypeError('nothing is taken from the inlet of a lane');
    },
    end: onEnd,
    fail() {},
    leave() {},
    get isLeft() {
      return isLeft();
    },
  };
}
