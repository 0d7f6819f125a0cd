/** The video of a finished file, ready to be decoded: what the measurements of pictures begin with. */
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FormatContext, type Stream } from 'node-av/lib';

export interface OpenVideo {
  readonly context: FormatContext;
  readonly stream: Stream;
  readonly decoder: CodecContext;
}

/** Opens the first track of pictures. The caller frees the decoder and closes the context. */
export function openVideo(path: string): OpenVideo {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const stream = context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  const codec = stream === undefined ? null : Codec.findDecoder(stream.codecpar.codecId);
  if (stream === undefined || codec === null) throw new Error(`${path} has no video`);
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.threadCount = 1;
  decoder.open2Sync(codec, null);
  return { context, stream, decoder };
}
