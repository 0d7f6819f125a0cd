/** Scaling behaviours, sizes and pixel shapes (spec video.md 1–3, inputs.md 11). */
import { describe, expect, test } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { planGeometry } from '../../src/plan/geometry.ts';
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
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

const square = rational(1);

function describeGeometry(
  source: string,
  output: string,
  behavior: 'DEFAULT' | 'STRETCH_TO_OUTPUT' | 'FIT' | 'FIT_NO_UPSCALE' | 'FILL',
) {
  const [sourceWidth = 0, sourceHeight = 0] = source.split('x').map(Number);
  const [widthPx, heightPx] = output.split('x').map(Number);
  const geometry = planGeometry({
    source: { widthPx: sourceWidth, heightPx: sourceHeight },
    sourceSampleAspect: square,
    outputSampleAspect: square,
    widthPx,
    heightPx,
    behavior,
    position: null,
    sharpness: 50,
  });
  const steps = geometry.filters.map(
    ({ name, options }) =>
      `${name} ${options.w}x${options.h}${options.x ? `+${options.x}+${options.y}` : ''}`,
  );
  return [`${geometry.widthPx}x${geometry.heightPx}`, ...steps].join(', ');
}

describe('scaling behaviours: the table of the specification', () => {
  test.each([
    ['1280x720', '640x480', 'DEFAULT', '640x480, scale 640x360, pad 640x480+0+60'],
    ['200x200', '300x400', 'DEFAULT', '300x400, scale 300x300, pad 300x400+0+50'],
    ['400x400', '200x300', 'DEFAULT', '200x300, scale 200x200, pad 200x300+0+50'],
    ['1280x720', '640x480', 'STRETCH_TO_OUTPUT', '640x480, scale 640x480'],
    ['200x200', '300x400', 'STRETCH_TO_OUTPUT', '300x400, scale 300x400'],
    ['1280x720', '640x480', 'FIT', '640x360, scale 640x360'],
    ['200x200', '300x400', 'FIT', '300x300, scale 300x300'],
    ['400x400', '200x300', 'FIT', '200x200, scale 200x200'],
    ['1280x720', '640x480', 'FIT_NO_UPSCALE', '640x360, scale 640x360'],
    ['200x200', '300x400', 'FIT_NO_UPSCALE', '200x200'],
    ['400x400', '200x300', 'FIT_NO_UPSCALE', '200x200, scale 200x200'],
    ['1280x720', '640x480', 'FILL', '640x480, scale 854x480, crop 640x480+106+0'],
    ['200x200', '300x400', 'FILL', '300x400, scale 400x400, crop 300x400+50+0'],
    ['400x400', '200x300', 'FILL', '200x300, scale 300x300, crop 200x300+50+0'],
  ] as const)('%s to %s, %s: %s', (source, output, behavior, result) => {
    expect(describeGeometry(source, output, behavior)).toBe(result);
  });

  test('a picture of the right size is left alone', () => {
    expect(describeGeometry('1280x720', '1280x720', 'DEFAULT')).toBe('1280x720');
  });
});

test('one side keeps the shape, and an odd side that follows is refused with both numbers', () => {
  const facts = hdFacts({ videoTracks: [videoTrack({ widthPx: 1080, heightPx: 1956 })] });
  const result = planOf(mp4Job(h264Video({}, { width: 640 })), facts);
  expect(errorsOf(result)).toEqual([
    '1040 Invalid resolution [640 x 1159], only even values are supported. video_description [1].',
  ]);
});

test('an odd size followed from the source provokes 1040', () => {
  const facts = hdFacts({ videoTracks: [videoTrack({ widthPx: 912, heightPx: 513 })] });
  expect(errorsOf(planOf(mp4Job(h264Video()), facts))).toEqual([
    '1040 Invalid resolution [912 x 513], only even values are supported. video_description [1].',
  ]);
});

test('messages number the video outputs through the job', () => {
  const facts = hdFacts({ videoTracks: [videoTrack({ widthPx: 912, heightPx: 513 })] });
  const sized = mp4Output(h264Video({}, { width: 640, height: 360 }), { nameModifier: '_a' });
  const result = planOf(jobWith([fileGroup([sized, mp4Output(h264Video(), { nameModifier: '_b' })])]), facts);
  expect(errorsOf(result)).toEqual([expect.stringContaining('video_description [2]')]);
});

test('a position outside the output is refused with the rectangle', () => {
  const position = { x: 100, y: 0, width: 1280, height: 720 };
  const result = planOf(mp4Job(h264Video({}, { width: 1280, height: 720, position })));
  expect(errorsOf(result)).toEqual([
    '1040 Position rectangle [1280,720,100,0] lies outside output resolution [1280x720] for video_description [1].',
  ]);
});

test('a position of the input that lies outside is told where the input gives it', () => {
  const job = mp4Job(h264Video({}, { width: 320, height: 180 }));
  const inputs = (job.inputs ?? []).map((input) => ({
    ...input,
    position: { x: 200, y: 0, width: 160, height: 90 },
  }));
  const { findings } = planOf({ ...job, inputs });
  expect(findings.filter(({ severity }) => severity === 'error').map(({ pointer }) => pointer)).toEqual([
    '/inputs/0/position',
  ]);
});

test('a position puts the scaled picture on black', () => {
  const position = { x: 320, y: 180, width: 640, height: 360 };
  const video = onlyVideo(mustPlan(mp4Job(h264Video({}, { width: 1280, height: 720, position }))));
  expect(filtersOf(video).slice(0, 2)).toEqual([
    'scale w=640 h=360 flags=lanczos param0=3',
    'pad w=1280 h=720 x=320 y=180 color=black',
  ]);
});

