/** Opens encoders exactly as the plan says; a refused option is a fault, never a silent default. */
import { AV_CODEC_CAP_DELAY, AVERROR_ENCODER_NOT_FOUND } from 'node-av/constants';
import {
  avGetPixFmtFromName,
  avGetSampleFmtFromName,
  Codec,
  CodecContext,
  CodecParameters,
  Rational as LibraryRational,
} from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import type { StreamData } from '../plan/picture-plan.ts';
import type { AudioRendition, EncoderPlan, VideoRendition } from '../plan/plan.ts';
import { h264WithBufferInParameters } from './h264-buffer.ts';
import { withBufferInParameters } from './h265-buffer.ts';
import { withFieldsInParameters } from './h265-fields.ts';
import { withProfileInParameters } from './h265-profile.ts';
import { assertDone, LibraryError } from './library-error.ts';
import { recentLibraryLog } from './library-log.ts';
import { setLibraryOptions } from './library-options.ts';
import { firstOptions } from './live-options.ts';
import { withFieldTicks } from './pulldown.ts';

/** Which pass over the source an encoder serves, and where its statistics are. */
interface EncodingPass {
  readonly number: 1 | 2;
  readonly statisticsPath: string;
}

/** What the outputs and the pass ask of an encoder beyond its plan. */
export interface VideoEncoderOptions {
  /** Parameter sets in the container's header instead of the stream (MP4). */
  readonly globalHeader: boolean;
  readonly pass: EncodingPass | null;
}

/** Opens a video encoder; timestamps count 1/frameRate. Throws fault 1040 naming the video description. */
export async function openVideoEncoder(
  rendition: VideoRendition,
  options: VideoEncoderOptions,
): Promise<CodecContext> {
  const { encoder, streamData } = rendition;
  const place: EncoderPlace = {
    pointer: rendition.pointer,
    template: 'encoder-refused',
    name: { video: rendition.ordinal },
  };
  const context = await open(encoder, place, (context) => {
    context.width = rendition.widthPx;
    context.height = rendition.heightPx;
    context.pixelFormat = avGetPixFmtFromName(rendition.pixelFormat);
    context.timeBase = new LibraryRational(rendition.frameRate.den, rendition.frameRate.num);
    context.framerate = new LibraryRational(rendition.frameRate.num, rendition.frameRate.den);
    context.sampleAspectRatio = new LibraryRational(
      rendition.sampleAspectRatio.num,
      rendition.sampleAspectRatio.den,
    );
    if (encoder.gopSizeFrames !== null) context.gopSize = encoder.gopSizeFrames;
    if (encoder.maxBFrames !== null) context.maxBFrames = encoder.maxBFrames;
    return {
      ...(rendition.forcedKeyFrameSeconds === null ? {} : forcedKeyFrameOptions(encoder)),
      ...colorOptions(encoder),
      ...passOptions(encoder, options.pass),
      ...flagOptions(encoder, options),
    };
  });
  const { extraData } = context;
  const told = streamData === null || extraData === null ? extraData : edited(extraData, encoder, streamData);
  if (told !== null && told !== extraData) context.extraData = told;
  return context;
}

/** Parameter sets outside of the stream say what those in it are edited to say. */
function edited(extraData: Buffer, { codec }: EncoderPlan, streamData: StreamData): Buffer {
  const { marksFields, decoderBuffer, pulldown } = streamData;
  let sets = extraData;
  if (codec === 'H_265') sets = withProfileInParameters(sets, streamData);
  if (marksFields === true) sets = withFieldsInParameters(sets);
  if (decoderBuffer !== undefined && codec === 'H_265') sets = withBufferInParameters(sets, decoderBuffer);
  if (decoderBuffer !== undefined && codec === 'H_264')
    sets = h264WithBufferInParameters(sets, decoderBuffer);
  return pulldown !== undefined && (codec === 'H_264' || codec === 'H_265')
    ? withFieldTicks(sets, codec)
    : sets;
}

/** Opens an audio encoder; timestamps count samples. Throws fault 1040 naming the audio description. */
export function openAudioEncoder(rendition: AudioRendition, globalHeader: boolean): Promise<CodecContext> {
  const place: EncoderPlace = {
    pointer: rendition.pointer,
    template: 'audio-encoder-refused',
    name: { audio: rendition.id },
  };
  return open(rendition.encoder, place, (context) => {
    context.sampleRate = rendition.sampleRateHz;
    context.sampleFormat = avGetSampleFmtFromName(rendition.sampleFormat);
    context.timeBase = new LibraryRational(1, rendition.sampleRateHz);
    return {
      ch_layout: rendition.channelLayout,
      ...flagOptions(rendition.encoder, { globalHeader, pass: null }),
    };
  });
}

