/**
 * Makes an original test clip with our own engine: a zooming fractal with a moving picture in it, burned-in frame
 * numbers, a flash and a beep at every full second, a timecode track; H.264 High and AAC in MP4. Everything is
 * computed, so the clip may be used for anything.
 */
import { rename } from 'node:fs/promises';
import type { Frame } from 'node-av/lib';
import { formatRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { FileOutput } from '../plan/group-plan.ts';
import type { AudioRendition, EncoderPlan, VideoRendition } from '../plan/plan.ts';
import type { Edge } from './edge.ts';
import { openGenerator } from './filter-chain.ts';
import { createGraph, type Graph } from './graph.ts';
import { createMediaFileWriter } from './media-file-writer.ts';
import { addAudioBranchNode } from './nodes/audio-branch-node.ts';
import { addEncoderNode } from './nodes/encoder-node.ts';
import { openAudioEncoder, openVideoEncoder } from './open-encoder.ts';
import type { EncodedTrack } from './output-writer.ts';
import { createRunCounters } from './run-counters.ts';
import { drawMarks } from './sample-marks.ts';

/** What clip is wanted. */
export interface SampleOptions {
  /** MP4 file to write. */
  readonly path: string;
  /** Default 10. */
  readonly durationSeconds?: number;
  /** Even numbers; default 1920 × 1080. */
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** Default 30/1. */
  readonly frameRate?: Rational;
  /** `HH:MM:SS:FF` (`;` before the frames for drop frame); default `01:00:00:00`. null: no timecode track. */
  readonly startTimecode?: string | null;
  /** Default true. */
  readonly hasAudio?: boolean;
  /** x264 preset, default `veryfast`; `ultrafast` for tests. */
  readonly preset?: string;
  /** x264 rate factor, lower is better; default 28. 20 gives about 20 Mb/s at 1080p, like a contribution file. */
  readonly rateFactor?: number;
}

/** Length of flash and beep. */
const markSeconds = 0.08;
const sampleRateHz = 48_000;

/** Writes the clip. Throws JobFault when an encoder refuses the size, and errors of the file system. */
export async function createSample(
  options: SampleOptions,
  signal = new AbortController().signal,
): Promise<void> {
  const sample = { ...defaults, ...options };
  const graph = createGraph(signal);
  const counters = createRunCounters();
  const writer = createMediaFileWriter(fileOutput(sample), {
    counters,
    objects: { publishFile: publishByRename, create: refuseStreaming },
    scratchPath: `${sample.path}.part`,
    writeOptions: { contentType: 'video/mp4' },
  });
  try {
    const tracks = await openTracks(graph, sample);
    await writer.start(tracks);
    for (const [trackIndex, track] of tracks.entries()) {
      const frames = graph.frameEdge(8);
      addEncoderNode(graph, {
        id: track.rendition.id,
        video: null,
        watch: null,
        steering: null,
        quantizer: null,
        plan: track.rendition.encoder,
        encoder: track.encoder,
        timeBase: track.timeBase,
        frames,
        consumers: [{ writer, trackIndex }],
        counters,
        inline: track.kind === 'audio',
      });
      if (track.kind === 'video') addPictureNode(graph, sample, frames);
      else addSoundNode(graph, sample, track, frames);
    }
    await graph.run();
    await writer.finish();
  } catch (error) {
    await graph.close();
    await writer.abort();
    throw error;
  }
}

type Sample = Required<SampleOptions>;

const defaults: Omit<Sample, 'path'> = {
  durationSeconds: 10,
  widthPx: 1920,
  heightPx: 1080,
  frameRate: rational(30),
  startTimecode: '01:00:00:00',
  hasAudio: true,
  preset: 'veryfast',
  rateFactor: 28,
};

async function openTracks(graph: Graph, sample: Sample): Promise<EncodedTrack[]> {
  const video = videoRendition(sample);
  const encoder = graph.own(await openVideoEncoder(video, { globalHeader: true, pass: null }), (one) =>
    one.freeContext(),
  );
  const timeBase = rational(sample.frameRate.den, sample.frameRate.num);
  const tracks: EncodedTrack[] = [{ kind: 'video', rendition: video, encoder, timeBase }];
  if (!sample.hasAudio) return tracks;
  const audio = graph.own(await openAudioEncoder(audioRendition, true), (one) => one.freeContext());
  tracks.push({
    kind: 'audio',
    rendition: audioRendition,
    encoder: audio,
    timeBase: rational(1, sampleRateHz),
  });
  return tracks;
}

function addPictureNode(graph: Graph, sample: Sample, pictures: Edge<Frame>): void {
  const generator = graph.own(openGenerator('video', describePicture(sample)), (chain) => chain.free());
  const framesPerSecond = rationalToNumber(sample.frameRate);
  const frameCount = Math.round(sample.durationSeconds * framesPerSecond);
  graph.node('pictures', async () => {
    for (let number = 0; number < frameCount; number += 1) {
      const frame = graph.frames.take();
      await generator.next(frame);
      drawMarks(frame, number, (number / framesPerSecond) % 1 < markSeconds);
      frame.pts = BigInt(number);
      frame.duration = 1n;
      await pictures.put(frame);
    }
    pictures.end();
  });
}

/** A fractal made at a quarter of the size (it is costly), a test picture wandering over it, film grain. */
function describePicture({ widthPx, heightPx, frameRate, durationSeconds }: Sample): string {
  const rate = formatRational(frameRate);
  const frames = Math.max(60, Math.round(durationSeconds * rationalToNumber(frameRate)));
  const quarter = `${even(widthPx / 4)}x${even(heightPx / 4)}`;
  const inset = `${even(widthPx / 3)}x${even(heightPx / 3)}`;
  return [
    `mandelbrot=s=${quarter}:r=${rate}:maxiter=400:start_scale=2.5:end_scale=0.3:end_pts=${frames}` +
      `,hue=h=t*6:s=0.8,scale=${widthPx}:${heightPx}:flags=bicubic[back]`,
    `testsrc2=s=${inset}:r=${rate},format=yuv420p[inset]`,
    `[back][inset]overlay=x='(W-w)/2+(W-w)/2.4*sin(0.7*t)':y='(H-h)/2+(H-h)/2.6*cos(0.53*t)'` +
      `,noise=alls=5:allf=t,format=yuv420p[out]`,
  ].join(';');
}

/** A low tone, and a beep with every flash. */
function addSoundNode(
  graph: Graph,
  sample: Sample,
  track: Extract<EncodedTrack, { readonly kind: 'audio' }>,
  toEncoder: Edge<Frame>,
): void {
  const tone = (hertz: number): string =>
    `0.1*sin(2*PI*${hertz}*t)+0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,${markSeconds})`;
  const description = `aevalsrc='${tone(220)}|${tone(277)}':s=${sampleRateHz}:c=stereo:d=${sample.durationSeconds}[out]`;
  const generator = graph.own(openGenerator('audio', description), (chain) => chain.free());
  const sound = graph.frameEdge(8);
  addAudioBranchNode(graph, track.rendition, track.encoder.frameSize, sound, toEncoder);
  graph.node('sound', async () => {
    for (;;) {
      const frame = graph.frames.take();
      if (!(await generator.next(frame))) break;
      await sound.put(frame);
    }
    sound.end();
  });
}

function videoRendition({ widthPx, heightPx, frameRate, preset, rateFactor }: Sample): VideoRendition {
  const gopSizeFrames = Math.round(2 * rationalToNumber(frameRate));
  return {
    id: 'video',
    pointer: '',
    ordinal: 1,
    inputIndex: 0,
    preparation: null,
    scan: 'progressive',
    burnIn: null,
    streamData: null,
    hdr: null,
    frameMetrics: [],
    qualityScale: null,
    filters: [],
    widthPx,
    heightPx,
    frameRate,
    sampleAspectRatio: rational(1),
    pixelFormat: 'yuv420p',
    encoder: {
      ...encoderDefaults,
      codec: 'H_264',
      encoder: 'libx264',
      options: { preset, profile: 'high', crf: String(rateFactor) },
      gopSizeFrames,
      threads: 0,
      color: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'limited' },
    },
    forcedKeyFrameSeconds: null,
    dropCaptions: true,
    frameLimit: null,
  };
}

