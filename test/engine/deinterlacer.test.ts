/** Every mode and algorithm of the deinterlacer on pictures that are known: fields, film, and pictures in one piece. */
import { describe, expect, it } from 'vitest';
import type { DeinterlaceAlgorithm, Deinterlacer } from '../../src/contract/types.generated.ts';
import { captureLibraryLog } from '../../src/engine/library-log.ts';
import { rational } from '../../src/exact-time.ts';
import type { FilterStep } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from '../plan/facts-fixtures.ts';
import { h264Video, mp4Job, onlyVideo, planOf } from '../plan/plan-fixtures.ts';
import { combedSamples, type GeneratedPicture, picturesOf } from './generated-pictures.ts';

captureLibraryLog();

const algorithms = [
  'INTERPOLATE',
  'INTERPOLATE_TICKER',
  'LINEAR_INTERPOLATION',
  'BLEND',
  'BLEND_TICKER',
] as const;
const size = 's=320x180';
/** Fifty moments a second in twenty-five pictures; the top field is the earlier one. */
const fields = `testsrc2=${size}:r=50:d=0.8,format=yuv420p,interlace=scan=tff:lowpass=off`;
const moments = `testsrc2=${size}:r=50:d=0.8,format=yuv420p`;
const whole = `testsrc2=${size}:r=25:d=0.8,format=yuv420p,setfield=prog`;

function planSteps(
  deinterlacer: Deinterlacer,
  rates: { readonly source?: readonly [number, number]; readonly output?: readonly [number, number] } = {},
): { readonly steps: readonly FilterStep[]; readonly notices: readonly string[] } {
  const [num, den] = rates.source ?? [25, 1];
  const facts = hdFacts({
    videoTracks: [videoTrack({ scan: 'top-field-first', frameRate: rational(num, den) })],
  });
  const output =
    rates.output === undefined
      ? {}
      : {
          framerateControl: 'SPECIFIED' as const,
          framerateNumerator: rates.output[0],
          framerateDenominator: rates.output[1],
        };
  const video = h264Video(output, { videoPreprocessors: { deinterlacer } });
  const { plan, findings } = planOf(mp4Job(video), facts);
  if (plan === null) throw new Error(findings.map(({ message }) => message).join('\n'));
  return {
    steps: onlyVideo(plan).preparation?.steps ?? [],
    notices: findings.flatMap(({ severity, pointer }) => (severity === 'notice' ? [pointer] : [])),
  };
}

const combs = (pictures: readonly GeneratedPicture[]): number =>
  pictures.reduce((sum, picture) => sum + combedSamples(picture), 0) / pictures.length;

const isEqual = (one: GeneratedPicture | undefined, other: GeneratedPicture | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one.luma, other.luma) === 0;

/** Mean difference of luma. */
function distance(one: GeneratedPicture, other: GeneratedPicture | undefined): number {
  let sum = 0;
  for (const [at, value] of one.luma.entries()) sum += Math.abs(value - (other?.luma[at] ?? 0));
  return sum / one.luma.length;
}

describe.each(algorithms)('DEINTERLACE by %s', (algorithm: DeinterlaceAlgorithm) => {
  it('makes a whole picture of each two fields, without combs', async () => {
    const { steps } = planSteps({ mode: 'DEINTERLACE', algorithm });
    const before = await picturesOf(fields, []);
    const after = await picturesOf(fields, steps);
    expect(after).toHaveLength(before.length);
    expect(combs(before)).toBeGreaterThan(300);
    expect(combs(after)).toBeLessThan(40);
    expect(after.some(({ isInterlaced }) => isInterlaced)).toBe(false);
  });

  it('leaves pictures in one piece as they are, unless all are forced', async () => {
    const before = await picturesOf(whole, []);
    const { steps, notices } = planSteps({ mode: 'DEINTERLACE', algorithm });
    const after = await picturesOf(whole, steps);
    expect(after).toHaveLength(before.length);
    const isBlended = algorithm.startsWith('BLEND');
    expect(after.filter((picture, at) => isEqual(picture, before[at]))).toHaveLength(
      isBlended ? 0 : before.length,
    );
    // Where they are not left alone, the job is told so.
    expect(notices.some((pointer) => pointer.endsWith('/algorithm'))).toBe(isBlended);
    const forced = planSteps({ mode: 'DEINTERLACE', algorithm, control: 'FORCE_ALL_FRAMES' });
    expect((await picturesOf(whole, forced.steps)).some((one, at) => isEqual(one, before[at]))).toBe(false);
  });
});

it.each(['INTERPOLATE', 'INTERPOLATE_TICKER', 'LINEAR_INTERPOLATION'] as const)(
  '%s gives both moments of a picture where the output has room for them',
  async (algorithm) => {
    const { steps } = planSteps({ algorithm }, { output: [50, 1] });
    const [after, true50] = [await picturesOf(fields, steps), await picturesOf(moments, [])];
    expect(after).toHaveLength(true50.length);
    for (const [at, picture] of after.entries()) {
      const own = distance(picture, true50[at]);
      expect(own).toBeLessThan(8);
      if (at > 0) expect(own).toBeLessThan(distance(picture, true50[at - 1]));
    }
  },
);

it('the algorithms differ in what they make', async () => {
  const pictures = await Promise.all(
    algorithms.map(async (algorithm) => (await picturesOf(fields, planSteps({ algorithm }).steps))[8]),
  );
  for (const [at, one] of pictures.entries())
    for (const other of pictures.slice(at + 1)) expect(isEqual(one, other)).toBe(false);
});

it('blending shows both moments in one picture, interpolating the first', async () => {
  const true50 = await picturesOf(moments, []);
  const first = (at: number): GeneratedPicture | undefined => true50[2 * at];
  const second = (at: number): GeneratedPicture | undefined => true50[2 * at + 1];
  const lean = async (algorithm: DeinterlaceAlgorithm): Promise<number> => {
    const [picture] = (await picturesOf(fields, planSteps({ algorithm }).steps)).slice(8);
    if (picture === undefined) throw new Error('no picture');
    return distance(picture, second(8)) - distance(picture, first(8));
  };
  expect(await lean('INTERPOLATE')).toBeGreaterThan(1);
  expect(Math.abs(await lean('BLEND'))).toBeLessThan(0.5 * (await lean('INTERPOLATE')));
});

it('INVERSE_TELECINE gives the pictures of film back, and as many', async () => {
  const film = `testsrc2=${size}:r=24000/1001:d=1.01,format=yuv420p,gblur=sigma=1.5`;
  const { steps } = planSteps(
    { mode: 'INVERSE_TELECINE' },
    { source: [30_000, 1001], output: [24_000, 1001] },
  );
  const before = await picturesOf(film, []);
  const after = await picturesOf(`${film},telecine=first_field=top:pattern=23,setfield=tff`, steps);
  expect(Math.abs(after.length - before.length)).toBeLessThanOrEqual(1);
  const kept = after.filter((picture) => before.some((one) => isEqual(one, picture)));
  expect(kept.length).toBeGreaterThanOrEqual(after.length - 2);
});