/**
 * Samples that an open audio encoder keeps when it ends: AC-3, E-AC-3 and MPEG layer II are late by a part of a frame,
 * and take no call that gives the rest (libavcodec: `initial_padding` without `AV_CODEC_CAP_DELAY`). As many samples of
 * silence behind the sound bring it out.
 */
export function unflushedSamples({ encoder }: EncoderPlan, context: CodecContext): number {
  const codec = findEncoder(encoder);
  if (codec === null || codec.hasCapabilities(AV_CODEC_CAP_DELAY)) return 0;
  const parameters = new CodecParameters();
  parameters.alloc();
  try {
    assertDone(parameters.fromContext(context), 'encoder parameters');
    return parameters.initialPadding;
  } finally {
    parameters.free();
  }
}

/** Where an encoder stands in the job, for its fault. */
interface EncoderPlace {
  readonly pointer: string;
  readonly template: 'encoder-refused' | 'audio-encoder-refused';
  readonly name: Readonly<Record<string, string | number>>;
}

async function open(
  plan: EncoderPlan,
  place: EncoderPlace,
  configure: (context: CodecContext) => Readonly<Record<string, string>>,
): Promise<CodecContext> {
  const codec = findEncoder(plan.encoder);
  const context = new CodecContext();
  try {
    if (codec === null) throw new LibraryError(`find encoder ${plan.encoder}`, AVERROR_ENCODER_NOT_FOUND);
    context.allocContext3(codec);
    const computed = configure(context);
    context.threadCount = plan.threads;
    const averageBps = plan.askedBps ?? plan.bitrateBps;
    if (averageBps > 0) context.bitRate = BigInt(averageBps);
    const { rateBps, bufferBits } = plan.pacing ?? {
      rateBps: plan.maxBitrateBps,
      bufferBits: plan.bufferSizeBits,
    };
    if (rateBps > 0) context.rcMaxRate = BigInt(rateBps);
    if (bufferBits > 0) context.rcBufferSize = bufferBits;
    setLibraryOptions(context, { ...firstOptions(plan), ...computed });
    assertDone(await context.open2(codec, null), 'open encoder');
    return context;
  } catch (error) {
    context.freeContext();
    throw jobFault(
      1040,
      place.template,
      { ...place.name, reason: `${(error as Error).message}.` },
      { pointer: place.pointer, component: 'encoder', detail: recentLibraryLog(plan.encoder) },
      error,
    );
  }
}

/** A forced picture must be an IDR, or segments would not decode alone (spec video.md 5). */
function forcedKeyFrameOptions({ encoder }: EncoderPlan): Record<string, string> {
  return encoder === 'libx264' || encoder === 'libx265' ? { 'forced-idr': '1' } : {};
}

function colorOptions({ color }: EncoderPlan): Record<string, string> {
  const options: Record<string, string> = {};
  if (color === null) return options;
  if (color.primaries !== null) options['color_primaries'] = color.primaries;
  if (color.transfer !== null) options['color_trc'] = color.transfer;
  if (color.matrix !== null) options['colorspace'] = color.matrix;
  if (color.range !== null) options['color_range'] = color.range === 'full' ? 'pc' : 'tv';
  return options;
}

/** Statistics of the two-pass encoders we plan: x264 by option, x265 by its parameter string. */
function passOptions({ encoder, options }: EncoderPlan, pass: EncodingPass | null): Record<string, string> {
  if (pass === null) return {};
  if (encoder === 'libx264') {
    const own = { stats: pass.statisticsPath };
    return pass.number === 1 ? { ...own, 'x264-params': fastFirstPass(options['x264-params'] ?? '') } : own;
  }
  if (encoder === 'libx265') {
    const parameters = options['x265-params'];
    const own = `pass=${pass.number}:stats=${pass.statisticsPath.replace(/[\\:]/g, '\\$&')}`;
    return { 'x265-params': parameters === undefined ? own : `${parameters}:${own}` };
  }
  throw new TypeError(`encoder ${encoder} has no two-pass mode`);
}

/** x264 chooses these itself in a first pass, which only counts bits: parameters would overrule it, and take longer. */
function fastFirstPass(parameters: string): string {
  return parameters
    .split(':')
    .filter((parameter) => !/^(?:partitions|ref)=/.test(parameter))
    .join(':');
}

/** Context flags come together in one option, because a later one would replace an earlier one. */
function flagOptions({ encoder, options }: EncoderPlan, wanted: VideoEncoderOptions): Record<string, string> {
  let flags = options['flags'] ?? '';
  if (wanted.globalHeader) flags += '+global_header';
  if (wanted.pass !== null && encoder === 'libx264') flags += wanted.pass.number === 1 ? '+pass1' : '+pass2';
  return flags === '' ? {} : { flags };
}

function findEncoder(name: string): Codec | null {
  return Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
}
