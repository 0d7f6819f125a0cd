/** Pictures from a description in the library's filter language, after the steps of a plan. */
import { AV_FRAME_FLAG_INTERLACED } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { describeSteps, openGenerator } from '../../src/engine/filter-chain.ts';
import type { FilterStep } from '../../src/plan/plan.ts';

export interface GeneratedPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly luma: Uint8Array;
  readonly isInterlaced: boolean;
}

/** All pictures, of eight bits. */
export async function picturesOf(
  source: string,
  steps: readonly FilterStep[],
): Promise<readonly GeneratedPicture[]> {
  const chain = openGenerator('video', `${source},${describeSteps(steps, 'null')}[out]`);
  const frame = new Frame();
  frame.alloc();
  const pictures: GeneratedPicture[] = [];
  while (await chain.next(frame)) {
    const { width, height } = frame;
    const [plane] = frame.data ?? [];
    const [stride = width] = frame.linesize;
    const luma = new Uint8Array(width * height);
    for (let line = 0; line < height; line += 1)
      luma.set((plane ?? new Uint8Array()).subarray(line * stride, line * stride + width), line * width);
    const isInterlaced = frame.hasFlags(AV_FRAME_FLAG_INTERLACED);
    pictures.push({ widthPx: width, heightPx: height, luma, isInterlaced });
    frame.unref();
  }
  frame.free();
  chain.free();
  return pictures;
}

/** Samples that stand out from the lines above and below them, which agree: the teeth of a comb. */
export function combedSamples({ widthPx, heightPx, luma }: GeneratedPicture): number {
  const at = (x: number, y: number): number => luma[y * widthPx + x] ?? 0;
  let count = 0;
  for (let y = 2; y < heightPx - 2; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const [above, below] = [at(x, y) - at(x, y - 1), at(x, y) - at(x, y + 1)];
      const standsOut = above * below > 0 && Math.min(Math.abs(above), Math.abs(below)) > 20;
      const isTooth = Math.abs(above - below) < 12 && Math.abs(at(x, y) - at(x, y - 2)) < 12;
      if (standsOut && isTooth) count += 1;
    }
  return count;
}
