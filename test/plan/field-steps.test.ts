/** Which steps pictures of two fields take where progressive ones need none, and where (spec video.md 1–3). */
import { describe, expect, test } from 'vitest';
import type { H264Settings, JobSettings, VideoDescription } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { VideoTrackFacts } from '../../src/plan/facts.ts';
import type { FilterStep } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  fileGroup,
  filtersOf,
  h264Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  onlyVideo,
} from './plan-fixtures.ts';

const fields = { interlaceMode: 'FOLLOW_TOP_FIELD' } as const;
const interlaced = (changes: Partial<VideoTrackFacts> = {}) =>
  hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first', ...changes })] });
const of422 = { chroma: '4:2:2', bitDepth: 10, pixelFormat: 'yuv422p10le' } as const;

const steps = (
  video: Partial<VideoDescription>,
  settings: Partial<H264Settings> = fields,
  facts = interlaced(),
): readonly string[] => filtersOf(onlyVideo(mustPlan(mp4Job(h264Video(settings, video)), facts)));

const tail = ['setfield mode=tff', 'setsar sar=1/1 max=1000000', 'scale interl=1', 'format pix_fmts=yuv420p'];

describe('chroma of fields', () => {
  test('is converted field by field, that of progressive pictures as ever', () => {
    expect(steps({}, fields, interlaced(of422))).toEqual(tail);
    const progressive = hdFacts({ videoTracks: [videoTrack(of422)] });
    expect(steps({}, {}, progressive)).toEqual(['setsar sar=1/1 max=1000000', 'format pix_fmts=yuv420p']);
  });

  test('is converted by the scaling where there is one', () => {
    const scaled = steps({ width: 1280, height: 720 }, fields, interlaced(of422));
    expect(scaled).toHaveLength(4);
    expect(scaled[0]).toMatch(/^scale w=1280 h=720 .*interl=1$/);
    expect(scaled.at(-1)).toBe('format pix_fmts=yuv420p');
  });

  test('is whole in front of a conversion of colour and behind it', () => {
    const colorCorrector = { colorSpaceConversion: 'FORCE_P3D65_SDR' } as const;
    const converted = steps({ videoPreprocessors: { colorCorrector } });
    expect(converted.map((step) => step.replace(/^zscale.*/, 'zscale'))).toEqual([
      'scale interl=1',
      'format pix_fmts=yuv444p10le',
      'zscale',
      'format pix_fmts=yuv444p10le',
      ...tail,
    ]);
  });

  test('goes through tone mapping and tables of colour with one conversion before and one behind', () => {
    const colorCorrector = { colorSpaceConversion: 'FORCE_709' } as const;
    const light = { colorPrimaries: 'bt2020', colorTransfer: 'smpte2084', colorMatrix: 'bt2020nc' } as const;
    const video = h264Video(fields, { videoPreprocessors: { colorCorrector } });
    const mapped = mustPlan(mp4Job(video), interlaced({ ...of422, ...light }));
    const lut = { fileInput: 's3://in/film.cube', outputColorSpace: 'REC_709' } as const;
    const looked = mustPlan(
      { ...mp4Job(video), colorConversion3DLUTSettings: [lut] },
      interlaced({ ...of422, ...light }),
    );
    for (const plan of [mapped, looked]) {
      const names = onlyVideo(plan).filters.map(({ name }) => name);
      expect(names.slice(0, 3)).toEqual(['scale', 'format', 'zscale']);
      expect(names.slice(-2)).toEqual(['scale', 'format']);
      expect(names.filter((name) => name === 'scale')).toHaveLength(2);
    }
    expect(onlyVideo(looked).filters.map(({ name }) => name)).toContain('lut3d');
  });

  test('of fields that a filter makes is converted behind it, field by field', () => {
    const facts = hdFacts({ videoTracks: [videoTrack({ ...of422, frameRate: rational(50) })] });
    const optimized = {
      framerateControl: 'SPECIFIED',
      framerateNumerator: 25,
      framerateDenominator: 1,
      interlaceMode: 'TOP_FIELD',
      scanTypeConversionMode: 'INTERLACED_OPTIMIZE',
    } as const;
    const made = steps({ width: 1280, height: 720 }, optimized, facts);
    expect(made.find((step) => step.startsWith('scale w='))).not.toContain('interl');
    expect(made.slice(-5)).toEqual(['interlace scan=tff lowpass=complex', ...tail]);
  });

  test('has all of its lines where the order of fields is turned', () => {
    const turned = steps({}, { interlaceMode: 'BOTTOM_FIELD' });
    expect(turned.slice(0, 3)).toEqual(['scale interl=1', 'format pix_fmts=yuv422p', 'fieldorder order=bff']);
    expect(turned.slice(-2)).toEqual(['scale interl=1', 'format pix_fmts=yuv420p']);
  });

  describe('of a further input is brought to the followed colours field by field', () => {
    const light = {
      colorPrimaries: 'bt2020',
      colorTransfer: 'arib-std-b67',
      colorMatrix: 'bt2020nc',
    } as const;
    const second = { ...interlaced(light), location: 's3://in/second.mp4' };
    const audioSelectors = { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } } as const;
    const inputs = ['film', 'second'].map((name) => ({
      fileInput: `s3://in/${name}.mp4`,
      timecodeSource: 'ZEROBASED' as const,
      audioSelectors,
    }));
    const joined = (videos: readonly VideoDescription[]) => {
      const outputs = videos.map((video, index) => mp4Output(video, { nameModifier: `_${index}` }));
      return mustPlan({ ...jobWith([fileGroup(outputs)]), inputs }, interlaced(), {
        facts: [interlaced(), second],
      });
    };
    const names = (found: readonly FilterStep[] | undefined) => found?.map(({ name }) => name);
    const conversion = ['scale', 'format', 'zscale', 'format'];

    test('once for all outputs that share it', () => {
      const plan = joined([h264Video(fields)]);
      expect(names(plan.inputs[1]?.video?.sharedFilters)?.slice(0, 4)).toEqual(conversion);
      expect(names(plan.inputs[0]?.video?.sharedFilters)).toEqual(['fps']);
    });

    test('for each output where another converts colours itself', () => {
      const colorCorrector = { colorSpaceConversion: 'FORCE_601' } as const;
      const plan = joined([h264Video(fields), h264Video(fields, { videoPreprocessors: { colorCorrector } })]);
      expect(names(plan.inputs[1]?.video?.sharedFilters)).toEqual(['fps']);
      const others = plan.videoRenditions.map(({ otherInputs }) => names(otherInputs?.[0]?.filters));
      for (const own of others) expect(own?.slice(0, 4)).toEqual(conversion);
    });
  });
});

