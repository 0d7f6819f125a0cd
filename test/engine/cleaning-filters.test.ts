/** Noise reducers and the adaptive deinterlacer, measured on pictures that are known: what is set must be seen. */
import { Frame } from 'node-av/lib';
import { describe, expect, it } from 'vitest';
import type { Deinterlacer, H264Settings, NoiseReducer } from '../../src/contract/types.generated.ts';
import { describeSteps, openGenerator } from '../../src/engine/filter-chain.ts';
import { captureLibraryLog } from '../../src/engine/library-log.ts';
import { rational } from '../../src/exact-time.ts';
import type { FilterStep } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from '../plan/facts-fixtures.ts';
import { h264Video, mp4Job, mustPlan, onlyVideo } from '../plan/plan-fixtures.ts';

captureLibraryLog();

const interlaced = hdFacts({
  videoTracks: [videoTrack({ scan: 'top-field-first', frameRate: rational(25) })],
});

function stepsOf(preprocessors: object, settings: Partial<H264Settings> = {}): readonly FilterStep[] {
  const video = h264Video(settings, { videoPreprocessors: preprocessors });
  return onlyVideo(mustPlan(mp4Job(video), interlaced)).preparation?.steps ?? [];
}

interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly luma: Uint8Array;
}

async function picturesOf(source: string, steps: readonly FilterStep[]): Promise<readonly Picture[]> {
  const chain = openGenerator('video', `${source},${describeSteps(steps, 'null')}[out]`);
  const frame = new Frame();
  frame.alloc();
  const pictures: Picture[] = [];
  while (await chain.next(frame)) {
    const { width, height } = frame;
    const [plane] = frame.data ?? [];
    const [stride = width] = frame.linesize;
    const luma = new Uint8Array(width * height);
    for (let line = 0; line < height; line += 1)
      luma.set((plane ?? new Uint8Array()).subarray(line * stride, line * stride + width), line * width);
    pictures.push({ widthPx: width, heightPx: height, luma });
    frame.unref();
  }
  frame.free();
  chain.free();
  // Filters over time have less to look at where the recording begins and ends.
  return pictures.slice(3, -3);
}

const noise = 'color=c=gray:s=160x96:r=25:d=1,format=yuv420p,noise=c0s=20:c0f=t+u:all_seed=7';

/** Standard deviation of samples over time: the source has about 5.6. */
async function noiseLeft(steps: readonly FilterStep[]): Promise<number> {
  const pictures = await picturesOf(noise, steps);
  const samples = pictures[0]?.luma.length ?? 0;
  let variance = 0;
  for (let at = 0; at < samples; at += 1) {
    const values = pictures.map(({ luma }) => luma[at] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    variance += values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  }
  return Math.sqrt(variance / samples);
}

describe('noise reducer', () => {
  const left = (noiseReducer: NoiseReducer) => noiseLeft(stepsOf({ noiseReducer }));
  const spatial = (strength: number, speed: number) =>
    left({ filter: 'SPATIAL', spatialFilterSettings: { strength, speed } });
  const temporal = (strength: number, settings: object = {}) =>
    left({
      filter: 'TEMPORAL',
      temporalFilterSettings: { strength, postTemporalSharpening: 'DISABLED', ...settings },
    });

  it.each([-2, -1, 0, 3])('SPATIAL of speed %i takes more the stronger it is', async (speed) => {
    const [weak, usual, strong, full] = await Promise.all([1, 4, 8, 16].map((one) => spatial(one, speed)));
    expect(weak).toBeLessThan((await noiseLeft([])) - 0.1);
    expect(usual).toBeLessThan(5.2);
    expect(usual).toBeGreaterThan(3.8);
    expect(strong).toBeLessThan(3.8);
    expect(full).toBeLessThan(2.6);
  });

  it.each([-1, 0, 2, 3])('TEMPORAL of speed %i takes more the stronger it is', async (speed) => {
    const [weak, usual, strong, full] = await Promise.all(
      [1, 4, 8, 16].map((one) => temporal(one, { speed })),
    );
    expect(weak).toBeLessThan((await noiseLeft([])) - 0.1);
    expect(usual).toBeLessThan(5.2);
    expect(strong).toBeLessThan(4.2);
    expect(full).toBeLessThan(3.4);
  });

  it('TEMPORAL takes more in its aggressive modes, and sharpening does not put the noise back', async () => {
    expect(await temporal(4, { aggressiveMode: 4 })).toBeLessThan(await temporal(4));
    for (const strength of [8, 16])
      expect(await temporal(strength, { postTemporalSharpening: 'AUTO' })).toBeLessThan(5.2);
  });

  it('bandwidthReductionFilter cleans by its strength', async () => {
    const cleaned = (strength: 'LOW' | 'MEDIUM' | 'HIGH') =>
      noiseLeft(stepsOf({}, { bandwidthReductionFilter: { strength } }));
    const [low, medium, high] = await Promise.all([cleaned('LOW'), cleaned('MEDIUM'), cleaned('HIGH')]);
    expect(low).toBeLessThan(5.3);
    expect(medium).toBeLessThan(low - 0.2);
    expect(high).toBeLessThan(medium - 0.2);
  });
});

describe('adaptive deinterlacer', () => {
  const fields = 'testsrc2=s=320x180:r=50:d=0.8,format=yuv420p,interlace=scan=tff:lowpass=off';
  const film = 'testsrc2=s=720x480:r=24:d=1,format=yuv420p,gblur=sigma=1.5';
  const combs = async (deinterlacer: Deinterlacer | null) => {
    const pictures = await picturesOf(fields, deinterlacer === null ? [] : stepsOf({ deinterlacer }));
    return pictures.reduce((sum, picture) => sum + combedSamples(picture), 0) / pictures.length;
  };

  it('leaves no combs on small things that move', async () => {
    expect(await combs(null)).toBeGreaterThan(300);
    expect(await combs({ mode: 'ADAPTIVE' })).toBeLessThan(20);
  });

  it('interpolates by the algorithm asked for', () => {
    const named = (algorithm: NonNullable<Deinterlacer['algorithm']>) =>
      stepsOf({ deinterlacer: { mode: 'ADAPTIVE', algorithm } }).at(-1)?.name;
    expect(named('INTERPOLATE')).toBe('bwdif');
    expect(named('INTERPOLATE_TICKER')).toBe('estdif');
    expect(named('LINEAR_INTERPOLATION')).toBe('yadif');
  });

  it('leaves the pictures of film as they were', async () => {
    const steps = stepsOf({ deinterlacer: { mode: 'ADAPTIVE' } });
    const [before, after] = [await picturesOf(film, []), await picturesOf(`${film},setfield=tff`, steps)];
    const changed = after.filter(({ luma }, at) => Buffer.compare(luma, before[at]?.luma ?? luma) !== 0);
    expect(after.length).toBe(before.length);
    expect(changed.length).toBe(0);
  });
});

/** Samples that stand out from the lines above and below them, which agree: the teeth of a comb. */
function combedSamples({ widthPx, heightPx, luma }: Picture): number {
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
