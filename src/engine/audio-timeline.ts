/**
 * Brings the decoded tracks of one audio source onto the output timeline: sample 0 is the plan's origin, what comes
 * earlier is trimmed, gaps become silence, overlaps are dropped, drift is corrected by whole samples, and several
 * tracks are joined channel by channel (spec inputs.md A-1). What comes out is contiguous.
 */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { avGetSampleFmtName, type Frame } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import type { PlannedAudioSource } from '../plan/plan.ts';
import {
  type AudioShape,
  audioShapeOf,
  describeSteps,
  type FilterChain,
  openFilterChain,
  sameShape,
} from './filter-chain.ts';
import type { NativePool } from './native-pool.ts';
import type { RunCounters } from './run-counters.ts';
import { fillWithSilence } from './silent-frame.ts';
import { createSoundFitting, type SoundFitting } from './sound-fitting.ts';

/** Gives on one contiguous frame; its timestamp counts samples from the origin. */
type EmitSound = (frame: Frame) => Promise<void> | void;

/** One audio source on its way to the output timeline. */
export interface AudioTimeline {
  /** Takes a decoded frame of a track over; its timestamp counts `timeBase` from the origin. */
  accept(track: number, frame: Frame, timeBase: Rational, emit: EmitSound): Promise<void>;
  finish(emit: EmitSound): Promise<void>;
  close(): void;
}

/** Deviations the library repairs by itself are below half a frame of video; longer gaps are filled here, piece by piece. */
const hardCompensationSeconds = 0.04;
/** Where sound begins it is set right by single samples; the library's own choice is a millisecond. */
const startCompensationSeconds = 0.00001;
const longGapSeconds = 0.5;
/** Deviation that is worth a warning (spec errors.md 240000, 240001). */
const warningSeconds = 0.1;

/**
 * Makes the timeline of a source with `tracks` tracks. With `isClip` what comes before sample 0 is cut on purpose;
 * `correction` fits the sound to the times it is given.
 */
