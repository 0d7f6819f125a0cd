/** Fields, frame rates, noise, colour and timecodes as filters (spec video.md 3, 16; V-16 to V-20, V-27). */
import { describe, expect, test } from 'vitest';
import type { ColorCorrector, H264Settings, NoiseReducer } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  filtersOf,
  h264Video,
  h265Video,
  mp4Job,
  mustPlan,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';
import { at, interlaced, sourceAt } from './rate-fixtures.ts';

describe('fields', () => {
  const made = (settings: Partial<H264Settings>, facts: InputFacts) =>
    onlyVideo(mustPlan(mp4Job(h264Video(settings, { width: 1280, height: 720 })), facts));

  test('those of the source are kept, their lines scaled apart', () => {
    const video = made({ interlaceMode: 'FOLLOW_BOTTOM_FIELD' }, interlaced);
    expect(video.scan).toBe('top-field-first');
    expect(filtersOf(video)[0]).toMatch(/^scale .*interl=1/);
    expect(video.encoder.options).toMatchObject({ flags: '+ildct+ilme', field_order: 'tt' });
  });

  test('the other order swaps them', () => {
    expect(filtersOf(made({ interlaceMode: 'BOTTOM_FIELD' }, interlaced))).toEqual(
      expect.arrayContaining(['fieldorder order=bff', 'setfield mode=bff']),
    );
  });

  test('INTERLACED_OPTIMIZE takes a field of each picture at twice the rate, elsewhere it is idle (V-18)', () => {
    const optimized = { interlaceMode: 'TOP_FIELD', scanTypeConversionMode: 'INTERLACED_OPTIMIZE' } as const;
    expect(filtersOf(made({ ...at(25), ...optimized }, sourceAt(50)))).toEqual(
      expect.arrayContaining(['interlace scan=tff lowpass=complex']),
    );
    const { plan, findings } = planOf(mp4Job(h264Video({ ...at(25), ...optimized })), sourceAt(25));
    expect(plan?.videoRenditions[0]?.filters.map(({ name }) => name)).not.toContain('interlace');
    expect(noticesOf(findings)).toContainEqual(expect.stringMatching(/no-effect .*scanTypeConversionMode/));
  });

  test('fields of another rate are made of pictures at twice that rate', () => {
    const video = made({ ...at(25), interlaceMode: 'TOP_FIELD' }, interlaced);
    expect(video.preparation?.steps[0]?.options.mode).toBe('send_field');
    expect(filtersOf(video)[0]).toMatch(/^fps fps=50\/1/);
  });

  test('hard telecine goes by way of 23.976 (V-17)', () => {
    const settings = { ...at(30000, 1001), telecine: 'HARD', interlaceMode: 'TOP_FIELD' } as const;
    const plan = mustPlan(mp4Job(h264Video(settings)), sourceAt(25));
    const video = onlyVideo(plan);
    expect(plan.inputs[0]?.video?.frameRate).toEqual(rational(24000, 1001));
    expect(filtersOf(video)).toContain('telecine first_field=top pattern=23');
    expect(video.frameRate).toEqual(rational(30000, 1001));
  });

  test('soft telecine codes film, and says which field comes first', () => {
    const settings = { ...at(30000, 1001), telecine: 'SOFT', interlaceMode: 'BOTTOM_FIELD' } as const;
    const video = onlyVideo(mustPlan(mp4Job(h264Video(settings)), sourceAt(25)));
    expect(video).toMatchObject({ frameRate: rational(24000, 1001), scan: 'progressive' });
    expect(video.streamData?.pulldown).toBe('bottom-field-first');
    expect(filtersOf(video).join()).not.toMatch(/telecine|setfield/);
  });

  test('FORCE_FIELD has no encoder; H.265 codes both fields in one picture that says so', () => {
    const forced = mp4Job(h264Video({ interlaceMode: 'TOP_FIELD', fieldEncoding: 'FORCE_FIELD' }));
    expect(errorsOf(planOf(forced))).toEqual([expect.stringMatching(/^1040 .*fieldEncoding/)]);
    const fields = planOf(mp4Job(h265Video({ interlaceMode: 'BOTTOM_FIELD' })));
    expect(fields.plan?.videoRenditions[0]?.encoder.options['x265-params']).toContain('pic-struct=4');
    expect(fields.plan?.videoRenditions[0]?.scan).toBe('bottom-field-first');
    expect(noticesOf(fields.findings)).toEqual([expect.stringMatching(/^substituted .*interlaceMode/)]);
  });
});

