/**
 * Brings the decoded tracks of one audio source onto the output timeline: sample 0 is the plan's origin, what comes
 * earlier is trimmed, gaps become silence, overlaps are dropped, drift is corrected by whole samples, and several
 * tracks are joined channel by channel (spec inputs.md A-1). What comes out is contiguous.
 */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { avGetSampleFmtName, type Frame } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import { mixOfPart, remixStep } from '../plan/channel-mix.ts';
import type { FilterStep, PlannedAudioSource, SoundChannels } from '../plan/plan.ts';
import {
  type AudioShape,
  audioShapeOf,
  describeSteps,
  type FilterChain,
  formOf,
  openFilterChain,
  sameShape,
  shapeOfForm,
} from './filter-chain.ts';
import type { NativePool } from './native-pool.ts';
import type { RunCounters } from './run-counters.ts';
import { fillWithSilence, type SoundForm } from './silent-frame.ts';
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
/**
 * A track that is this far behind another one has ended, has a gap, or has not begun: silence stands for it. Files
 * interleave their tracks more closely than this.
 */
const farBehindSeconds = 20;
/** Deviation that is worth a warning (spec errors.md 240000, 240001). */
const warningSeconds = 0.1;

/** What else decides about a timeline. */
export interface TimelineOptions {
  /** What comes before sample 0 is cut on purpose. */
  readonly isClip?: boolean;
  /** Nobody takes more. */
  readonly isFull?: () => boolean;
  /** Fits the sound to the times it is given. */
  readonly correction?: PlannedAudioSource['correction'];
  /** Channels that each track is mixed to. */
  readonly forms?: PlannedAudioSource['forms'];
}

/** Makes the timeline of a source. `declared` are the forms of its tracks, as far as decoders know before the first frame. */
export function createAudioTimeline(
  declared: readonly SoundForm[],
  frames: NativePool<Frame>,
  counters: RunCounters,
  { isClip = false, isFull = () => false, correction, forms: planned }: TimelineOptions = {},
): AudioTimeline {
  const tracks = declared.length;
  const fittings: (SoundFitting | null)[] = Array.from({ length: tracks }, () => null);
  const forms: SoundForm[] = [...declared];
  const shapes: (AudioShape | null)[] = Array.from({ length: tracks }, () => null);
  /** Frames that arrived before every track had one. */
  const early: { readonly track: number; readonly frame: Frame }[] = [];
  const expected: (bigint | null)[] = Array.from({ length: tracks }, () => null);
  let chain: FilterChain | null = null;
  /** What each track becomes in the first chain: what comes out never changes, whatever the source does. */
  let results: readonly AudioShape[] | null = null;
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
    if (await fillLongGap(open, track, frame, emit)) {
      open.pushNow(track, frame);
      await collect(open, emit);
    }
    frames.give(frame);
    if (tracks > 1) await levelTracks(open, farBehindSeconds, emit);
  };

  const secondsOf = (track: number): number =>
    Number(expected[track] ?? 0n) / (forms[track]?.sampleRateHz ?? 1);
  const reachedSeconds = (): number => Math.max(...forms.map((_, track) => secondsOf(track)));
  /** Channels are joined as far as all tracks reach: those that are further behind than `seconds` go on in silence. */
  const levelTracks = async (open: FilterChain, seconds: number, emit: EmitSound): Promise<void> => {
    const reached = reachedSeconds() - seconds;
    for (const [track, { sampleRateHz }] of forms.entries()) {
      const from = expected[track] ?? 0n;
      const until = BigInt(Math.round(reached * sampleRateHz));
      if (from >= until) continue;
      noteDeviation(Number(until - from) / sampleRateHz, counters);
      await pushSilence(open, track, from, until, emit);
      expected[track] = until;
    }
  };
  /** Silence in pieces, so that an hour of it costs no more memory than a second. False when nobody wants all of it. */
  const pushSilence = async (
    open: FilterChain,
    track: number,
    from: bigint,
    until: bigint,
    emit: EmitSound,
  ): Promise<boolean> => {
    const form = forms[track];
    if (form === undefined) return false;
    const pieceSamples = BigInt(form.sampleRateHz);
    for (let at = from; at < until; ) {
      if (isFull()) return false;
      const samples = until - at < pieceSamples ? until - at : pieceSamples;
      const silence = frames.take();
      fillWithSilence(silence, form, Number(samples));
      silence.pts = at;
      at += samples;
      open.pushNow(track, silence);
      frames.give(silence);
      await collect(open, emit);
    }
    return true;
  };

  /** False when nobody wants what comes behind the gap. */
  const fillLongGap = async (
    open: FilterChain,
    track: number,
    frame: Frame,
    emit: EmitSound,
  ): Promise<boolean> => {
    const rate = frame.sampleRate;
    const start = frame.pts;
    const next = expected[track] ?? (start < 0n ? start : 0n);
    if (!isClip && expected[track] === null && start < -BigInt(Math.round(warningSeconds * rate)))
      counters.soundDropped += 1;
    noteDeviation(Number(start - next) / rate, counters);
    const isLong = Number(start - next) > longGapSeconds * rate;
    if (isLong && !(await pushSilence(open, track, next, start, emit))) return false;
    const end = start + BigInt(frame.nbSamples);
    expected[track] = end > next ? end : next;
    return true;
  };

  const openChain = async (emit: EmitSound): Promise<void> => {
    for (const [track, form] of forms.entries()) shapes[track] ??= shapeOfForm(form);
    const known = shapes.filter((one) => one !== null);
    const first = known[0];
    if (first === undefined) return;
    results ??= known.map((shape, track) => plannedShape(shape, first, planned?.[track]));
    const fitting = createSoundFitting(correction, first.sampleRateHz);
    const open = openTimelineChain(known, results, given, fitting);
    chain = open;
    for (const waiting of early.splice(0)) await push(open, waiting.track, waiting.frame, emit);
  };
  /** How far the tracks reach that wait for one that has no frame yet. */
  const waitingSeconds = (): number =>
    Math.max(0, ...early.map(({ frame }) => Number(frame.pts) / frame.sampleRate));

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
      forms[track] = formOf(frame);
      if (chain !== null) return push(chain, track, frame, emit);
      early.push({ track, frame });
      if (shapes.every((one) => one !== null) || waitingSeconds() > farBehindSeconds) await openChain(emit);
    },
    async finish(emit) {
      if (chain === null && early.length > 0) await openChain(emit);
      if (chain !== null) await levelTracks(chain, 0, emit);
      await drain(emit);
    },
    close() {
      for (const { frame } of early.splice(0)) frames.give(frame);
      chain?.free();
      chain = null;
    },
  };
}

