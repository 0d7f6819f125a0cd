/** A chart of even patches with known samples, and the samples that an output has in their places. */
import { avGetPixFmtName, Frame, Packet } from 'node-av/lib';
import { encodeClip } from '../../bench/engine-bench.ts';
import { openVideo } from './open-video.ts';

/** Luma and both colour differences: 0…1 and −0.5…0.5 of the limited range. */
export type Patch = readonly [number, number, number];

const perRow = 8;
const sizePx = 40;

/** Writes the chart as a short clip of ten bits. */
export async function makeChart(file: string, patches: readonly Patch[]): Promise<void> {
  const rows = Math.ceil(patches.length / perRow);
  // The expression counts on samples of ten bits.
  const plane = (at: 0 | 1 | 2): string => {
    const values = patches.map((patch) =>
      at === 0 ? Math.round(64 + 876 * patch[0]) : Math.round(512 + 896 * patch[at]),
    );
    const place = `floor(X/${sizePx})+${perRow}*floor(Y/${sizePx})`;
    return values.map((value, index) => `${value}*eq(${place},${index})`).join('+');
  };
  const picture = `color=black:s=${perRow * sizePx}x${rows * sizePx}:r=25:d=0.12,format=yuv444p10le`;
  const source = `${picture},geq=lum='${plane(0)}':cb='${plane(1)}':cr='${plane(2)}'`;
  await encodeClip(file, source, 25, 'yuv420p10le');
}

/** The middle of each patch in the first picture of an output of as many pixels as the chart. */
export function readChart(path: string, count: number): readonly Patch[] {
  const frame = firstFrame(path);
  const name = avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '';
  const isDeep = name.endsWith('10le');
  const [shiftX, shiftY] = name.includes('420') ? [1, 1] : name.includes('422') ? [1, 0] : [0, 0];
  const sample = (plane: number, x: number, y: number): number => {
    const [data, stride] = [frame.data?.[plane] ?? Buffer.alloc(0), frame.linesize[plane] ?? 0];
    return isDeep ? data.readUInt16LE(y * stride + 2 * x) / 4 : data.readUInt8(y * stride + x);
  };
  const patches = Array.from({ length: count }, (_, index): Patch => {
    const x = (index % perRow) * sizePx + sizePx / 2;
    const y = Math.floor(index / perRow) * sizePx + sizePx / 2;
    const chroma = (plane: number): number => (sample(plane, x >> shiftX, y >> shiftY) - 128) / 224;
    return [(sample(0, x, y) - 16) / 219, chroma(1), chroma(2)];
  });
  frame.free();
  return patches;
}

function firstFrame(path: string): Frame {
  const { context, stream, decoder } = openVideo(path);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  let isFound = false;
  while (!isFound && context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) decoder.sendPacketSync(packet);
    isFound = decoder.receiveFrameSync(frame) >= 0;
    packet.unref();
  }
  if (!isFound) {
    decoder.sendPacketSync(null);
    if (decoder.receiveFrameSync(frame) < 0) throw new Error(`${path} has no picture`);
  }
  packet.free();
  decoder.freeContext();
  context.closeInputSync();
  return frame;
}
