/** Frame rates: followed, specified, converted (spec inputs.md 20, 21; video.md 3; rules V-04, V-05). */
import { describe, expect, test } from 'vitest';
import type { H264Settings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, h264Video, mp4Job, mustPlan, noticesOf, planOf } from './plan-fixtures.ts';

describe('frame rates', () => {
  const rated = (settings: Partial<H264Settings>, facts = hdFacts()) =>
    mustPlan(mp4Job(h264Video(settings)), facts);

  test.each([
    [rational(2997, 100), false, '30000/1001'],
    [rational(23976, 1000), false, '24000/1001'],
    [rational(25), false, '25/1'],
    [rational(25, 2), false, '25/2'],
    [rational(2971, 100), true, '30/1'],
    [rational(241, 10), true, '30/1'],
    [rational(9, 1), true, '10/1'],
    [rational(75, 1), true, '60/1'],
  ])(
    'a source of %j frames a second (variable: %s) is followed at %s',
    (frameRate, isVariableFrameRate, written) => {
      const plan = rated({}, hdFacts({ videoTracks: [videoTrack({ frameRate, isVariableFrameRate })] }));
      const followed = plan.videoRenditions[0]?.frameRate;
      expect(`${followed?.num}/${followed?.den}`).toBe(written);
      expect(plan.inputs[0]?.video?.sharedFilters).toEqual([
        { name: 'fps', options: { fps: written, round: 'near' } },
      ]);
    },
  );

  test('nothing to follow is refused (V-05)', () => {
    const facts = hdFacts({ videoTracks: [videoTrack({ frameRate: null })] });
    expect(errorsOf(planOf(mp4Job(h264Video()), facts))).toEqual([
      '1040 Frame rate is set to follow, but there is no frame rate information in the input stream info',
    ]);
  });

  test('one rate for all outputs is converted once, before the split', () => {
    const plan = rated({ framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 });
    expect(plan.inputs[0]?.video).toMatchObject({ frameRate: rational(25), frameCount: 1502 });
    expect(plan.videoRenditions[0]?.filters.map(({ name }) => name)).toEqual(['setsar', 'format']);
  });

  test('blending is done in the branch, from the rate of the source', () => {
    const plan = rated({
      framerateControl: 'SPECIFIED',
      framerateNumerator: 50,
      framerateDenominator: 1,
      framerateConversionAlgorithm: 'INTERPOLATE',
    });
    expect(plan.inputs[0]?.video?.frameRate).toEqual(rational(30000, 1001));
    expect(plan.videoRenditions[0]?.filters[0]).toMatchObject({
      name: 'framerate',
      options: { fps: '50/1' },
    });
  });

  test('numbers without SPECIFIED are without effect', () => {
    const { plan, findings } = planOf(mp4Job(h264Video({ framerateNumerator: 25, framerateDenominator: 1 })));
    expect(plan?.videoRenditions[0]?.frameRate).toEqual(rational(30000, 1001));
    expect(noticesOf(findings)).toHaveLength(2);
  });
});
