/** `respondToAfd` RESPOND: what an output shows of a picture, by its code and the output's shape (spec video.md 2). */
import { describe, expect, test } from 'vitest';
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  filtersOf,
  h264Video,
  jobWith,
  mp4Job,
  mustPlan,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

const coded = (activeFormat: number | undefined, changes: object = {}) =>
  hdFacts({
    videoTracks: [videoTrack({ ...(activeFormat === undefined ? {} : { activeFormat }), ...changes })],
  });

const respond = (changes: Partial<VideoDescription> = {}) =>
  mp4Job(h264Video({}, { respondToAfd: 'RESPOND', ...changes }));

describe('a 1920×1080 picture', () => {
  test.each([
    ['4:3 in the middle, for a 4:3 output', 9, { width: 640, height: 480 }, 'crop w=1440 h=1080 x=240 y=0'],
    ['4:3 in the middle, for a 16:9 output', 9, { width: 640, height: 360 }, 'crop w=1440 h=1080 x=240 y=0'],
    [
      '16:9 with a 4:3 centre, for a 4:3 output',
      15,
      { width: 640, height: 480 },
      'crop w=1440 h=1080 x=240 y=0',
    ],
    [
      '16:9 with a 14:9 centre, for a 4:3 output',
      14,
      { width: 640, height: 480 },
      'crop w=1680 h=1080 x=120 y=0',
    ],
    ['16:9 with a 4:3 centre, for a 16:9 output', 15, { width: 640, height: 360 }, null],
    ['14:9, for a 16:9 output', 11, { width: 640, height: 360 }, 'crop w=1680 h=1080 x=120 y=0'],
  ] as const)('%s', (_name, code, size, crop) => {
    const filters = filtersOf(onlyVideo(mustPlan(respond(size), coded(code))));
    expect(filters.find((step) => step.startsWith('crop')) ?? null).toBe(crop);
  });

  test('an output without a size keeps the frame and fills it with the active part and bars', () => {
    const video = onlyVideo(mustPlan(respond(), coded(9)));
    expect([video.widthPx, video.heightPx]).toEqual([1920, 1080]);
    expect(filtersOf(video).some((step) => step.startsWith('pad w=1920 h=1080 x=240'))).toBe(true);
  });

  test('a letterbox at the top of a 4:3 frame is cut there', () => {
    const facts = coded(2, { widthPx: 720, heightPx: 576, sampleAspectRatio: rational(16, 15) });
    expect(filtersOf(onlyVideo(mustPlan(respond({ width: 640, height: 360 }), facts)))).toContain(
      'crop w=720 h=432 x=0 y=0',
    );
  });
});

test('the answer is a full frame, and is signalled as one', () => {
  const { streamData } = onlyVideo(mustPlan(respond({ afdSignaling: 'AUTO' }), coded(9)));
  expect(streamData?.activeFormat).toBe(8);
});

test.each([
  ['no description', undefined],
  ['a full frame', 8],
] as const)('%s changes nothing, and says so', (_name, code) => {
  const result = planOf(respond(), coded(code));
  expect(filtersOf(onlyVideo(mustPlan(respond(), coded(code)))).some((step) => step.startsWith('crop'))).toBe(
    false,
  );
  expect(noticesOf(result.findings)).toEqual([expect.stringMatching(/^no-effect .*respondToAfd$/)]);
});

test('a crop of the job goes before the description', () => {
  const crop = { x: 0, y: 0, width: 960, height: 1080 };
  expect(filtersOf(onlyVideo(mustPlan(respond({ crop }), coded(9))))).toContain('crop w=960 h=1080 x=0 y=0');
  const job = jobWith(respond().outputGroups ?? [], { inputs: [{ fileInput: 's3://in/film.mp4', crop }] });
  expect(noticesOf(planOf(job, coded(9)).findings)).toContain(
    'no-effect /outputGroups/0/outputs/0/videoDescription/respondToAfd',
  );
});
