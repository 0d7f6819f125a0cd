/** Fragments against groups of pictures (spec packaging.md 3.1): what is added, what is rounded, what cannot be. */
import { describe, expect, test } from 'vitest';
import type { OutputGroup } from '../../src/contract/types.generated.ts';
import { errorsOf, h264Video, jobWith, mustPlan, noticesOf, planOf } from './plan-fixtures.ts';

const gopSize = '/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/gopSize';

function cmaf(settings: object, gop: object): OutputGroup {
  return {
    outputGroupSettings: {
      type: 'CMAF_GROUP_SETTINGS',
      cmafGroupSettings: { destination: 's3://out/vod/clip', segmentLength: 6, ...settings },
    },
    outputs: [
      { nameModifier: '_v', containerSettings: { container: 'CMFC' }, videoDescription: h264Video(gop) },
    ],
  };
}

/** 1.5 s at the source's 29.97 frames a second, which is no part of 2 s. */
const oddGop = { gopSize: 45, gopSizeUnits: 'FRAMES' } as const;

describe('fragments that are no multiple of a group of pictures', () => {
  test('begin with key frames that are added, and the job says so', () => {
    const { findings } = planOf(jobWith([cmaf({ fragmentLength: 2 }, oddGop)]));
    expect(noticesOf(findings)).toContain(`substituted ${gopSize}`);
  });

  test('cannot be where the job asks for them and adds no key frames', () => {
    const result = planOf(
      jobWith([cmaf({ fragmentLength: 2, segmentLengthControl: 'GOP_MULTIPLE' }, oddGop)]),
    );
    expect(errorsOf(result)).toEqual([
      expect.stringMatching(
        /^1040 .*fragments of 2 s are no multiple of a group of pictures of 1.502 s, and GOP_MULTIPLE adds no key frames/,
      ),
    ]);
  });

  test('of the default length last whole groups', () => {
    const result = planOf(jobWith([cmaf({ segmentLengthControl: 'GOP_MULTIPLE' }, oddGop)]));
    expect(errorsOf(result)).toEqual([]);
    expect(noticesOf(result.findings)).toContain(`substituted ${gopSize}`);
  });

  test('are rounded up in Smooth groups with GOP_MULTIPLE, and the job says so', () => {
    const { findings } = planOf(
      jobWith([
        {
          outputGroupSettings: {
            type: 'MS_SMOOTH_GROUP_SETTINGS',
            msSmoothGroupSettings: {
              destination: 's3://out/vod/clip',
              fragmentLength: 2,
              fragmentLengthControl: 'GOP_MULTIPLE',
            },
          },
          outputs: [{ containerSettings: { container: 'ISMV' }, videoDescription: h264Video(oddGop) }],
        },
      ]),
    );
    expect(noticesOf(findings)).toContain(
      'substituted /outputGroups/0/outputGroupSettings/msSmoothGroupSettings/fragmentLength',
    );
  });

  test('are none where they are a multiple, or the groups are automatic', () => {
    for (const gop of [{ gopSize: 1.5, gopSizeUnits: 'SECONDS' }, { gopSizeUnits: 'AUTO' }, {}])
      expect(noticesOf(planOf(jobWith([cmaf({ fragmentLength: 3 }, gop)])).findings)).toEqual([]);
  });
});

describe('pictures that keep the delay of their B-frames (MATCH_INITIAL_PTS)', () => {
  const ladder = (settings: object, ...blocks: readonly object[]): OutputGroup => ({
    ...cmaf({ ptsOffsetHandlingForBFrames: 'MATCH_INITIAL_PTS', ...settings }, {}),
    outputs: blocks.map((gop, index) => ({
      nameModifier: `_${index}`,
      containerSettings: { container: 'CMFC' },
      videoDescription: h264Video(gop),
    })),
  });
  const two = { numberBFramesBetweenReferenceFrames: 2, gopBReference: 'ENABLED' };

  test('begin at one time in all HLS playlists of a group', () => {
    expect(errorsOf(planOf(jobWith([ladder({}, two, { ...two, bitrate: 300_000 })])))).toEqual([]);
  });

  test.each([
    ['other B-frames', { ...two, gopBReference: 'DISABLED' }],
    ['no B-frames', { numberBFramesBetweenReferenceFrames: 0 }],
    [
      'another frame rate',
      { ...two, framerateControl: 'SPECIFIED', framerateNumerator: 15, framerateDenominator: 1 },
    ],
  ])('cannot where another output has %s', (_, other) => {
    expect(errorsOf(planOf(jobWith([ladder({}, two, other)])))).toEqual([
      expect.stringMatching(/^1040 .*pictures of the outputs would begin at different times/),
    ]);
    // An MPD tells the delay of each.
    expect(errorsOf(planOf(jobWith([ladder({ writeHlsManifest: 'DISABLED' }, two, other)])))).toEqual([]);
  });
});

test('segments of fragmented MP4 are held until they are stored: the estimate counts two of each output', () => {
  const memory = (segmentLength: number) =>
    mustPlan(jobWith([cmaf({ segmentLength }, {})])).estimate.memoryBytes;
  // The peak of 2 Mbit/s is twice as much; the film lasts longer than 8 s.
  expect(memory(8) - memory(4)).toBe((2 * 4 * 4_000_000) / 8);
});
