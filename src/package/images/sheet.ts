/** A sheet of pictures, row by row, and its JPEG form. */
import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING, AV_PIX_FMT_YUVJ420P } from 'node-av/constants';
import { Codec, CodecContext, Frame, Rational as LibraryRational, Packet } from 'node-av/lib';
import type { ImageTrackPlan } from '../../plan/streaming-plan.ts';
import { assertMuxed } from '../muxer-fault.ts';

/** Quality 80 on the scale of frame captures (spec packaging.md 12.4). */
const quantizer = '8';

/** Pictures are planes of luma and two of chroma at half the size, without gaps between lines. */
export interface Sheet {
  /** Copies a picture to its place, counted from 0. */
  put(place: number, picture: Buffer): void;
  /** JPEG bytes. Places without a picture are black. */
  encode(): Promise<Buffer>;
  /** Frees what is native. */
  free(): void;
}

/** A black sheet. Throws fault 1999 when the library refuses its size; the plan has checked it. */
export function createSheet({ widthPx, heightPx, columns, rows }: ImageTrackPlan): Sheet {
  const [width, height] = [widthPx * columns, heightPx * rows];
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUVJ420P;
  assertMuxed(frame.getBuffer(0), 'allocate sheet');
  frame.pts = 0n;
  const planes = (frame.data ?? []).map((bytes, index) => {
    bytes.fill(index === 0 ? 0 : 128);
    const shrink = index === 0 ? 1 : 2;
    return {
      bytes,
      stride: frame.linesize[index] ?? 0,
      // Half an odd side counts as a whole pixel.
      widthPx: Math.ceil(widthPx / shrink),
      heightPx: Math.ceil(heightPx / shrink),
    };
  });
  return {
    put(place, picture) {
      const [column, row] = [place % columns, Math.floor(place / columns)];
      let from = 0;
      for (const plane of planes) {
        for (let line = 0; line < plane.heightPx; line += 1, from += plane.widthPx) {
          const to = (row * plane.heightPx + line) * plane.stride + column * plane.widthPx;
          picture.copy(plane.bytes, to, from, from + plane.widthPx);
        }
      }
    },
    encode: () => encodeJpeg(frame, width, height),
    free: () => frame.free(),
  };
}

async function encodeJpeg(frame: Frame, width: number, height: number): Promise<Buffer> {
  const library = Codec.findEncoderByName('mjpeg' as never);
  const encoder = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    encoder.allocContext3(library);
    encoder.width = width;
    encoder.height = height;
    encoder.pixelFormat = AV_PIX_FMT_YUVJ420P;
    encoder.timeBase = new LibraryRational(1, 1);
    encoder.threadCount = 1;
    for (const name of ['qmin', 'qmax'])
      assertMuxed(
        encoder.setOption(name, quantizer, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN),
        `mjpeg option ${name}`,
      );
    assertMuxed(encoder.open2Sync(library, null), 'open mjpeg encoder');
    assertMuxed(await encoder.sendFrame(frame), 'encode sheet');
    assertMuxed(await encoder.sendFrame(null), 'encode sheet');
    assertMuxed(encoder.receivePacketSync(packet), 'take sheet');
    return Buffer.from(packet.data ?? []);
  } finally {
    packet.free();
    encoder.freeContext();
  }
}