export function createAudioTimeline(
  tracks: number,
  frames: NativePool<Frame>,
  counters: RunCounters,
  isClip = false,
  correction?: PlannedAudioSource['correction'],
): AudioTimeline {
  const fittings: (SoundFitting | null)[] = Array.from({ length: tracks }, () => null);
  const shapes: (AudioShape | null)[] = Array.from({ length: tracks }, () => null);
  /** Frames that arrived before every track had one. */
  const early: { readonly track: number; readonly frame: Frame }[] = [];
  const expected: (bigint | null)[] = Array.from({ length: tracks }, () => null);
  let chain: FilterChain | null = null;
  /** Form of the first chain: what comes out never changes, whatever the source does. */
  let result: AudioShape | null = null;
  let given = 0n;

  const collect = async (open: FilterChain, emit: EmitSound): Promise<void> => {
    for (;;) {
      const frame = frames.take();
      if (!open.pull(frame)) return frames.give(frame);
      frame.pts = given;
      given += BigInt(frame.nbSamples);
      await emit(frame);
    }
  };
  const drain = async (emit: EmitSound): Promise<void> => {
    if (chain === null) return;
    for (let track = 0; track < tracks; track += 1) chain.pushNow(track, null);
    await collect(chain, emit);
    chain.free();
    chain = null;
  };
  const push = async (open: FilterChain, track: number, frame: Frame, emit: EmitSound): Promise<void> => {
    await fillLongGap(open, track, frame, emit);
    open.pushNow(track, frame);
    frames.give(frame);
    await collect(open, emit);
  };

  /** Silence in pieces, so that an hour of it costs no more memory than a second. */
  const fillLongGap = async (
    open: FilterChain,
    track: number,
    frame: Frame,
    emit: EmitSound,
  ): Promise<void> => {
    const rate = frame.sampleRate;
    const start = frame.pts;
    const next = expected[track] ?? (start < 0n ? start : 0n);
    if (!isClip && expected[track] === null && start < -BigInt(Math.round(warningSeconds * rate)))
      counters.soundDropped += 1;
    noteDeviation(Number(start - next) / rate, counters);
    if (Number(start - next) > longGapSeconds * rate) {
      for (let at = next; at < start; ) {
        const samples = Number(start - at < BigInt(rate) ? start - at : BigInt(rate));
        const silence = frames.take();
        fillWithSilence(
          silence,
          { sampleRateHz: rate, format: frame.format as never, channelLayout: frame.channelLayout },
          samples,
        );
        silence.pts = at;
        at += BigInt(samples);
        open.pushNow(track, silence);
        frames.give(silence);
        await collect(open, emit);
      }
    }
    const end = start + BigInt(frame.nbSamples);
    expected[track] = end > next ? end : next;
  };

  return {
    async accept(track, frame, timeBase, emit) {
      const shape = audioShapeOf(frame);
      const sampleBase: Rational = { num: 1, den: shape.sampleRateHz };
      frame.pts =
        frame.pts === AV_NOPTS_VALUE
          ? (expected[track] ?? 0n)
          : rescaleTicks(frame.pts, timeBase, sampleBase);
      // Whole frames before the clip cost nothing; the library trims the one that its start cuts in two.
      if (isClip && frame.pts + BigInt(frame.nbSamples) <= 0n) return frames.give(frame);
      fittings[track] ??= createSoundFitting(correction, shape.sampleRateHz);
      frame.pts = fittings[track]?.enter(frame.pts) ?? frame.pts;
      const known = shapes[track] ?? null;
      if (known !== null && !sameShape(known, shape)) {
        await drain(emit);
        expected[track] = rescaleTicks(
          expected[track] ?? 0n,
          { num: 1, den: known.sampleRateHz },
          sampleBase,
        );
      }
      shapes[track] = shape;
      if (chain === null) {
        if (shapes.some((one) => one === null)) {
          early.push({ track, frame });
          return;
        }
        const known = shapes.filter((one) => one !== null);
        result ??= known[0] ?? null;
        chain = openTimelineChain(
          known,
          result ?? shape,
          given,
          createSoundFitting(correction, shape.sampleRateHz),
        );
        for (const waiting of early.splice(0)) await push(chain, waiting.track, waiting.frame, emit);
      }
      await push(chain, track, frame, emit);
    },
    finish: drain,
    close() {
      chain?.free();
      chain = null;
    },
  };
}

function noteDeviation(seconds: number, counters: RunCounters): void {
  if (seconds >= warningSeconds) counters.silenceInserted += 1;
  if (seconds <= -warningSeconds) counters.soundDropped += 1;
}

/** `first` is the sample at which this chain takes over from an earlier one of another shape. */
function openTimelineChain(
  shapes: readonly AudioShape[],
  result: AudioShape,
  first: bigint,
  { before }: Pick<SoundFitting, 'before'>,
): FilterChain {
  const sources = shapes.map((shape) => ({ ...shape, timeBase: { num: 1, den: shape.sampleRateHz } }));
  const rate = result.sampleRateHz;
  const align = `${before}aresample=${rate}:async=1:first_pts=${first}:min_comp=${startCompensationSeconds}:min_hard_comp=${hardCompensationSeconds}`;
  // `amerge` does not guess layouts, so each track's is said.
  const formed = (shape: AudioShape): string =>
    `${align},${describeSteps([{ name: 'aformat', options: { sample_fmts: avGetSampleFmtName(result.format) ?? '', channel_layouts: shape.channelLayout } }], 'anull')}`;
  if (shapes.length === 1) return openFilterChain(sources, `[in0]${formed(result)}[out]`, 1);
  const aligned = shapes.map((shape, index) => `[in${index}]${formed(shape)}[a${index}]`);
  const labels = shapes.map((_, index) => `[a${index}]`).join('');
  return openFilterChain(sources, `${aligned.join(';')};${labels}amerge=inputs=${shapes.length}[out]`, 1);
}
