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

/** As many as 8192x4320 have, of any shape: sixteen-bit samples of them fit into the memory of a probe. */
const mostPixels = 8192 * 4320;

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
    const codec = codecOf(bytes);
    const { widthPx, heightPx } = sizeOf(bytes, codec);
    if (widthPx * heightPx > mostPixels)
      throw new RangeError(
        `the picture has ${widthPx}x${heightPx} pixels, and pictures have up to ${mostPixels} (8192x4320)`,
      );
    return decode(bytes, codec);
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

/** What the header says: of PNG (ISO/IEC 15948 11.2.2), BMP (BITMAPINFOHEADER, its height below 0 from the top) and TGA. */
function sizeOf(bytes: Buffer, codec: AVCodecID): { readonly widthPx: number; readonly heightPx: number } {
  // Too short for any of them: the decoder says so.
  if (bytes.length < 26) return { widthPx: 0, heightPx: 0 };
  if (codec === AV_CODEC_ID_PNG) return { widthPx: bytes.readUInt32BE(16), heightPx: bytes.readUInt32BE(20) };
  if (codec === AV_CODEC_ID_TARGA)
    return { widthPx: bytes.readUInt16LE(12), heightPx: bytes.readUInt16LE(14) };
  // The oldest header has sixteen bits for each.
  if (bytes.readUInt32LE(14) === 12)
    return { widthPx: bytes.readUInt16LE(18), heightPx: bytes.readUInt16LE(20) };
  return { widthPx: bytes.readInt32LE(18), heightPx: Math.abs(bytes.readInt32LE(22)) };
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