const encoderDefaults: Omit<EncoderPlan, 'codec' | 'encoder' | 'options' | 'threads'> = {
  bitrateBps: 0,
  maxBitrateBps: 0,
  bufferSizeBits: 0,
  gopSizeFrames: null,
  maxBFrames: null,
  codecTag: null,
  passes: 1,
  color: null,
  endOfStreamMarkers: false,
};

const audioRendition: AudioRendition = {
  id: 'audio',
  pointer: '',
  inputIndex: 0,
  audioSourceId: 'tone',
  filters: [],
  sampleRateHz,
  channelLayout: 'stereo',
  sampleFormat: 'fltp',
  encoder: { ...encoderDefaults, codec: 'AAC', encoder: 'aac', options: {}, bitrateBps: 128_000, threads: 1 },
  language: 'eng',
  manifestLanguage: null,
  streamName: null,
  audioType: null,
  loudness: null,
  endsWithVideo: null,
  channelLabels: null,
};

function fileOutput({ path, startTimecode }: Sample): FileOutput {
  return {
    outputIndex: 0,
    pointer: '',
    videoRenditionId: 'video',
    audioRenditionIds: ['audio'],
    container: 'MP4',
    muxer: 'mp4',
    muxerOptions: { movflags: '+faststart', ...(startTimecode === null ? {} : { timecode: startTimecode }) },
    location: path,
    contentType: 'video/mp4',
    needsScratch: true,
    transport: null,
    loudnessLogs: [],
  };
}

async function publishByRename(from: string, to: string): Promise<{ readonly sizeBytes: number }> {
  await rename(from, to);
  return { sizeBytes: 0 };
}

function refuseStreaming(): never {
  throw new TypeError('a sample is made in a file');
}

function even(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}
