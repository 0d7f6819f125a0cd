/** Opens decoders as the plan asks. */

import { AVERROR_DECODER_NOT_FOUND } from 'node-av/constants';
import { Codec, CodecContext, type Stream } from 'node-av/lib';
import { assertDone, LibraryError } from './library-error.ts';

/** Opens the decoder of a stream. Throws LibraryError; the caller knows which fault that is. */
export function openDecoder(stream: Stream, threads: number): CodecContext {
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null) throw new LibraryError('find decoder', AVERROR_DECODER_NOT_FOUND);
  const context = new CodecContext();
  context.allocContext3(codec);
  try {
    assertDone(context.parametersToContext(stream.codecpar), 'decoder parameters');
    context.pktTimebase = stream.timeBase;
    context.threadCount = threads;
    assertDone(context.open2Sync(codec, null), 'open decoder');
    return context;
  } catch (error) {
    context.freeContext();
    throw error;
  }
}
