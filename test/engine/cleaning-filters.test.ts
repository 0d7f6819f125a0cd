/** Noise reducers and the adaptive deinterlacer, measured on pictures that are known: what is set must be seen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeClip } from '../../bench/engine-bench.ts';
import type { Deinterlacer, H264Settings, NoiseReducer } from '../../src/contract/types.generated.ts';
import { captureLibraryLog } from '../../src/engine/library-log.ts';
import { rational } from '../../src/exact-time.ts';
import type { FilterStep } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from '../plan/facts-fixtures.ts';
import { h264Video, mp4Job, mustPlan, onlyVideo } from '../plan/plan-fixtures.ts';
import { combedSamples, picturesOf } from './generated-pictures.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

captureLibraryLog();

const interlaced = hdFacts({
  videoTracks: [videoTrack({ scan: 'top-field-first', frameRate: rational(25) })],
});

function stepsOf(preprocessors: object, settings: Partial<H264Settings> = {}): readonly FilterStep[] {
  const video = h264Video(settings, { videoPreprocessors: preprocessors });
  return onlyVideo(mustPlan(mp4Job(video), interlaced)).preparation?.steps ?? [];
}

/** Filters over time have less to look at where the recording begins and ends. */
const middleOf = async (source: string, steps: readonly FilterStep[]) =>
  (await picturesOf(source, steps)).slice(3, -3);

const noise = 'color=c=gray:s=160x96:r=25:d=1,format=yuv420p,noise=c0s=20:c0f=t+u:all_seed=7';

/** A camera at night: noise of a deviation of about 11, and worse. */
const ofStrength = (strength: number) =>
  `color=c=gray:s=160x96:r=25:d=1,format=yuv420p,noise=c0s=${strength}:c0f=t:all_seed=7`;

