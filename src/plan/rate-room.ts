/**
 * Room for what stands in a stream beside what its encoder counts: messages and parameter sets that are written behind it,
 * delimiters of transport streams, and what the encoder leaves out of its own account. Rate and buffer that the encoder is
 * asked for are smaller by it, so that those of the stream are what the job asks for.
 */
import type { ContainerType } from '../contract/types.generated.ts';
import { rationalToNumber } from '../exact-time.ts';
import type { StreamData } from './picture-plan.ts';
import type { EncoderPlan, VideoRendition } from './plan.ts';
import { fillText } from './rate-control.ts';
import type { EncoderPacing } from './rate-plan.ts';
import {
  bufferBytes,
  endBytes,
  movedSetBytes,
  settingsTextBytes,
  writtenBytes,
} from './written-bytes.table.ts';

/** Bytes beside the encoder's own account. */
export interface UncountedBytes {
  /** Of every picture. */
  readonly picture: number;
  /** Of every key frame, on top. */
  readonly keyFrame: number;
}

/** Where packets of a rendition go, and what the encoder leaves out by itself. */
export interface RoomPlace {
  /** Of all outputs that carry the rendition. */
  readonly containers: ReadonlySet<ContainerType>;
  readonly uncounted: UncountedBytes;
}

/** Nothing is left out. */
export const allCounted: UncountedBytes = { picture: 0, keyFrame: 0 };

/** Scene changes begin groups before their time: key frames are taken for twice as many. */
const keyFrameFactor = 2;

/** What is written beside never takes more than half of a rate or a buffer from the pictures. */
const leastShare = 0.5;
/** x264 and x265 count in thousands of bits, and take less than one for none. */
const leastAsked = 1000;

const transportContainers: readonly ContainerType[] = ['M2TS', 'M3U8'];
/** They keep parameter sets in front of the media, for all outputs of a rendition. */
const headedContainers: readonly ContainerType[] = ['MP4', 'MOV', 'F4V'];
const bareContainers: readonly ContainerType[] = [...transportContainers, 'RAW'];

/** The rendition with delimiters where an output needs them, and an encoder that leaves room for all of it. */
export function withRoom(rendition: VideoRendition, place: RoomPlace): VideoRendition {
  const { codec } = rendition.encoder;
  if (codec !== 'H_264' && codec !== 'H_265' && codec !== 'MPEG2') return rendition;
  // Pictures of one size have what is written into them inside of it.
  if (rendition.streamData?.pictureBytes !== undefined) return rendition;
  const isDelimited = codec !== 'MPEG2' && carries(place, transportContainers);
  const movesSets = codec === 'H_264' && hasMovedSets(rendition.encoder, place);
  const movesText = codec === 'H_264' && carries(place, headedContainers);
  const told = tellMovedSets(rendition, movesSets);
  const bytes = bytesBeside(told, place.uncounted, { isDelimited, movesSets, movesText });
  const encoder = isDelimited ? withParameters(told.encoder, { aud: '1' }) : told.encoder;
  return {
    ...tellMpeg2Buffer(told, bytes),
    encoder: leaveRoom(encoder, bytes, rationalToNumber(rendition.frameRate), told.streamData),
  };
}

function carries({ containers }: RoomPlace, some: readonly ContainerType[]): boolean {
  return some.some((container) => containers.has(container));
}

/** An output with a header takes them out of the stream, another puts them back. */
function hasMovedSets({ codecTag }: EncoderPlan, place: RoomPlace): boolean {
  return carries(place, headedContainers) && (codecTag === 'avc3' || carries(place, bareContainers));
}

function tellMovedSets(rendition: VideoRendition, movesSets: boolean): VideoRendition {
  const { streamData } = rendition;
  if (!movesSets || streamData?.decoderBuffer === undefined) return rendition;
  return { ...rendition, streamData: { ...streamData, countsParameterSets: true } };
}

/** The encoder of MPEG-2 would tell of the buffer that it is left with. */
function tellMpeg2Buffer(rendition: VideoRendition, { picture }: UncountedBytes): VideoRendition {
  const { encoder, streamData } = rendition;
  if (encoder.codec !== 'MPEG2' || picture === 0 || streamData === null) return rendition;
  const { bufferBits } = encoder.pacing ?? { bufferBits: encoder.bufferSizeBits };
  if (bufferBits === 0) return rendition;
  const { minrate, rc_init_occupancy: bits } = encoder.options;
  const decoderBuffer = {
    rateBps: encoder.maxBitrateBps,
    bufferBits,
    initialFill: Number(bits ?? bufferBits) / bufferBits,
    isConstant: minrate !== undefined,
  };
  return { ...rendition, streamData: { ...streamData, decoderBuffer } };
}

/** What containers have a say in. */
interface WrittenElsewhere {
  readonly isDelimited: boolean;
  readonly movesSets: boolean;
  readonly movesText: boolean;
}

interface BytesBeside extends UncountedBytes {
  /** Once in a stream. */
  readonly once: number;
}

