/** One encode, many packages (design D9): which groups share the pictures of one encode, and which cannot. */
import { describe, expect, test } from 'vitest';
import type { Output, OutputGroup, VideoDescription } from '../../src/contract/types.generated.ts';
import { createKeyFrameSchedule } from '../../src/engine/tick-clock.ts';
import { type Rational, rational, rationalToNumber } from '../../src/exact-time.ts';
import type { Gop } from '../../src/plan/gop.ts';
import { commonPeriod, sharedGop } from '../../src/plan/shared-gop.ts';
import {
  fileGroup,
  h264Video,
  hlsGroup,
  jobWith,
  mp4Output,
  mustPlan,
  noticesOf,
  planOf,
} from './plan-fixtures.ts';

const twoSeconds = { gopSize: 2, gopSizeUnits: 'SECONDS', sceneChangeDetect: 'DISABLED' } as const;
const atRate = (num: number, den = 1) =>
  ({ framerateControl: 'SPECIFIED', framerateNumerator: num, framerateDenominator: den }) as const;

/** A picture that all groups ask for, in their own container. */
function output(video: VideoDescription, container: 'M3U8' | 'CMFC' | 'MPD' | 'ISMV' | 'M2TS'): Output {
  return { nameModifier: '_v', containerSettings: { container }, videoDescription: video };
}

const hls = (video: VideoDescription, settings: object = {}): OutputGroup =>
  hlsGroup([output(video, 'M3U8')], settings);

function cmaf(video: VideoDescription, settings: object = {}): OutputGroup {
  const cmafGroupSettings = { destination: 's3://out/cmaf/main', ...settings };
  return {
    outputGroupSettings: { type: 'CMAF_GROUP_SETTINGS', cmafGroupSettings },
    outputs: [output(video, 'CMFC')],
  };
}

function dash(video: VideoDescription, settings: object = {}): OutputGroup {
  const dashIsoGroupSettings = { destination: 's3://out/dash/main', ...settings };
  return {
    outputGroupSettings: { type: 'DASH_ISO_GROUP_SETTINGS', dashIsoGroupSettings },
    outputs: [output(video, 'MPD')],
  };
}

function smooth(video: VideoDescription, settings: object = {}): OutputGroup {
  const msSmoothGroupSettings = { destination: 's3://out/smooth/main', ...settings };
  return {
    outputGroupSettings: { type: 'MS_SMOOTH_GROUP_SETTINGS', msSmoothGroupSettings },
    outputs: [output(video, 'ISMV')],
  };
}

/** Forced periods of the encodes, in seconds; null: none are forced. */
function encodesOf(groups: readonly OutputGroup[]): readonly (number | null)[] {
  return mustPlan(jobWith(groups)).videoRenditions.map(({ forcedKeyFrameSeconds: seconds }) =>
    seconds === null ? null : rationalToNumber(seconds),
  );
}

describe('one encode', () => {
  const exact = h264Video({ ...twoSeconds, ...atRate(25) });
  const ntsc = h264Video({ ...twoSeconds, ...atRate(30000, 1001) });

  test.each([
    ['25', exact],
    ['29.97', ntsc],
  ])('serves HLS of 6 s, DASH of 4 s and CMAF of 10 s at %s frames a second', (_, video) => {
    const plan = mustPlan(
      jobWith([
        hls(video, { segmentLength: 6 }),
        dash(video, { segmentLength: 4, fragmentLength: 2 }),
        cmaf(video, { segmentLength: 10, fragmentLength: 2 }),
        smooth(video, { fragmentLength: 2 }),
      ]),
    );
    expect(plan.videoRenditions.map(({ forcedKeyFrameSeconds }) => forcedKeyFrameSeconds)).toEqual([
      rational(2),
    ]);
    const ids = plan.outputGroups.map(({ outputs: [first] }) => first?.videoRenditionId);
    expect(new Set(ids)).toEqual(new Set(['video-1']));
  });

  test('has as few key frames forced as its groups need', () => {
    expect(
      encodesOf([hls(exact, { segmentLength: 6 }), cmaf(exact, { segmentLength: 12, fragmentLength: 12 })]),
    ).toEqual([6]);
  });

  test('serves a file beside the segments where key frames fall on its groups', () => {
    const file = fileGroup([mp4Output(exact)]);
    expect(encodesOf([file, hls(exact, { segmentLength: 6 })])).toEqual([6]);
    expect(encodesOf([hls(exact, { segmentLength: 6 }), file])).toEqual([6]);
  });

  test('serves a transport stream with marks', () => {
    const marked: Output = {
      ...output(exact, 'M2TS'),
      containerSettings: {
        container: 'M2TS',
        m2tsSettings: { segmentationMarkers: 'RAI_SEGSTART', segmentationTime: 4 },
      },
    };
    expect(encodesOf([hls(exact, { segmentLength: 6 }), fileGroup([marked])])).toEqual([2]);
  });

  test('has automatic groups of pictures that fit all segments', () => {
    const automatic = h264Video(atRate(25));
    const plan = mustPlan(
      jobWith([
        hls(automatic, { segmentLength: 5 }),
        dash(automatic, { segmentLength: 4, fragmentLength: 2 }),
      ]),
    );
    expect(plan.videoRenditions).toMatchObject([
      { forcedKeyFrameSeconds: rational(1), encoder: { gopSizeFrames: 25 } },
    ]);
  });

  test('of automatic groups leaves those of other pictures as they are', () => {
    const plan = mustPlan(
      jobWith([
        hls(h264Video({}, { width: 640, height: 360 }), { segmentLength: 5 }),
        dash(h264Video(), { segmentLength: 4, fragmentLength: 2 }),
      ]),
    );
    expect(plan.videoRenditions.map(({ encoder }) => encoder.gopSizeFrames)).toEqual([50, 60]);
  });
});