describe('noise reducers', () => {
  const cleaning = (video: Partial<VideoDescription>, settings: Partial<H264Settings> = fields) =>
    onlyVideo(mustPlan(mp4Job(h264Video(settings, video)), interlaced())).preparation?.steps.map(
      ({ name }) => name,
    );
  const kernel = (filter: 'BILATERAL' | 'CONSERVE' | 'GAUSSIAN' | 'LANCZOS' | 'MEAN' | 'SHARPEN') => ({
    videoPreprocessors: { noiseReducer: { filter, filterSettings: { strength: 2 } } },
  });
  const apart = (name: string) => ['setfield', 'separatefields', name, 'weave'];

  test.each([
    ['BILATERAL', 'bilateral'],
    ['CONSERVE', 'removegrain'],
    ['GAUSSIAN', 'gblur'],
    ['LANCZOS', 'convolution'],
    ['MEAN', 'avgblur'],
    ['SHARPEN', 'unsharp'],
  ] as const)('%s works within fields, on whole pictures where there are none', (filter, name) => {
    expect(cleaning(kernel(filter))).toEqual(apart(name));
    const deinterlaced = { ...kernel(filter).videoPreprocessors, deinterlacer: {} };
    expect(cleaning({ videoPreprocessors: deinterlaced }, {})).toEqual(['bwdif', name]);
  });

  test('SPATIAL and the bandwidth reduction filter keep fields one above the other for what came before', () => {
    const spatialFilterSettings = { strength: 4, postFilterSharpenStrength: 2 };
    const noiseReducer = { filter: 'SPATIAL', spatialFilterSettings } as const;
    expect(cleaning({ videoPreprocessors: { noiseReducer } })).toEqual([
      ...['il', 'hqdn3d', 'il'],
      ...apart('unsharp'),
    ]);
    expect(cleaning({}, { ...fields, bandwidthReductionFilter: { strength: 'LOW' } })).toEqual([
      'il',
      'hqdn3d',
      'il',
    ]);
  });

  test('renditions with fields share one cleaning', () => {
    const outputs = [1920, 1280].map((width) =>
      mp4Output(h264Video(fields, { ...kernel('MEAN'), width }), { nameModifier: `_${width}` }),
    );
    const [first, second] = mustPlan(jobWith([fileGroup(outputs)]), interlaced()).videoRenditions;
    expect(first?.preparation).toEqual(second?.preparation);
  });

  test('filters of the input work within fields, not within those of one instant', () => {
    const cleaned = (changes: object): readonly string[] => {
      const job = mp4Job(h264Video(fields));
      const inputs = [{ ...job.inputs?.[0], denoiseFilter: 'ENABLED' as const, ...changes }];
      const plan = mustPlan({ ...job, inputs } as JobSettings, interlaced());
      return plan.inputs[0]?.video?.sharedFilters.map(({ name }) => name) ?? [];
    };
    expect(cleaned({})).toEqual(['il', 'hqdn3d', 'il', 'fps']);
    expect(cleaned({ inputScanType: 'PSF' })).toEqual(['setfield', 'hqdn3d', 'fps']);
  });
});