describe('frame rates', () => {
  test('MAINTAIN_FRAME_COUNT relabels, FRAMEFORMER is replaced with a notice and has limits (V-36)', () => {
    const relabelled = onlyVideo(
      mustPlan(
        mp4Job(h264Video({ ...at(25), framerateConversionAlgorithm: 'MAINTAIN_FRAME_COUNT' })),
        sourceAt(24),
      ),
    );
    expect(filtersOf(relabelled).slice(0, 2)).toEqual(['settb expr=1/25', 'setpts expr=N']);
    const job = mp4Job(h264Video({ ...at(50), framerateConversionAlgorithm: 'FRAMEFORMER' }));
    const { plan, findings } = planOf(job, sourceAt(25));
    expect(plan?.videoRenditions[0]?.filters.map(({ name }) => name)).toContain('minterpolate');
    expect(noticesOf(findings)).toEqual([
      expect.stringMatching(/substituted .*framerateConversionAlgorithm/),
    ]);
    const tiny = hdFacts({ videoTracks: [videoTrack({ widthPx: 120, heightPx: 90 })] });
    expect(errorsOf(planOf(job, tiny))).toEqual([expect.stringContaining('120 x 90')]);
  });

  test('slow PAL plays 24 frames as 25 and wants 25 (V-16)', () => {
    const slow = mp4Job(h264Video({ ...at(25), slowPal: 'ENABLED' }));
    const [video] = mustPlan(slow, sourceAt(24)).videoRenditions;
    expect(video?.filters[0]?.name).toBe('settb');
    expect(errorsOf(planOf(mp4Job(h264Video({ ...at(30), slowPal: 'ENABLED' })), sourceAt(24)))).toEqual([
      expect.stringContaining('25/1'),
    ]);
  });
});

describe('noise reducer', () => {
  const steps = (noiseReducer: NoiseReducer) =>
    onlyVideo(mustPlan(mp4Job(h264Video({}, { videoPreprocessors: { noiseReducer } })))).preparation?.steps ??
    [];

  test.each([
    ['BILATERAL', 'bilateral'],
    ['CONSERVE', 'removegrain'],
    ['GAUSSIAN', 'gblur'],
    ['LANCZOS', 'convolution'],
    ['MEAN', 'avgblur'],
    ['SHARPEN', 'unsharp'],
  ] as const)('%s is %s, of its strength', (filter, name) => {
    const weak = steps({ filter, filterSettings: { strength: 1 } });
    const strong = steps({ filter, filterSettings: { strength: 3 } });
    expect(weak.map((step) => step.name)).toEqual([name]);
    expect(strong).not.toEqual(weak);
    expect(steps({ filter, filterSettings: { strength: 0 } })).toEqual([]);
  });

  test('every speed is another filter or setting', () => {
    const spatial = [-2, -1, 0, 1, 2, 3].map((speed) =>
      JSON.stringify(steps({ filter: 'SPATIAL', spatialFilterSettings: { strength: 8, speed } })),
    );
    expect(new Set(spatial).size).toBe(6);
    const temporal = [-1, 0, 1, 2, 3].map((speed) =>
      JSON.stringify(steps({ filter: 'TEMPORAL', temporalFilterSettings: { strength: 8, speed } })),
    );
    expect(new Set(temporal).size).toBe(5);
  });

  test('CONSERVE on more than 8 bits, and PERCEPTUAL, are refused', () => {
    const job = mp4Job(
      h264Video(
        {},
        { videoPreprocessors: { noiseReducer: { filter: 'CONSERVE', filterSettings: { strength: 1 } } } },
      ),
    );
    const deep = hdFacts({ videoTracks: [videoTrack({ bitDepth: 10, pixelFormat: 'yuv420p10le' })] });
    expect(errorsOf(planOf(job, deep))).toEqual([expect.stringContaining('works on 8 bits')]);
    const perceptual = mp4Job(
      h264Video({}, { videoPreprocessors: { noiseReducer: { filter: 'PERCEPTUAL' } } }),
    );
    expect(errorsOf(planOf(perceptual))).toEqual([expect.stringContaining('PERCEPTUAL')]);
  });
});

