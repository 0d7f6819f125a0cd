/** Parts of an open muxer: its streams, and an IO that writes into an object. */
import { AV_CODEC_FLAG_GLOBAL_HEADER, AVERROR_EIO } from 'node-av/constants';
import {
  Dictionary,
  type FormatContext,
  IOContext,
  Rational as LibraryRational,
  type Stream,
  stringToFourCC,
} from 'node-av/lib';
import { describeHdr } from '../package/mastering-display.ts';
import { assertDone } from './library-error.ts';
import type { OutputObject } from './objects.ts';
import type { EncodedTrack } from './output-writer.ts';

const ioBufferBytes = 256 * 1024;

/** What a file says of its video beside what the encoder knows. */
export interface VideoLabels {
  /** Starts a timecode track beside the video. */
  readonly timecode?: string | undefined;
  /** Four-character code where the muxer would choose another. */
  readonly videoTag?: string | undefined;
  /** Nominal rate in bit/s. */
  readonly videoBitrate?: string | undefined;
}

/** Adds a stream for a track. Throws LibraryError. */
export function addStream(context: FormatContext, track: EncodedTrack, labels: VideoLabels = {}): Stream {
  const { timecode, videoTag, videoBitrate } = labels;
  const stream = context.newStream(null);
  const { encoder: plan } = track.rendition;
  assertDone(stream.codecpar.fromContext(track.encoder), 'stream parameters');
  stream.timeBase = new LibraryRational(track.timeBase.num, track.timeBase.den);
  const tags: Record<string, string> = {};
  if (track.kind === 'video') {
    const { frameRate, sampleAspectRatio } = track.rendition;
    stream.avgFrameRate = new LibraryRational(frameRate.num, frameRate.den);
    stream.sampleAspectRatio = new LibraryRational(sampleAspectRatio.num, sampleAspectRatio.den);
    if (timecode !== undefined) tags['timecode'] = timecode;
    if (videoBitrate !== undefined) stream.codecpar.bitRate = BigInt(videoBitrate);
    if (track.rendition.hdr !== null) describeHdr(stream, track.rendition.hdr);
  } else if (track.rendition.language !== null) tags['language'] = track.rendition.language;
  // A copied track brings the tag of its source's container along.
  if (plan.encoder === 'copy') stream.codecpar.codecTag = 0;
  const tag = plan.codecTag ?? (track.kind === 'video' ? (videoTag ?? null) : null);
  if (tag !== null) stream.codecpar.codecTag = stringToFourCC(tag);
  if (Object.keys(tags).length > 0) {
    const metadata = Dictionary.fromObject(tags);
    stream.metadata = metadata;
    metadata.free();
  }
  return stream;
}

/** An IO over an object. Its write callback copies and returns at once, so synchronous calls are safe (design D3). */
export function openObjectIo(target: OutputObject): IOContext {
  const io = new IOContext();
  io.allocContextWithCallbacks(ioBufferBytes, 1, null, (bytes) => {
    try {
      target.write(bytes);
      return bytes.length;
    } catch {
      return AVERROR_EIO;
    }
  });
  return io;
}

/** Parameter sets that another output moved out of the stream, and one without a header must put back; null: none. */
export function repeatedParameterSets(track: EncodedTrack): Buffer | null {
  if (track.kind === 'audio') return null;
  const isOut = (track.encoder.flags & AV_CODEC_FLAG_GLOBAL_HEADER) !== 0;
  return isOut ? track.encoder.extraData : null;
}