describe('lines of fields', () => {
  const placed = (video: Partial<VideoDescription>, facts = interlaced()) => steps(video, fields, facts);
  const whole = ['scale interl=1', 'format pix_fmts=yuv422p'];

  test.each([
    ['y in fours', { x: 0, y: 4, width: 1920, height: 1000 }, []],
    ['y between', { x: 0, y: 2, width: 1920, height: 1000 }, whole],
    ['a height between', { x: 0, y: 4, width: 1920, height: 1002 }, whole],
  ])('a crop with %s', (_name, crop, before) => {
    const cut = placed({ crop, width: 1280, height: 720 });
    expect(
      cut.slice(
        0,
        cut.findIndex((step) => step.startsWith('crop')),
      ),
    ).toEqual(before);
    expect(cut.at(-1)).toBe('format pix_fmts=yuv420p');
  });

  test('of 4:2:2 are cut as they are', () => {
    const crop = { x: 0, y: 2, width: 1920, height: 1000 };
    expect(placed({ crop }, interlaced(of422))[0]).toBe('crop w=1920 h=1000 x=0 y=2');
  });

  test('a position between lines of fours is filled in whole chroma', () => {
    const position = { x: 0, y: 6, width: 960, height: 540 };
    const pads = placed({ position, width: 1280, height: 720 });
    expect(pads.slice(1, 3)).toEqual([
      'format pix_fmts=yuv422p',
      expect.stringMatching(/^pad w=1280 h=720 x=0 y=6/),
    ]);
    expect(pads.slice(-2)).toEqual(tail.slice(-2));
  });

  test.each<[string, Partial<VideoDescription>, RegExp, RegExp]>([
    ['bars', { width: 640, height: 500 }, /^scale w=640 h=360/, /^pad .*y=68 /],
    ['a cut', { width: 1920, height: 860, scalingBehavior: 'FILL' }, /^crop .*y=108$/, /^setfield/],
    ['a fit', { width: 1000, height: 1000, scalingBehavior: 'FIT' }, /^scale w=1000 h=560/, /^setfield/],
    ['bars of a derived height', { width: 1000, height: 1000 }, /^scale w=1000 h=560/, /^pad .*y=220 /],
  ])('%s that follow from sizes come in fours', (_name, video, first, second) => {
    const made = placed(video);
    expect(made[0]).toMatch(first);
    expect(made[1]).toMatch(second);
  });

  test('the crop of an input is taken from whole chroma, once for all', () => {
    const job = mp4Job(h264Video());
    const crop = { x: 0, y: 2, width: 1920, height: 1000 };
    const inputs = [{ ...job.inputs?.[0], crop }];
    const cut = mustPlan({ ...job, inputs } as JobSettings, interlaced()).inputs[0]?.video?.sharedFilters;
    expect(cut?.map(({ name }) => name)).toEqual(['scale', 'format', 'crop', 'fps']);
    const plain = mustPlan({ ...job, inputs } as JobSettings, hdFacts()).inputs[0]?.video?.sharedFilters;
    expect(plain?.map(({ name }) => name)).toEqual(['crop', 'fps']);
  });
});
