/** A still picture (PNG, BMP, TGA) as one frame of a wanted size (spec inputs.md 12, `imageInput`). */
import { AV_CODEC_ID_BMP, AV_CODEC_ID_PNG, AV_CODEC_ID_TARGA, type AVCodecID } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib';
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import { openFilterChain, videoShapeOf } from './filter-chain.ts';
import { assertDone } from './library-error.ts';
import type { EngineObjects } from './objects.ts';
import { openByteSource } from './probe/byte-source.ts';

/** Pictures of 8K and below fit. */
const largestBytes = 256 * 1024 * 1024;

/** Reads and scales the picture. The caller frees it. Throws fault 1010 when the object is no such picture. */
export async function readStillPicture(
  objects: EngineObjects,
  location: string,
  size: { readonly widthPx: number; readonly heightPx: number },
): Promise<Frame> {
  const picture = await decodeStillPicture(objects, location);
  try {
    return scaled(picture, size);
  } catch (error) {
    throw unusable(location, error);
  }
}

/** Reads the picture in its own size and format. The caller frees it. Throws fault 1010 when the object is no such picture. */
export async function decodeStillPicture(objects: EngineObjects, location: string): Promise<Frame> {
  const bytes = await readWhole(objects, location);
  try {
    return decode(bytes, codecOf(bytes));
  } catch (error) {
    throw unusable(location, error);
  }
}

function unusable(location: string, error: unknown): JobFault {
  const mediaFact = error instanceof Error ? error.message : String(error);
  return jobFault(1010, 'overlay-download', { url: location }, { component: 'decoder', mediaFact }, error);
}

async function readWhole(objects: EngineObjects, location: string): Promise<Buffer> {
  const input = await objects.openInput(location);
  const source = openByteSource(input);
  try {
    return await source.read(0, Math.min(input.sizeBytes, largestBytes));
  } finally {
    await source.close();
    await input.close();
  }
}

/** TGA has no mark at its start: what is neither PNG nor BMP is tried as TGA. */
function codecOf(bytes: Buffer): AVCodecID {
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG') return AV_CODEC_ID_PNG;
  return bytes.subarray(0, 2).toString('latin1') === 'BM' ? AV_CODEC_ID_BMP : AV_CODEC_ID_TARGA;
}

function decode(bytes: Buffer, codecId: AVCodecID): Frame {
  const codec = Codec.findDecoder(codecId);
  if (codec === null) throw new TypeError('the library has no decoder for the picture');
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  try {
    assertDone(decoder.open2Sync(codec, null), 'open decoder');
    packet.data = bytes;
    assertDone(decoder.sendPacketSync(packet), 'picture');
    decoder.sendPacketSync(null);
    assertDone(decoder.receiveFrameSync(frame), 'picture');
    return frame;
  } catch (error) {
    frame.free();
    throw error;
  } finally {
    packet.free();
    decoder.freeContext();
  }
}

function scaled(
  frame: Frame,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): Frame {
  const chain = openFilterChain(
    [{ ...videoShapeOf(frame), timeBase: { num: 1, den: 25 } }],
    `[in0]scale=w=${widthPx}:h=${heightPx}:flags=bicubic:out_color_matrix=bt709:out_range=limited,format=yuv420p,setsar=1,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=limited[out]`,
    1,
  );
  const result = new Frame();
  result.alloc();
  try {
    frame.pts = 0n;
    chain.pushNow(0, frame);
    chain.pushNow(0, null);
    if (!chain.pull(result)) throw new TypeError('the picture does not scale');
    return result;
  } finally {
    chain.free();
    frame.free();
  }
}
