/**
 * One libavfilter graph: sources, a chain described by the plan's steps, one sink. `push` does the heavy work away
 * from the event loop; `pull` only collects what is ready (design D1).
 */
import { AV_BUFFERSRC_FLAG_PUSH, type AVSampleFormat } from 'node-av/constants';
import { avChannelLayoutDescribe, type FilterContext, FilterGraph, type Frame } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { FilterStep } from '../plan/plan.ts';
import { assertDone, isAgain, isEnd, LibraryError } from './library-error.ts';
import type { SoundForm } from './silent-frame.ts';

/** What a picture must keep for a chain to stay usable. Numbers are the library's enumeration values. */
export interface VideoShape {
  readonly kind: 'video';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: number;
  readonly sampleAspectRatio: Rational;
  readonly colorSpace: number;
  readonly colorRange: number;
}

/** What sound must keep for a chain to stay usable. */
export interface AudioShape {
  readonly kind: 'audio';
  readonly sampleRateHz: number;
  readonly format: AVSampleFormat;
  readonly channels: number;
  /** Library description, e.g. `stereo`, `2 channels`. */
  readonly channelLayout: string;
}

/** An open libavfilter graph. Its owner frees it. */
export interface FilterChain {
  /** Gives a frame to source `source`; null ends that source. The frame comes back empty. Runs on the thread pool. */
  push(source: number, frame: Frame | null): Promise<void>;
  /** The same on the calling thread, for light chains. */
  pushNow(source: number, frame: Frame | null): void;
  /** Fills `frame` with the next result; false when there is none now. */
  pull(frame: Frame): boolean;
  /** Time base of the results. */
  readonly timeBase: Rational;
  /** Shape of the results. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: number;
  free(): void;
}

/** Sources of a chain: all video or all audio. */
export type ChainSource = (VideoShape | AudioShape) & {
  readonly timeBase: Rational;
  readonly frameRate?: Rational;
};

/**
 * Builds a chain. `description` names the sources `[in0]`, `[in1]`… and leaves its result on `[out]`.
 * Throws LibraryError when the library refuses a filter or an option.
 */
export function openFilterChain(
  sources: readonly ChainSource[],
  description: string,
  threads: number,
): FilterChain {
  const graph = new FilterGraph();
  graph.alloc();
  try {
    graph.nbThreads = threads;
    const inputs = sources.map((source, index) => `${describeSource(source, index)}[in${index}]`);
    const sink = sources[0]?.kind === 'video' ? 'buffersink' : 'abuffersink';
    assertDone(
      graph.parse2(`${inputs.join(';')};${description};[out]${sink}@sink`),
      `filter graph ${description}`,
    );
    assertDone(graph.configSync(), `filter graph ${description}`);
    const filters = graph.filters ?? [];
    const sinkContext = named(filters, `${sink}@sink`);
    const sourceContexts = sources.map(({ kind }, index) =>
      named(filters, `${kind === 'video' ? 'buffer' : 'abuffer'}@source${index}`),
    );
    return chainOver(graph, sourceContexts, sinkContext, sources[0]?.kind === 'video');
  } catch (error) {
    graph.free();
    throw error;
  }
}

/** Builds a chain that makes its own pictures or sound; the description leaves them on `[out]`. */
export function openGenerator(
  kind: 'video' | 'audio',
  description: string,
): FilterChain & { next(frame: Frame): Promise<boolean> } {
  const graph = new FilterGraph();
  graph.alloc();
  try {
    const sinkName = kind === 'video' ? 'buffersink' : 'abuffersink';
    assertDone(graph.parse2(`${description};[out]${sinkName}@sink`), `filter graph ${description}`);
    assertDone(graph.configSync(), `filter graph ${description}`);
    const sink = named(graph.filters ?? [], `${sinkName}@sink`);
    return {
      ...chainOver(graph, [], sink, kind === 'video'),
      async next(frame) {
        const result = await sink.buffersinkGetFrame(frame);
        if (isEnd(result)) return false;
        assertDone(result, 'filter');
        return true;
      },
    };
  } catch (error) {
    graph.free();
    throw error;
  }
}

/** A plan's steps as library text, options escaped; `null` for no steps. */
export function describeSteps(steps: readonly FilterStep[], passThrough: 'null' | 'anull'): string {
  if (steps.length === 0) return passThrough;
  return steps
    .map(({ name, options }) => {
      if (name === 'palette') return ownPalettes;
      const written = Object.entries(options).map(([key, value]) => `${key}=${escapeOption(value)}`);
      return written.length === 0 ? name : `${name}=${written.join(':')}`;
    })
    .join(',');
}

/** Each picture in 256 colours chosen for it: the one step that is no straight chain (spec video.md 14). */
const ownPalettes =
  'split[palette_from][palette_for];[palette_from]palettegen=stats_mode=single[palette];[palette_for][palette]paletteuse=new=1';

/** Two levels of the library's quoting: option values inside a filter, the filter inside a graph. */
function escapeOption(value: string): string {
  return value.replace(/[\\':]/g, '\\$&').replace(/[\\'[\],;]/g, '\\$&');
}

function describeSource(source: ChainSource, index: number): string {
  const timeBase = `time_base=${source.timeBase.num}/${source.timeBase.den}`;
  if (source.kind === 'audio') {
    const { sampleRateHz, format, channelLayout } = source;
    return `abuffer@source${index}=${timeBase}:sample_rate=${sampleRateHz}:sample_fmt=${format}:channel_layout=${escapeOption(channelLayout)}`;
  }
  const { num, den } = source.sampleAspectRatio;
  const rate =
    source.frameRate === undefined ? '' : `:frame_rate=${source.frameRate.num}/${source.frameRate.den}`;
  return (
    `buffer@source${index}=video_size=${source.widthPx}x${source.heightPx}:pix_fmt=${source.format}:${timeBase}` +
    `:pixel_aspect=${num}/${den}:colorspace=${source.colorSpace}:range=${source.colorRange}${rate}`
  );
}

function named(filters: readonly FilterContext[], name: string): FilterContext {
  const found = filters.find((filter) => filter.name === name);
  if (found === undefined) throw new TypeError(`filter graph has no ${name}`);
  return found;
}

function chainOver(
  graph: FilterGraph,
  sources: readonly FilterContext[],
  sink: FilterContext,
  isVideo: boolean,
): FilterChain {
  const timeBase = sink.buffersinkGetTimeBase();
  const source = (index: number): FilterContext => {
    const context = sources[index];
    if (context === undefined) throw new RangeError(`filter chain has no source ${index}`);
    return context;
  };
  return {
    async push(index, frame) {
      assertDone(await source(index).buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_PUSH), 'filter');
    },
    pushNow(index, frame) {
      assertDone(source(index).buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_PUSH), 'filter');
    },
    pull(frame) {
      const result = sink.buffersinkGetFrameSync(frame);
      if (result >= 0) return true;
      if (isAgain(result) || isEnd(result)) return false;
      throw new LibraryError('filter', result);
    },
    timeBase: { num: timeBase.num, den: timeBase.den },
    widthPx: isVideo ? sink.buffersinkGetWidth() : 0,
    heightPx: isVideo ? sink.buffersinkGetHeight() : 0,
    format: sink.buffersinkGetFormat(),
    free: () => graph.free(),
  };
}