test('scaling behaviours other than DEFAULT win over the position of the output', () => {
  const position = { x: 0, y: 0, width: 64, height: 36 };
  const { plan, findings } = planOf(
    mp4Job(h264Video({}, { width: 1280, height: 720, scalingBehavior: 'FILL', position })),
  );
  expect(plan?.videoRenditions[0]?.filters[0]?.options).toMatchObject({ w: '1280', h: '720' });
  expect(findings).toEqual([
    expect.objectContaining({ reason: 'no-effect', pointer: expect.stringMatching(/position$/) }),
  ]);
});

test('the position of the input wins over scaling behaviour and output position', () => {
  const job = mp4Job(h264Video({}, { width: 1280, height: 720, scalingBehavior: 'FILL' }));
  const inputs =
    job.inputs?.map((input) => ({ ...input, position: { x: 0, y: 0, width: 640, height: 720 } })) ?? [];
  const video = onlyVideo(mustPlan({ ...job, inputs }));
  expect(filtersOf(video).slice(0, 2)).toEqual([
    'scale w=640 h=720 flags=lanczos param0=3',
    'pad w=1280 h=720 x=0 y=0 color=black',
  ]);
});

test('a crop is cut before scaling, and a crop outside the picture is refused', () => {
  const inside = { x: 240, y: 0, width: 1440, height: 1080 };
  const video = onlyVideo(mustPlan(mp4Job(h264Video({}, { width: 720, height: 540, crop: inside }))));
  expect(filtersOf(video).slice(0, 2)).toEqual([
    'crop w=1440 h=1080 x=240 y=0',
    'scale w=720 h=540 flags=lanczos param0=3',
  ]);
  const outside = planOf(mp4Job(h264Video({}, { width: 720, height: 540, crop: { ...inside, x: 600 } })));
  expect(errorsOf(outside)).toEqual([
    '1040 Crop rectangle [1440,1080,600,0] lies outside input resolution [1920x1080] for input [1].',
  ]);
});

test('pixels that are not square keep their shape, and the picture its own when another is asked for', () => {
  const anamorphic = hdFacts({
    videoTracks: [videoTrack({ widthPx: 1440, sampleAspectRatio: rational(4, 3) })],
  });
  expect(onlyVideo(mustPlan(mp4Job(h264Video()), anamorphic)).sampleAspectRatio).toEqual(rational(4, 3));
  const squared = h264Video(
    { parControl: 'SPECIFIED', parNumerator: 1, parDenominator: 1 },
    { width: 1280, height: 720 },
  );
  const video = onlyVideo(mustPlan(mp4Job(squared), anamorphic));
  expect(filtersOf(video)).toEqual([
    'scale w=1280 h=720 flags=lanczos param0=3',
    'setsar sar=1/1 max=1000000',
    'format pix_fmts=yuv420p',
  ]);
});

test.each([
  [0, '2'],
  [33, '2'],
  [50, '3'],
  [67, '4'],
  [100, '4'],
])('sharpness %d scales with %s lobes', (sharpness, lobes) => {
  const video = onlyVideo(mustPlan(mp4Job(h264Video({}, { width: 640, height: 360, sharpness }))));
  expect(video.filters[0]?.options.param0).toBe(lobes);
});

describe('rotation', () => {
  const rotated = (
    rotate: 'AUTO' | 'DEGREES_90' | 'DEGREES_180' | 'DEGREES_270' | 'DEGREE_0',
    facts = hdFacts(),
  ) => {
    const job = mp4Job(h264Video());
    return planOf(
      { ...job, inputs: job.inputs?.map((input) => ({ ...input, videoSelector: { rotate } })) },
      facts,
    );
  };

  test.each([
    ['DEGREES_90', ['transpose'], '1080x1920'],
    ['DEGREES_180', ['hflip', 'vflip'], '1920x1080'],
    ['DEGREES_270', ['transpose'], '1080x1920'],
    ['DEGREE_0', [], '1920x1080'],
  ] as const)('%s turns once for all outputs', (rotate, names, size) => {
    const { plan } = rotated(rotate);
    expect(plan?.inputs[0]?.video?.sharedFilters.map(({ name }) => name)).toEqual([...names, 'fps']);
    const video = plan?.videoRenditions[0];
    expect(`${video?.widthPx}x${video?.heightPx}`).toBe(size);
  });

  test('AUTO follows the display matrix of MP4 and MOV only', () => {
    const turned = { videoTracks: [videoTrack({ rotationDegrees: 90 })] };
    expect(rotated('AUTO', hdFacts(turned)).plan?.videoRenditions[0]?.widthPx).toBe(1080);
    expect(
      rotated('AUTO', hdFacts({ ...turned, container: 'matroska' })).plan?.videoRenditions[0]?.widthPx,
    ).toBe(1920);
    expect(mustPlan(mp4Job(h264Video()), hdFacts(turned)).videoRenditions[0]?.widthPx).toBe(1920);
  });

  test('interlaced or 4:4:4 video is not rotated', () => {
    expect(
      errorsOf(rotated('DEGREES_90', hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first' })] }))),
    ).toHaveLength(1);
    expect(
      errorsOf(rotated('DEGREES_90', hdFacts({ videoTracks: [videoTrack({ chroma: '4:4:4' })] }))),
    ).toHaveLength(1);
  });
});
