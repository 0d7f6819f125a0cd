/**
 * The lane of one audio rendition: its samples through all clips of the job, counted on the output timeline. A clip
 * whose sound is short is filled with silence, one whose sound is long is cut, so that the next clip's sound begins
 * with its picture.
 */
import type { CodecContext, Frame } from 'node-av/lib';
import { countIn, type Rational, type Span, spanOf } from '../exact-time.ts';
import type { AudioRendition } from '../plan/plan.ts';
import type { Edge } from './edge.ts';
import { createLaneTime } from './lane-time.ts';
import type { Muting } from './mute-avails.ts';
import type { NativePool } from './native-pool.ts';
import { fillWithSilence } from './silent-frame.ts';
import { inlet } from './video-lane.ts';

/** One rendition's sound, clip behind clip. */
export interface AudioLane {
  readonly rendition: AudioRendition;
  /** Samples given so far. */
  readonly samples: bigint;
  /** From the start of the clip to the end of its own sound, as long as it is in the source. */
  readonly sounded: Span;
  /** From the start of the clip to the last sample given, to the sample: before anything is given, what rounding left. */
  readonly reached: Span;
  /** Nothing more of this clip's sound fits before its end. */
  readonly isFull: boolean;
  /**
   * The edge for the sound of a clip that begins at `start`. Instants are the source's. Nothing passes `limit`; null: the
   * sound lasts as long as it lasts.
   */
  open(start: Span, inputIndex: number, limit: Span | null): Edge<Frame>;
  /** Resolves when the clip's sound has ended. */
  readonly ended: Promise<void>;
  /** Samples of silence put behind the clip's sound, and samples of its sound that found no room. */
  readonly filled: bigint;
  readonly dropped: bigint;
  /** Silence up to an instant; nothing when the sound is already there. */
  fill(until: Span): Promise<void>;
  /** No further clip: silence up to the length that the rendition has, if it has one. */
  end(): Promise<void>;
}

/** Pieces of silence. */
const pieceSamples = 4096n;

/** Makes a lane whose sound goes to `sound`, in the form the encoder takes. `mute` silences ad avails. */
export function createAudioLane(
  rendition: AudioRendition,
  encoder: Pick<CodecContext, 'sampleFormat' | 'channelLayout'>,
  sound: Edge<Frame>,
  frames: NativePool<Frame>,
  mute: Muting | null = null,
): AudioLane {
  const time = createLaneTime(rendition);
  const rate: Rational = { num: rendition.sampleRateHz, den: 1 };
  const form = {
    sampleRateHz: rendition.sampleRateHz,
    format: encoder.sampleFormat,
    channelLayout: encoder.channelLayout,
  };
  let samples = 0n;
  let limit: bigint | null = null;
  let soundedUntil = 0n;
  let filled = 0n;
  let dropped = 0n;
  let ended: Promise<void> = Promise.resolve();

  const put = (frame: Frame): Promise<void> | void => {
    const room = limit === null ? null : limit - samples;
    const surplus = room === null ? 0n : BigInt(frame.nbSamples) - (room > 0n ? room : 0n);
    if (surplus > 0n) dropped += surplus;
    if (room !== null && room <= 0n) return frames.give(frame);
    if (surplus > 0n) frame.nbSamples -= Number(surplus);
    frame.pts = samples;
    mute?.(frame, samples);
    samples += BigInt(frame.nbSamples);
    return sound.put(frame);
  };
  const isFull = (): boolean => limit !== null && samples >= limit;
  const whole = rendition.exactSamples === undefined ? null : BigInt(rendition.exactSamples);
  const fillTo = async (wanted: bigint): Promise<void> => {
    const target = whole !== null && wanted > whole ? whole : wanted;
    while (samples < target) {
      const missing = target - samples;
      const silence = frames.take();
      fillWithSilence(silence, form, Number(missing < pieceSamples ? missing : pieceSamples));
      silence.pts = samples;
      samples += BigInt(silence.nbSamples);
      filled += BigInt(silence.nbSamples);
      await sound.put(silence);
    }
  };

  return {
    rendition,
    get samples() {
      return samples;
    },
    get sounded() {
      // Instants are rounded to whole samples: up to one of them is no length.
      return time.elapsedAt(spanOf(soundedUntil > 0n ? soundedUntil - 1n : 0n, rate));
    },
    get reached() {
      return time.elapsedAt(spanOf(samples, rate));
    },
    get isFull() {
      return isFull();
    },
    open(start, inputIndex, until) {
      time.enter(start, inputIndex);
      limit = until === null ? null : countIn(time.at(until), rate);
      if (whole !== null && (limit === null || whole < limit)) limit = whole;
      filled = 0n;
      dropped = 0n;
      let settle: () => void = () => {};
      ended = new Promise((resolve) => {
        settle = resolve;
      });
      soundedUntil = samples;
      return inlet(put, isFull, () => {
        soundedUntil = samples;
        settle();
      });
    },
    get ended() {
      return ended;
    },
    get filled() {
      return filled;
    },
    get dropped() {
      return dropped;
    },
    fill: (until) => fillTo(countIn(time.at(until), rate)),
    async end() {
      if (whole !== null) await fillTo(whole);
      sound.end();
    },
  };
}