describe('colour corrector', () => {
  const corrected = (colorCorrector: ColorCorrector, facts = hdFacts()) =>
    onlyVideo(
      mustPlan(
        mp4Job(h265Video({ codecProfile: 'MAIN10_HIGH' }, { videoPreprocessors: { colorCorrector } })),
        facts,
      ),
    );
  const hdr = hdFacts({
    videoTracks: [
      videoTrack({
        colorPrimaries: 'bt2020',
        colorTransfer: 'smpte2084',
        colorMatrix: 'bt2020nc',
        bitDepth: 10,
      }),
    ],
  });

  test('the target is signalled, SDR white lands where it is wanted', () => {
    const video = corrected({
      colorSpaceConversion: 'FORCE_HDR10',
      sdrReferenceWhiteLevel: 203,
      hdr10Metadata: { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400, maxLuminance: 40_000_000 },
    });
    expect(video.encoder.color).toMatchObject({
      primaries: 'bt2020',
      transfer: 'smpte2084',
      matrix: 'bt2020nc',
    });
    expect(filtersOf(video).find((text) => text.startsWith('zscale'))).toContain('npl=203');
    expect(video.hdr).toMatchObject({ maxLuminance: 40_000_000, maxContentLight: 1000, minLuminance: 5 });
    expect(video.encoder.options['x265-params']).toContain(
      'master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(40000000,5):max-cll=1000,400',
    );
  });

  test.each([
    ['PRESERVE_DETAILS', 203, 'param=0.32 desat=0 peak=4.926'],
    ['VIBRANT', 119, 'param=0.585 desat=0 peak=8.403'],
  ] as const)('%s brings %d cd/m² down to white, but for its curve', (hdrToSdrToneMapper, white, curve) => {
    const video = corrected({ colorSpaceConversion: 'FORCE_709', hdrToSdrToneMapper }, hdr);
    expect(filtersOf(video)).toContain(`tonemap tonemap=mobius ${curve}`);
    expect(filtersOf(video).find((text) => text.includes('t=linear'))).toContain(`npl=${white}`);
    expect(video.encoder.color?.transfer).toBe('bt709');
    expect(video.hdr).toBeNull();
  });

  test('IGNORE leaves colours and mastering unsaid', () => {
    const job = mp4Job(
      h265Video(
        { codecProfile: 'MAIN10_HIGH' },
        {
          colorMetadata: 'IGNORE',
          videoPreprocessors: {
            colorCorrector: {
              colorSpaceConversion: 'FORCE_HDR10',
              hdr10Metadata: { maxContentLightLevel: 1, maxFrameAverageLightLevel: 1 },
            },
          },
        },
      ),
    );
    const video = onlyVideo(mustPlan(job));
    expect([video.encoder.color, video.hdr]).toEqual([null, null]);
    expect(video.encoder.options['x265-params']).not.toContain('master-display');
  });

  test('50 changes nothing', () => {
    const neutral = corrected({ brightness: 50, contrast: 50, saturation: 50, hue: 0 });
    expect(filtersOf(neutral).map((text) => text.split(' ')[0])).toEqual(['setsar', 'format']);
    const video = corrected({ brightness: 60, contrast: 75, saturation: 25, hue: -30 });
    expect(filtersOf(video)).toEqual(
      expect.arrayContaining([
        'lutyuv y=(val-(minval+maxval)/2)*1.50+(minval+maxval)/2+0.10*(maxval-minval)',
        'hue h=-30 s=0.50',
      ]),
    );
  });

  test('full range is squeezed, limited range is not', () => {
    const squeeze = { sampleRangeConversion: 'LIMITED_RANGE_SQUEEZE' } as const;
    const full = hdFacts({ videoTracks: [videoTrack({ colorRange: 'full' })] });
    expect(filtersOf(corrected(squeeze, full))).toContain('scale in_range=full out_range=limited');
    expect(corrected(squeeze, full).encoder.color?.range).toBe('limited');
    expect(filtersOf(corrected(squeeze)).some((text) => text.startsWith('scale'))).toBe(false);
  });
});