function bytesBeside(
  { encoder, streamData }: VideoRendition,
  uncounted: UncountedBytes,
  { isDelimited, movesSets, movesText }: WrittenElsewhere,
): BytesBeside {
  const written = writtenBytes[encoder.codec as keyof typeof writtenBytes];
  const of = (isWritten: boolean, bytes: number): number => (isWritten ? bytes : 0);
  const data: Partial<StreamData> = streamData ?? {};
  const tellsBuffer = data.decoderBuffer !== undefined;
  return {
    picture:
      uncounted.picture +
      of(data.timecode != null, written.timecode) +
      of(data.unregisteredTimecode != null, written.unregistered) +
      of(data.activeFormat != null, written.activeFormat) +
      of(data.repeatsPictureParameters === true, written.pictureParameters) +
      of(data.pulldown !== undefined, written.pulldown) +
      of(isDelimited, written.delimiter),
    keyFrame: uncounted.keyFrame + of(tellsBuffer, bufferBytes) + of(movesSets, movedSetBytes),
    once:
      of(tellsBuffer && encoder.endOfStreamMarkers, endBytes) +
      of(tellsBuffer && movesText, settingsTextBytes),
  };
}

function leaveRoom(
  encoder: EncoderPlan,
  { picture, keyFrame, once }: BytesBeside,
  framesPerSecond: number,
  streamData: StreamData | null,
): EncoderPlan {
  const largest = 8 * (picture + keyFrame + once);
  if (largest === 0) return encoder;
  const interval = Math.max(1, (encoder.gopSizeFrames ?? 1) / keyFrameFactor);
  const takenBps = Math.ceil(8 * framesPerSecond * (picture + keyFrame / interval));
  // A channel that never pauses has the rate that the stream tells, to the bit.
  const channel = streamData?.decoderBuffer?.isConstant === true ? streamData.decoderBuffer : null;
  const rateLeft = (bps: number): number =>
    left(bps, takenBps + Math.max(0, bps - (channel?.rateBps ?? bps)));
  const before = encoder.pacing ?? {
    rateBps: encoder.maxBitrateBps,
    bufferBits: encoder.bufferSizeBits,
  };
  const isBounded = before.rateBps > 0 && before.bufferBits > 0;
  const after: EncoderPacing = {
    rateBps: Math.max(rateLeft(before.rateBps), Math.min(before.rateBps, leastAsked)),
    bufferBits: Math.max(left(before.bufferBits, largest), Math.min(before.bufferBits, leastAsked)),
  };
  const { averageLimitBps } = encoder;
  const asked: EncoderPlan = {
    ...encoder,
    ...(encoder.bitrateBps > 0
      ? { askedBps: Math.max(leastAsked, rateLeft(encoder.askedBps ?? encoder.bitrateBps)) }
      : {}),
    ...(isBounded ? { pacing: after } : {}),
    ...(averageLimitBps === undefined ? {} : { averageLimitBps: rateLeft(averageLimitBps) }),
  };
  return isBounded ? withFill(asked, before.bufferBits, after) : asked;
}

function left(whole: number, taken: number): number {
  return Math.max(Math.ceil(whole * leastShare), whole - taken);
}

/** What the largest picture has beside it is in the buffer at the beginning too, and no longer the encoder's. */
function withFill(encoder: EncoderPlan, bufferBits: number, after: EncoderPacing): EncoderPlan {
  const fillOf = (share: number): number =>
    Math.max(0, share * bufferBits - (bufferBits - after.bufferBits)) / after.bufferBits;
  if (encoder.codec !== 'MPEG2') {
    const share = Number(parametersOf(encoder).match(/(?:^|:)vbv-init=([\d.]+)/)?.[1] ?? 'NaN');
    if (Number.isNaN(share)) return encoder;
    return withParameters(encoder, { 'vbv-init': fillText(fillOf(share)) });
  }
  const { minrate, rc_init_occupancy: bits } = encoder.options;
  return {
    ...encoder,
    options: {
      ...encoder.options,
      ...(minrate === undefined ? {} : { minrate: `${after.rateBps}` }),
      ...(bits === undefined
        ? {}
        : { rc_init_occupancy: `${Math.floor(fillOf(Number(bits) / bufferBits) * after.bufferBits)}` }),
    },
  };
}

function optionOf({ encoder }: EncoderPlan): 'x264-params' | 'x265-params' {
  return encoder === 'libx265' ? 'x265-params' : 'x264-params';
}

function parametersOf(encoder: EncoderPlan): string {
  return encoder.options[optionOf(encoder)] ?? '';
}

/** The encoder's own parameters with others, in the place of those of the same name. */
function withParameters(encoder: EncoderPlan, added: Readonly<Record<string, string>>): EncoderPlan {
  const kept = parametersOf(encoder)
    .split(':')
    .filter((parameter) => !Object.keys(added).some((name) => parameter.startsWith(`${name}=`)));
  const text = [...kept, ...Object.entries(added).map(([name, value]) => `${name}=${value}`)].join(':');
  return { ...encoder, options: { ...encoder.options, [optionOf(encoder)]: text } };
}
