/**
 * Clips whose every picture and sample says which one it is, and the reader for what a job made of them. A picture is
 * two rows of black and white blocks: 16 bits of the frame's number above, the clip's own number below; both survive
 * scaling and encoding. Sample n of the sound has the value n modulo 60 000.
 */
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FormatContext, Frame, Packet } from 'node-av/lib';
import { type AudioRecipe, type ClipRecipe, makeClip, type Size } from '../probe/tiny-media.ts';

/** Bits of the number that a picture shows. */
export const numberBits = 16;
export const sampleCycle = 60_000;

/** One picture read back. */
export interface ReadPicture {
  readonly number: number;
  readonly clip: number;
  /** Black where blocks should be: no numbered picture. */
  readonly isBlack: boolean;
  readonly seconds: number;
}

/** What is in a finished file. */
export interface ReadMedia {
  readonly pictures: readonly ReadPicture[];
  /** First channel of the first sound track, −32768…32767. */
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
}

export interface NumberedRecipe {
  readonly frames: number;
  readonly frameRate: readonly [number, number];
  /** 0–7, tells clips apart. */
  readonly clip?: number;
  readonly muxer?: string;
  readonly muxerOptions?: Readonly<Record<string, string>>;
  readonly video?: Partial<NonNullable<ClipRecipe['video']>>;
  /** null: no sound. PCM as long as the video when absent. */
  readonly audio?: Partial<AudioRecipe> | null;
  readonly moreAudio?: readonly AudioRecipe[];
  readonly timecode?: string;
}

/** Writes a clip; H.264 and PCM in QuickTime unless told otherwise. */
export function makeNumberedClip(path: string, recipe: NumberedRecipe): void {
  const [num, den] = recipe.frameRate;
  const seconds = (recipe.frames * den) / num;
  makeClip(path, {
    muxer: recipe.muxer ?? 'mov',
    ...(recipe.muxerOptions === undefined ? {} : { muxerOptions: recipe.muxerOptions }),
    ...(recipe.timecode === undefined ? {} : { metadata: { timecode: recipe.timecode } }),
    video: {
      encoder: 'libx264',
      frames: recipe.frames,
      frameRate: recipe.frameRate,
      options: { preset: 'ultrafast', qp: '18', 'x264-params': 'bframes=2:b-adapt=0:scenecut=0' },
      draw: (frame, size) => numberedPicture(frame, recipe.clip ?? 0, size),
      ...recipe.video,
    },
    ...(recipe.audio === null
      ? {}
      : { audio: { encoder: 'pcm_s16le', seconds, channels: 2, sampleAt: numberedSample, ...recipe.audio } }),
    ...(recipe.moreAudio === undefined ? {} : { moreAudio: recipe.moreAudio }),
  });
}

/** Sample n as it is written. */
export function numberedSample(n: number): number {
  return (n % sampleCycle) - sampleCycle / 2;
}

/** Number of a sample, modulo the cycle. */
export function sampleNumber(value: number): number {
  return value + sampleCycle / 2;
}

export function numberedPicture(frame: number, clip: number, { widthPx, heightPx }: Size): Buffer {
  const luma = Buffer.alloc(widthPx * heightPx);
  for (let y = 0; y < heightPx; y += 1) {
    const row = y < heightPx / 2 ? frame : (clip << 1) | 1 | ((~clip & 7) << 8);
    for (let x = 0; x < widthPx; x += 1) {
      luma[y * widthPx + x] = (row >> Math.floor((x * numberBits) / widthPx)) & 1 ? 235 : 16;
    }
  }
  return Buffer.concat([luma, Buffer.alloc(luma.length / 2, 128)]);
}

/** Decodes a whole file. */
export function readNumberedMedia(path: string): ReadMedia {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const { streams } = context;
  const pictures: ReadPicture[] = [];
  const chunks: Int16Array[] = [];
  const soundIndex = streams.findIndex(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO);
  const decoders = streams.map((stream) => {
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    const isWanted = stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO || stream.index === soundIndex;
    if (codec === null || !isWanted) return null;
    const decoder = new CodecContext();
    decoder.allocContext3(codec);
    decoder.parametersToContext(stream.codecpar);
    decoder.pktTimebase = stream.timeBase;
    decoder.threadCount = 1;
    if (decoder.open2Sync(codec, null) < 0) throw new Error('decoder does not open');
    return decoder;
  });
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  const drain = (index: number): void => {
    const [decoder, stream] = [decoders[index], streams[index]];
    while (decoder != null && stream !== undefined && decoder.receiveFrameSync(frame) >= 0) {
      const seconds = (Number(frame.bestEffortTimestamp) * stream.timeBase.num) / stream.timeBase.den;
      if (index === soundIndex) chunks.push(firstChannel(frame));
      else pictures.push({ ...readPicture(frame), seconds });
      frame.unref();
    }
  };
  while (context.readFrameSync(packet) >= 0) {
    decoders[packet.streamIndex]?.sendPacketSync(packet);
    drain(packet.streamIndex);
    packet.unref();
  }
  for (const [index, decoder] of decoders.entries()) {
    decoder?.sendPacketSync(null);
    drain(index);
    decoder?.freeContext();
  }
  packet.free();
  frame.free();
  const sampleRateHz = streams[soundIndex]?.codecpar.sampleRate ?? 0;
  context.closeInputSync();
  const samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  return { pictures, samples, sampleRateHz };
}

/** Frame numbers in order. */
export function numbersOf(media: ReadMedia): number[] {
  return media.pictures.map(({ number }) => number);
}

/** `from` … `to`, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function readPicture(frame: Frame): Omit<ReadPicture, 'seconds'> {
  const number = readRow(frame, 0.25);
  const row = readRow(frame, 0.75);
  return { number, clip: (row >> 1) & 7, isBlack: (row & 1) === 0 && number === 0 };
}

function readRow(frame: Frame, height: number): number {
  const luma = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  const y = Math.floor(frame.height * height);
  let value = 0;
  for (let bit = 0; bit < numberBits; bit += 1) {
    const x = Math.floor(((bit + 0.5) * frame.width) / numberBits);
    if ((luma?.[y * stride + x] ?? 0) > 125) value |= 1 << bit;
  }
  return value;
}

/** Float and 16-bit sound, planar or not. */
function firstChannel(frame: Frame): Int16Array {
  const plane = frame.data?.[0] ?? Buffer.alloc(0);
  const bytesPerSample = plane.length >= frame.nbSamples * 4 * frame.channels ? 4 : 2;
  const isFloat = frame.format === 3 || frame.format === 8;
  const isPlanar = frame.format >= 5;
  const step =
    (isFloat ? 4 : bytesPerSample === 4 && frame.format === 2 ? 4 : 2) * (isPlanar ? 1 : frame.channels);
  const out = new Int16Array(frame.nbSamples);
  for (let n = 0; n < frame.nbSamples; n += 1) {
    out[n] = isFloat ? Math.round(plane.readFloatLE(n * step) * 32_768) : plane.readInt16LE(n * step);
  }
  return out;
}