function noteDeviation(seconds: number, counters: RunCounters): void {
  if (seconds >= warningSeconds) counters.silenceInserted += 1;
  if (seconds <= -warningSeconds) counters.soundDropped += 1;
}

/** The channels that the plan counts on, where the sound has others; rate and samples of the first track. */
function plannedShape(
  shape: AudioShape,
  { sampleRateHz, format }: AudioShape,
  planned: SoundChannels | undefined,
): AudioShape {
  const form = { ...shape, sampleRateHz, format };
  if (planned === undefined || planned.channels === 0 || planned.channels === shape.channels) return form;
  return { ...form, channels: planned.channels, channelLayout: planned.layout };
}

/** `first` is the sample at which this chain takes over from an earlier one of another shape. */
function openTimelineChain(
  shapes: readonly AudioShape[],
  results: readonly AudioShape[],
  first: bigint,
  { before }: Pick<SoundFitting, 'before'>,
): FilterChain {
  const sources = shapes.map((shape) => ({ ...shape, timeBase: { num: 1, den: shape.sampleRateHz } }));
  const rate = results[0]?.sampleRateHz ?? 0;
  const align = `${before}aresample=${rate}:async=1:first_pts=${first}:min_comp=${startCompensationSeconds}:min_hard_comp=${hardCompensationSeconds}`;
  // `amerge` does not guess layouts, so each track's is said.
  const formed = shapes.map(
    (shape, track) => `${align},${describeSteps(formSteps(shape, results[track] ?? shape), 'anull')}`,
  );
  if (shapes.length === 1) return openFilterChain(sources, `[in0]${formed[0]}[out]`, 1);
  const aligned = formed.map((steps, index) => `[in${index}]${steps}[a${index}]`);
  const labels = shapes.map((_, index) => `[a${index}]`).join('');
  return openFilterChain(sources, `${aligned.join(';')};${labels}amerge=inputs=${shapes.length}[out]`, 1);
}

/** The library would mix by other gains, and turn all of the sound down so that none of it can be too loud. */
function formSteps(
  shape: AudioShape,
  { format, channels, channelLayout }: AudioShape,
): readonly FilterStep[] {
  const isOther = shape.channelLayout !== channelLayout;
  const mix = mixOfPart(
    { channels: shape.channels, layout: shape.channelLayout },
    { channels, layout: channelLayout },
  );
  const options = { sample_fmts: avGetSampleFmtName(format) ?? '', channel_layouts: channelLayout };
  return [...(isOther ? [remixStep(mix, channelLayout)] : []), { name: 'aformat', options }];
}
