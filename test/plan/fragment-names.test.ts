/** Names of fragmented files (spec naming.md 5, 6; packaging.md 5). */
import { describe, expect, test } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { templateAddress } from '../../src/package/dash/segment-information.ts';
import { namesTime, segmentLocation } from '../../src/package/segment-location.ts';
import { fragmentNames } from '../../src/plan/fragment-names.ts';
import type { NameVariables } from '../../src/plan/naming.ts';
import { mayWrite, outputPlaceOf } from '../../src/worker/gateway-rights.ts';

const variables: NameVariables = {
  startTimeMs: Date.parse('2020-06-04T15:05:28Z'),
  firstInputName: 'film',
  widthPx: 640,
  heightPx: 480,
  frameRate: rational(25),
  videoBitrateBps: 5_000_000,
  audioBitrateBps: 96_000,
  extension: 'mpd',
};

const place = { base: 's3://o/x', extension: 'mp4', isSingleFile: false };

describe('identifiers of DASH', () => {
  test.each([
    ['_v', 's3://o/x_vinit.mp4', 's3://o/x_v_000000003.mp4'],
    ['_$h%04$', 's3://o/x_0480init.mp4', 's3://o/x_0480_000000003.mp4'],
    ['_seg$Number$', 's3://o/x_seginit.mp4', 's3://o/x_seg3.mp4'],
    ['_v$Number%05$', 's3://o/x_vinit.mp4', 's3://o/x_v00003.mp4'],
    ['_v$Number%012$', 's3://o/x_vinit.mp4', 's3://o/x_v000000000003.mp4'],
    ['_$Bandwidth$', 's3://o/x_5096000init.mp4', 's3://o/x_5096000_000000003.mp4'],
    ['_$Bandwidth%08$_', 's3://o/x_05096000_init.mp4', 's3://o/x_05096000__000000003.mp4'],
    ['_$Time$', 's3://o/x_init.mp4', 's3://o/x_345600.mp4'],
    ['_$Time%09$', 's3://o/x_init.mp4', 's3://o/x_000345600.mp4'],
    // Two dollar signs are one, and no identifier begins with it.
    ['_$$Number$$', 's3://o/x_$Number$init.mp4', 's3://o/x_$Number$_000000003.mp4'],
  ])('%s makes %s and %s', (modifier, initialization, third) => {
    const names = fragmentNames(modifier, variables, place);
    expect(names.initLocation).toBe(initialization);
    expect(segmentLocation.fragmented(names.segmentLocation, 3, 345_600n)).toBe(third);
  });

  test.each([
    ['s3://o/50%/x%05d', '_v', 's3://o/50%/x%05d_vinit.mp4', 's3://o/50%/x%05d_v_000000003.mp4'],
    ['s3://o/%01t/x', '_%05d%$Number%05$%', 's3://o/%01t/x_%05d%%init.mp4', 's3://o/%01t/x_%05d%00003%.mp4'],
    ['s3://o/x%%05t', '_$Time$', 's3://o/x%%05t_init.mp4', 's3://o/x%%05t_345600.mp4'],
  ])('%#: text that looks like a counter is kept', (base, modifier, initialization, third) => {
    const names = fragmentNames(modifier, variables, { ...place, base });
    expect(names.initLocation).toBe(initialization);
    expect(segmentLocation.fragmented(names.segmentLocation, 3, 345_600n)).toBe(third);
    expect(namesTime(names.segmentLocation)).toBe(modifier.includes('Time'));
    expect(mayWrite([outputPlaceOf(names.segmentLocation)], third)).toBe(true);
    const filled = templateAddress(names.segmentLocation, (location) => location)
      .replace(/\$Number%0(\d+)d\$/, (_, digits: string) => '3'.padStart(Number(digits), '0'))
      .replace('$Time$', '345600');
    expect(filled).toBe(third);
  });

  test('count nothing in a single file', () => {
    expect(fragmentNames('_v$Number%05$', variables, { ...place, isSingleFile: true })).toEqual({
      stem: 's3://o/x_v',
      initLocation: null,
      segmentLocation: 's3://o/x_v.mp4',
    });
  });
});
