/** The deinterlacer: modes, algorithms, rates (spec video.md 3, 16; V-16 to V-19). */
import { describe, expect, test } from 'vitest';
import type { Deinterlacer, H264Settings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  filtersOf,
  h264Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';
import { at, interlaced, sourceAt } from './rate-fixtures.ts';

const deinterlaced = (deinterlacer: Deinterlacer, settings: Partial<H264Settings> = {}, facts = interlaced) =>
  onlyVideo(mustPlan(mp4Job(h264Video(settings, { videoPreprocessors: { deinterlacer } })), facts));

describe('deinterlacer', () => {
  test.each([
    [{ algorithm: 'INTERPOLATE' }, ['bwdif']],
    [{ algorithm: 'INTERPOLATE_TICKER' }, ['estdif']],
    [{ algorithm: 'LINEAR_INTERPOLATION' }, ['yadif']],
    [{ algorithm: 'BLEND' }, ['convolution', 'setfield']],
    [{ algorithm: 'BLEND_TICKER' }, ['estdif', 'tmix', 'framestep', 'setfield']],
    [{ mode: 'ADAPTIVE' }, ['fieldmatch', 'bwdif']],
  ] as const)('%o runs %j at the rate of the source', (settings, names) => {
    const { preparation } = deinterlaced(settings);
    expect(preparation?.steps.map(({ name }) => name)).toEqual(names);
    expect(preparation?.frameRate).toEqual(rational(30000, 1001));
  });

  test('NORMAL looks at what frames say of themselves, FORCE_ALL_FRAMES does not', () => {
    expect(deinterlaced({}).preparation?.steps[0]?.options.deint).toBe('interlaced');
    const forced = deinterlaced({ control: 'FORCE_ALL_FRAMES' }, {}, hdFacts());
    expect(forced.preparation?.steps[0]?.options.deint).toBe('all');
  });

  test('an output at the rate of the fields gets a picture of each', () => {
    const { preparation, filters } = deinterlaced({}, at(60000, 1001));
    expect(preparation?.steps[0]?.options.mode).toBe('send_field');
    expect(preparation?.frameRate).toEqual(rational(60000, 1001));
    expect(filters.map(({ name }) => name)).not.toContain('fps');
  });

  test('inverse telecine gives 23.976, and only that (V-19)', () => {
    const { preparation } = deinterlaced({ mode: 'INVERSE_TELECINE' }, at(24000, 1001));
    expect(preparation?.steps.map(({ name }) => name)).toEqual(['fieldmatch', 'bwdif', 'decimate']);
    expect(preparation?.frameRate).toEqual(rational(24000, 1001));
    const other = mp4Job(
      h264Video({}, { videoPreprocessors: { deinterlacer: { mode: 'INVERSE_TELECINE' } } }),
    );
    expect(errorsOf(planOf(other, interlaced))).toEqual([expect.stringContaining('24000/1001')]);
  });

  test.each([
    ['progressive film', hdFacts({ videoTracks: [videoTrack({ frameRate: rational(24000, 1001) })] }), null],
    [
      'fields at 25',
      hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first', frameRate: rational(25) })] }),
      ['fieldmatch', 'bwdif'],
    ],
    ['pictures at 29.97 that were telecined', sourceAt(30000, 1001), ['fieldmatch', 'bwdif', 'decimate']],
  ])('inverse telecine of %s leaves out repeated pictures where there are any', (_name, facts, names) => {
    const { preparation } = deinterlaced({ mode: 'INVERSE_TELECINE' }, at(24000, 1001), facts);
    expect(preparation?.steps.map(({ name }) => name) ?? null).toEqual(names);
  });

  test('progressive film says that inverse telecine does nothing', () => {
    const job = mp4Job(
      h264Video(at(24000, 1001), { videoPreprocessors: { deinterlacer: { mode: 'INVERSE_TELECINE' } } }),
    );
    expect(noticesOf(planOf(job, sourceAt(24000, 1001)).findings)).toContainEqual(
      expect.stringMatching(/^no-effect .*videoPreprocessors\/deinterlacer$/),
    );
  });

  test('pictures are cleaned before their rate is converted', () => {
    const plan = mustPlan(
      mp4Job(h264Video(at(25), { videoPreprocessors: { deinterlacer: {} } })),
      interlaced,
    );
    expect(plan.inputs[0]?.video?.frameRate).toEqual(rational(30000, 1001));
    expect(filtersOf(onlyVideo(plan))[0]).toMatch(/^fps fps=25\/1/);
  });

  test('renditions with the same cleaning say the same, so that it runs once', () => {
    const video = (width: number, height: number) =>
      h264Video({}, { width, height, videoPreprocessors: { deinterlacer: {} } });
    const outputs = [
      mp4Output(video(1280, 720), { nameModifier: '_a' }),
      mp4Output(video(640, 360), { nameModifier: '_b' }),
    ];
    const [first, second] = mustPlan(jobWith([fileGroup(outputs)]), interlaced).videoRenditions;
    expect(first?.preparation).toEqual(second?.preparation);
  });
});