describe('timecodes and formats', () => {
  test('insertion wants a codec that carries them and the rate of the source (V-20)', () => {
    const inserted = { timecodeInsertion: 'PIC_TIMING_SEI' } as const;
    const video = onlyVideo(mustPlan(mp4Job(h264Video({}, inserted))));
    expect(video.streamData?.timecode).toEqual({ timecode: '00:00:00;00', frameRate: rational(30000, 1001) });
    expect(video.encoder.options['x264-params']).toContain('pic-struct=1');
    expect(errorsOf(planOf(mp4Job(h264Video(at(25), inserted))))).toEqual([
      expect.stringContaining('same frame rate'),
    ]);
  });

  test('burn-in counts the output timeline, in the face size below the one asked for', () => {
    const burnt = { timecodeBurnin: { fontSize: 47, position: 'MIDDLE_RIGHT', prefix: 'EZ-' } } as const;
    const job = mp4Job(h264Video(at(25), { videoPreprocessors: burnt }));
    const timecodeConfig = { source: 'SPECIFIEDSTART', start: '10:00:00:00' } as const;
    expect(onlyVideo(mustPlan({ ...job, timecodeConfig })).burnIn).toEqual({
      start: { timecode: '10:00:00:00', frameRate: rational(25) },
      prefix: 'EZ-',
      fontSizePx: 32,
      vertical: 'middle',
      horizontal: 'right',
    });
  });

  test.each([
    [{ fontSize: 48 }, 330, null],
    [{ fontSize: 48 }, 328, /left-out .*timecodeBurnin\/fontSize/],
    [{ fontSize: 16, prefix: 'x'.repeat(9) }, 200, null],
    [{ fontSize: 16, prefix: 'x'.repeat(10) }, 200, /left-out .*timecodeBurnin\/prefix/],
  ] as const)(
    'a burn-in wider than the picture is told: %j in %d pixels',
    (timecodeBurnin, width, expected) => {
      const { findings } = planOf(
        mp4Job(h264Video(at(25), { width, height: 180, videoPreprocessors: { timecodeBurnin } })),
      );
      const told = noticesOf(findings).filter((notice) => notice.includes('timecodeBurnin'));
      expect(told).toEqual(expected === null ? [] : [expect.stringMatching(expected)]);
    },
  );

  test('active formats are written as told or as they came (V-27)', () => {
    const fixed = onlyVideo(mustPlan(mp4Job(h264Video({}, { afdSignaling: 'FIXED', fixedAfd: 10 }))));
    expect(fixed.streamData?.activeFormat).toBe(10);
    const auto = onlyVideo(mustPlan(mp4Job(h264Video({}, { afdSignaling: 'AUTO' }))));
    expect(auto.streamData?.activeFormat).toBe('source');
  });

  test('licensed and unbuilt preprocessors are refused by name', () => {
    const job = mp4Job(
      h265Video(
        { codecProfile: 'MAIN10_HIGH' },
        {
          videoPreprocessors: {
            dolbyVision: { profile: 'PROFILE_5' },
            hdr10Plus: { masteringMonitorNits: 1000 },
          },
        },
      ),
    );
    expect(errorsOf(planOf(job))).toEqual([
      expect.stringMatching(/^1040 .*dolbyVision/),
      expect.stringMatching(/^1040 .*hdr10Plus/),
    ]);
  });
});