/** Standard deviation of samples over time: the source has about 5.6. */
async function noiseLeft(steps: readonly FilterStep[], source = noise): Promise<number> {
  const pictures = await middleOf(source, steps);
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

  it.each([-1, 0, 1, 2, 3])('TEMPORAL of speed %i cleans strong noise as well', async (speed) => {
    const source = ofStrength(20);
    const none = await noiseLeft([], source);
    const shareOf = async (strength: number, settings: object = {}) => {
      const temporalFilterSettings = { strength, speed, postTemporalSharpening: 'DISABLED', ...settings };
      const steps = stepsOf({ noiseReducer: { filter: 'TEMPORAL', temporalFilterSettings } });
      return (await noiseLeft(steps, source)) / none;
    };
    expect(none).toBeGreaterThan(10);
    expect(await shareOf(4)).toBeLessThan(0.9);
    expect(await shareOf(8)).toBeLessThan(0.8);
    expect(await shareOf(16)).toBeLessThan(0.65);
    expect(await shareOf(8, { aggressiveMode: 4 })).toBeLessThan((await shareOf(8)) - 0.1);
  });

  it.each([12, 20, 30])(
    'TEMPORAL never leaves more noise than there was, sharpened by itself: %i',
    async (level) => {
      const source = ofStrength(level);
      const none = await noiseLeft([], source);
      for (const strength of [4, 8, 16])
        for (const postTemporalSharpeningStrength of ['LOW', 'MEDIUM', 'HIGH'] as const) {
          const temporalFilterSettings = { strength, postTemporalSharpeningStrength };
          const steps = stepsOf({ noiseReducer: { filter: 'TEMPORAL', temporalFilterSettings } });
          expect(await noiseLeft(steps, source)).toBeLessThan(0.98 * none);
        }
    },
  );

  it('TEMPORAL of more pictures takes more', async () => {
    const source = ofStrength(20);
    const left = (speed: number) => {
      const temporalFilterSettings = { strength: 16, speed, postTemporalSharpening: 'DISABLED' } as const;
      return noiseLeft(stepsOf({ noiseReducer: { filter: 'TEMPORAL', temporalFilterSettings } }), source);
    };
    const [best, usual, fast, faster] = await Promise.all([-1, 0, 1, 2].map((speed) => left(speed)));
    expect(best).toBeLessThan((usual ?? 0) - 0.2);
    expect(usual).toBeLessThan((fast ?? 0) - 0.2);
    expect(fast).toBeLessThan((faster ?? 0) - 0.2);
  });

  it.each(['BILATERAL', 'MEAN', 'GAUSSIAN', 'LANCZOS', 'CONSERVE'] as const)(
    '%s takes more the stronger it is, and nothing at 0',
    async (filter) => {
      const none = await noiseLeft([]);
      const levels = await Promise.all(
        [0, 1, 2, 3].map((strength) => left({ filter, filterSettings: { strength } })),
      );
      expect(levels[0]).toBe(none);
      for (const at of [1, 2, 3]) expect(levels[at]).toBeLessThan((levels[at - 1] ?? 0) - 0.2);
    },
  );

  it('BILATERAL and CONSERVE keep an edge as it is, SHARPEN raises it, the others soften it', async () => {
    const edge =
      "color=c=black:s=160x96:r=25:d=0.04,format=yuv420p,drawbox=x=80:w=80:h=96:color=0xb0b0b0:t=fill,lutyuv=y='val+40'";
    const step = async (filter: NonNullable<NoiseReducer['filter']>, strength: number) => {
      const [picture] = await picturesOf(
        edge,
        stepsOf({ noiseReducer: { filter, filterSettings: { strength } } }),
      );
      const [dark = 0, bright = 0] = [79, 80].map((x) => picture?.luma[48 * 160 + x] ?? 0);
      return bright - dark;
    };
    const plain = await step('MEAN', 0);
    for (const filter of ['BILATERAL', 'CONSERVE'] as const)
      expect(Math.abs((await step(filter, 3)) - plain)).toBeLessThan(4);
    expect(await step('SHARPEN', 1)).toBeGreaterThan(plain + 20);
    expect(await step('SHARPEN', 2)).toBeGreaterThan(await step('SHARPEN', 1));
    for (const filter of ['MEAN', 'GAUSSIAN', 'LANCZOS'] as const)
      expect(await step(filter, 3)).toBeLessThan(plain - 50);
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

describe('bits of a noisy source', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = openWorkshop();
    const source = 'testsrc2=s=320x180:r=25:d=1,noise=alls=12:allf=t:all_seed=5';
    await encodeClip(workshop.inputPath('noise.mp4'), source, 25);
  });
  afterAll(() => workshop.close());

  async function bitsOf(preprocessors: object, settings: Partial<H264Settings> = {}): Promise<number> {
    const quality = { rateControlMode: 'QVBR', maxBitrate: 20_000_000 } as const;
    const h264Settings = { ...quality, qualityTuningLevel: 'SINGLE_PASS', ...settings } as const;
    const video = {
      codecSettings: { codec: 'H_264', h264Settings },
      videoPreprocessors: preprocessors,
    } as const;
    const { output } = await runVideoJob(workshop, { key: 'noise.mp4', video });
    return output.video?.averageBitrateBps ?? 0;
  }

  it('are saved by bandwidthReductionFilter, the more the stronger it is', async () => {
    const filtered = (strength: 'LOW' | 'MEDIUM' | 'HIGH') =>
      bitsOf({}, { bandwidthReductionFilter: { strength } });
    const bits = [await bitsOf({}), await filtered('LOW'), await filtered('MEDIUM'), await filtered('HIGH')];
    for (const at of [1, 2, 3]) expect(bits[at]).toBeLessThan(0.98 * (bits[at - 1] ?? 0));
  });

  it.each(['SPATIAL', 'TEMPORAL'] as const)('are saved by the %s noise reducer', async (filter) => {
    const key = filter === 'SPATIAL' ? 'spatialFilterSettings' : 'temporalFilterSettings';
    const reduced = (strength: number) => bitsOf({ noiseReducer: { filter, [key]: { strength } } });
    const bits = [await bitsOf({}), await reduced(4), await reduced(16)];
    expect(bits[1]).toBeLessThan(0.95 * (bits[0] ?? 0));
    expect(bits[2]).toBeLessThan(0.7 * (bits[0] ?? 0));
  });
});

describe('adaptive deinterlacer', () => {
  const fields = 'testsrc2=s=320x180:r=50:d=0.8,format=yuv420p,interlace=scan=tff:lowpass=off';
  const film = 'testsrc2=s=720x480:r=24:d=1,format=yuv420p,gblur=sigma=1.5';
  const combs = async (deinterlacer: Deinterlacer | null) => {
    const pictures = await middleOf(fields, deinterlacer === null ? [] : stepsOf({ deinterlacer }));
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
    const [before, after] = [await middleOf(film, []), await middleOf(`${film},setfield=tff`, steps)];
    const changed = after.filter(({ luma }, at) => Buffer.compare(luma, before[at]?.luma ?? luma) !== 0);
    expect(after.length).toBe(before.length);
    expect(changed.length).toBe(0);
  });
});
