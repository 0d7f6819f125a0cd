/** Luma of the pictures of a file, and how alike two pictures are (SSIM), written from the paper: independent of the library. */
import { avGetPixFmtName, Frame, Packet } from 'node-av/lib';
import { openVideo } from './open-video.ts';

export interface LumaPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of eight bits. */
  readonly luma: Uint8Array;
}

/** Decodes all pictures of a file, in order of display. */
export function readLuma(path: string): readonly LumaPicture[] {
  const { context, stream, decoder } = openVideo(path);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  const pictures: LumaPicture[] = [];
  const drain = (): void => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      pictures.push(lumaOf(frame));
      frame.unref();
    }
  };
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      if (decoder.sendPacketSync(packet) < 0) throw new Error(`${path} does not decode`);
      drain();
    }
    packet.unref();
  }
  decoder.sendPacketSync(null);
  drain();
  packet.free();
  frame.free();
  decoder.freeContext();
  context.closeInputSync();
  return pictures;
}

function lumaOf(frame: Frame): LumaPicture {
  const { width, height } = frame;
  const name = avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '';
  const data = frame.data?.[0] ?? Buffer.alloc(0);
  const stride = frame.linesize[0] ?? 0;
  const luma = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      luma[y * width + x] = name.endsWith('10le')
        ? Math.min(255, (data.readUInt16LE(y * stride + 2 * x) + 2) >> 2)
        : (data[y * stride + x] ?? 0);
  return { widthPx: width, heightPx: height, luma };
}

/** Mean structural similarity of two sequences (Wang and others 2004), in windows of 8 by 8 samples, 4 apart. */
export function meanSimilarity(ones: readonly LumaPicture[], others: readonly LumaPicture[]): number {
  const values = ones.map((one, at) => {
    const other = others[at];
    return other === undefined ? 0 : similarity(one, other);
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
const windowPx = 8;

/** 1: the pictures are equal. */
export function similarity(one: LumaPicture, other: LumaPicture): number {
  if (one.widthPx !== other.widthPx || one.heightPx !== other.heightPx)
    throw new RangeError('pictures of unlike sizes');
  let sum = 0;
  let count = 0;
  for (let y = 0; y + windowPx <= one.heightPx; y += windowPx / 2)
    for (let x = 0; x + windowPx <= one.widthPx; x += windowPx / 2) {
      sum += windowSimilarity(one, other, x, y);
      count += 1;
    }
  return sum / count;
}

function windowSimilarity(one: LumaPicture, other: LumaPicture, left: number, top: number): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let y = top; y < top + windowPx; y += 1)
    for (let at = y * one.widthPx + left; at < y * one.widthPx + left + windowPx; at += 1) {
      const [p, q] = [one.luma[at] ?? 0, other.luma[at] ?? 0];
      a += p;
      b += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  const n = windowPx * windowPx;
  const [meanA, meanB] = [a / n, b / n];
  const [varA, varB, both] = [aa / n - meanA ** 2, bb / n - meanB ** 2, ab / n - meanA * meanB];
  return ((2 * meanA * meanB + c1) * (2 * both + c2)) / ((meanA ** 2 + meanB ** 2 + c1) * (varA + varB + c2));
}
