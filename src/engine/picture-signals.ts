/** What signals do to the pictures of a rendition: key frames at splice points, blank pictures in ad avails. */
import { AV_FRAME_DATA_A53_CC, AV_PICTURE_TYPE_I } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { JobPlan, VideoRendition } from '../plan/plan.ts';
import { type SignalTimeline, signalRate } from '../signals/signal-timeline.ts';
import { assertDone } from './library-error.ts';
import type { NativePool } from './native-pool.ts';

/** Acts on pictures in order; the ticks are those of the output. */
export interface PictureSignals {
  /** The picture as it goes to the encoder: the same, or the blank one in its place. */
  apply(frame: Frame, tick: bigint): Frame;
}

/** Makes it; null when the plan asks for nothing of the kind. `blank` stands for the pictures of ad avails. */
export function createPictureSignals(
  plan: JobPlan,
  rendition: VideoRendition,
  signals: SignalTimeline,
  blank: Frame | null,
  frames: NativePool<Frame>,
): PictureSignals | null {
  const isConditioned =
    plan.signals?.conditionedRenditionIds.includes(rendition.id) === true &&
    rendition.encoder.codec !== 'FRAME_CAPTURE';
  if (!isConditioned && blank === null) return null;
  const { frameRate } = rendition;
  const resetSeconds = resetsCadence(plan, rendition) ? rendition.forcedKeyFrameSeconds : null;
  const isCadenceDue = resetSeconds === null ? () => false : createResetCadence(resetSeconds);
  let before = Number.NEGATIVE_INFINITY;
  return {
    apply(frame, tick) {
      const at = (Number(tick) * signalRate) / rationalToNumber(frameRate);
      const isPoint = before >= 0 && signals.hasPointIn(before, at);
      if (isConditioned && (isCadenceDue(at, isPoint) || isPoint)) frame.pictType = AV_PICTURE_TYPE_I;
      before = at;
      return blank !== null && signals.availAt(at) !== null ? blanked(frame, blank, frames) : frame;
    },
  };
}

/** Captions belong to the picture that is not shown. */
function blanked(frame: Frame, blank: Frame, frames: NativePool<Frame>): Frame {
  const shown = frames.take();
  assertDone(shown.ref(blank), 'frame reference');
  assertDone(shown.copyProps(frame), 'frame properties');
  shown.removeSideData(AV_FRAME_DATA_A53_CC);
  frames.give(frame);
  return shown;
}

/** Some file's marks begin a new cadence at each splice point, and marks stand at key frames. */
function resetsCadence({ outputGroups }: JobPlan, { id }: VideoRendition): boolean {
  return outputGroups.some(
    (group) =>
      group.type === 'FILE_GROUP' &&
      group.outputs.some(
        ({ videoRenditionId, transport }) =>
          videoRenditionId === id && transport?.segmentation?.resetsCadence === true,
      ),
  );
}

/** A key frame each `seconds` after the newest splice point. */
function createResetCadence(seconds: Rational): (at: number, isPoint: boolean) => boolean {
  const period = rationalToNumber(seconds) * signalRate;
  let next = period;
  return (at, isPoint) => {
    const isDue = isPoint || at >= next - 1;
    if (isPoint) next = at + period;
    else if (isDue) next += period;
    return isDue;
  };
}