describe('two encodes', () => {
  const second = '/outputGroups/1/outputs/0/videoDescription';
  const apart = (groups: readonly OutputGroup[]) => {
    const { plan, findings } = planOf(jobWith(groups));
    return { count: plan?.videoRenditions.length, notices: noticesOf(findings) };
  };

  test('are made where key frames of one would cut the groups of the other, and the job says so', () => {
    // 3 s groups: a key frame every 2 s would leave none of them whole.
    const video = h264Video({ ...twoSeconds, gopSize: 3, ...atRate(25) });
    const groups = [hls(video, { segmentLength: 6 }), dash(video, { segmentLength: 4, fragmentLength: 2 })];
    expect(apart(groups)).toEqual({
      count: 2,
      notices: expect.arrayContaining([`encoded-again ${second}`]),
    });
    const { findings } = planOf(jobWith(groups));
    expect(findings.map(({ message }) => message)).toContain(
      'the pictures of /outputGroups/0/outputs/0/videoDescription are encoded a second time: key frames are forced ' +
        'every 2 s here, key frames are forced every 6 s there, and one encode with both would change the groups of pictures',
    );
  });

  test.each([
    ['open groups', { gopClosedCadence: 3 }, {}],
    ['a least distance of key frames', { minIInterval: 12 }, {}],
    ['whole groups at 29.97', atRate(30000, 1001), { segmentLengthControl: 'GOP_MULTIPLE' }],
  ])('are made for %s', (_, settings, groupSettings) => {
    const video = h264Video({ ...twoSeconds, ...atRate(25), ...settings });
    const groups = [
      hls(video, { segmentLength: 6, ...groupSettings }),
      dash(video, { segmentLength: 4, fragmentLength: 2 }),
    ];
    expect(apart(groups)).toEqual({
      count: 2,
      notices: expect.arrayContaining([`encoded-again ${second}`]),
    });
  });

  test('are made for a file that counts its groups in frames, and segments that are no whole number of frames', () => {
    const video = h264Video({ gopSize: 60, gopSizeUnits: 'FRAMES', ...atRate(30000, 1001) });
    expect(encodesOf([fileGroup([mp4Output(video)]), hls(video)])).toEqual([null, 6]);
  });
});

/** Where key frames stand: where they are forced, and where a group is full. */
function keyFramesOf(
  { frames, forcedKeyFrameSeconds }: Gop,
  rate: Rational,
  count: number,
): readonly number[] {
  const isForced = createKeyFrameSchedule(forcedKeyFrameSeconds ?? rational(3600), rate);
  const keys: number[] = [];
  for (let tick = 0; tick < count; tick += 1)
    if (isForced(BigInt(tick)) || tick - (keys.at(-1) ?? 0) >= frames) keys.push(tick);
  return keys;
}

/** Lengths of the groups. */
function distances(keys: readonly number[]): readonly number[] {
  return keys.slice(1).map((key, index) => key - (keys[index] ?? 0));
}

/** The first key frame at or after each multiple of the length. */
function cutsOf(keys: readonly number[], length: Rational, rate: Rational): readonly number[] {
  const step = rationalToNumber(length) * rationalToNumber(rate);
  const cuts = new Set<number>();
  for (let at = 0; at <= (keys.at(-1) ?? 0); at += step) {
    const key = keys.find((tick) => tick >= at - 1e-6);
    if (key !== undefined) cuts.add(key);
  }
  return [...cuts];
}

describe('sharing', () => {
  const rates = [
    rational(24000, 1001),
    rational(24),
    rational(25),
    rational(30000, 1001),
    rational(50),
    rational(60000, 1001),
  ];
  const lengths = [1, 2, 4, 5, 6, 9, 10, 30].map((seconds) => rational(seconds));
  const gops = [1, 1.5, 2, 3];
  const gopOf = (rate: Rational, seconds: number, forced: Rational): Gop => ({
    frames: Math.round(seconds * rationalToNumber(rate)),
    isOpen: false,
    forcedKeyFrameSeconds: forced,
    segmentSeconds: forced,
    minKeyInterval: null,
    isExactLength: false,
  });

  test('moves no cut and makes no group of pictures shorter than there was one', () => {
    let sharedPairs = 0;
    for (const rate of rates)
      for (const seconds of gops)
        for (const a of lengths)
          for (const b of lengths) {
            const alone = gopOf(rate, seconds, a);
            const shared = sharedGop(alone, gopOf(rate, seconds, b), rate);
            if (shared === null) continue;
            sharedPairs += 1;
            const count = Math.ceil(95 * rationalToNumber(rate));
            const keys = keyFramesOf(shared, rate, count);
            const before = keyFramesOf(alone, rate, count);
            expect(cutsOf(keys, a, rate)).toEqual(cutsOf(before, a, rate));
            if (rationalToNumber(a) === rationalToNumber(b)) continue;
            const sizes = distances(keys);
            const other = keyFramesOf(gopOf(rate, seconds, b), rate, count);
            expect(Math.min(...sizes)).toBeGreaterThanOrEqual(
              Math.min(...distances(before), ...distances(other)),
            );
            expect(Math.max(...sizes)).toBeLessThanOrEqual(alone.frames);
            // No more key frames than before, but for the ones that frames left over have made.
            expect(Math.abs(keys.length - before.length)).toBeLessThanOrEqual(1);
          }
    expect(sharedPairs).toBeGreaterThan(400);
  });

  test('takes the longest period that divides all', () => {
    expect(commonPeriod([rational(6), rational(4), rational(10)])).toEqual(rational(2));
    expect(commonPeriod([rational(224, 25), rational(32, 25)])).toEqual(rational(32, 25));
    expect(commonPeriod([])).toBeNull();
  });
});