/** Shape of a decoded picture. */
export function videoShapeOf(frame: Frame): VideoShape {
  const { num, den } = frame.sampleAspectRatio;
  return {
    kind: 'video',
    widthPx: frame.width,
    heightPx: frame.height,
    format: frame.format,
    sampleAspectRatio: num > 0 && den > 0 ? { num, den } : { num: 1, den: 1 },
    colorSpace: frame.colorSpace,
    colorRange: frame.colorRange,
  };
}

/** Shape of decoded sound. */
export function audioShapeOf(frame: Frame): AudioShape {
  return shapeOfForm(formOf(frame));
}

/** The form of a frame of sound. */
export function formOf({ sampleRate, format, channelLayout }: Frame): SoundForm {
  return { sampleRateHz: sampleRate, format: format as AVSampleFormat, channelLayout };
}

/** The same of sound that is not there yet. */
export function shapeOfForm({ sampleRateHz, format, channelLayout }: SoundForm): AudioShape {
  const described = avChannelLayoutDescribe(channelLayout) ?? `${channelLayout.nbChannels} channels`;
  return {
    kind: 'audio',
    sampleRateHz,
    format,
    channels: channelLayout.nbChannels,
    channelLayout: described,
  };
}

/** Whether a chain built for `a` takes frames of `b`. */
export function sameShape(a: VideoShape | AudioShape, b: VideoShape | AudioShape): boolean {
  if (a.kind === 'audio' || b.kind === 'audio') {
    return (
      a.kind === 'audio' &&
      b.kind === 'audio' &&
      a.sampleRateHz === b.sampleRateHz &&
      a.format === b.format &&
      a.channelLayout === b.channelLayout
    );
  }
  return (
    a.widthPx === b.widthPx &&
    a.heightPx === b.heightPx &&
    a.format === b.format &&
    a.colorSpace === b.colorSpace &&
    a.colorRange === b.colorRange &&
    a.sampleAspectRatio.num * b.sampleAspectRatio.den === b.sampleAspectRatio.num * a.sampleAspectRatio.den
  );
}
