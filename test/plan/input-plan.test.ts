/** The input side of a plan: programs, colour, origin, threads, memory (spec inputs.md 1, 10, 21; design 5). */
import { describe, expect, test } from 'vitest';
import type { AudioSelector, Input, VideoSelector } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { memoryLimitsFor } from '../../src/worker/memory-guard.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  hlsGroup,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  noticesOf,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const transportStream = hdFacts({
  container: 'mpegts',
  demuxer: 'mpegts',
  videoTracks: [
    videoTrack({ trackId: 256 }),
    videoTrack({ streamIndex: 2, trackId: 512, widthPx: 640, heightPx: 360 }),
  ],
  audioTracks: [audioTrack({ trackId: 257 })],
  programs: [
    { programNumber: 10, streamIndexes: [0, 1] },
    { programNumber: 20, streamIndexes: [2, 1] },
    { programNumber: 30, streamIndexes: [] },
  ],
});

function withInput(input: Partial<Input>) {
  const job = mp4Job(h264Video());
  return { ...job, inputs: job.inputs?.map((first) => ({ ...first, ...input })) ?? [] };
}

const streamOf = (input: Partial<Input>) =>
  mustPlan(withInput(input), transportStream).inputs[0]?.video?.streamIndex;
const errorsWith = (videoSelector: VideoSelector) =>
  errorsOf(planOf(withInput({ videoSelector }), transportStream));

describe('programs and PIDs', () => {
  test('the first program by default, and instead of one that is missing', () => {
    expect([streamOf({}), streamOf({ programNumber: 20 }), streamOf({ programNumber: 99 })]).toEqual([
      0, 2, 0,
    ]);
    expect(streamOf({ videoSelector: { programNumber: 20 } })).toBe(2);
    expect(streamOf({ videoSelector: { pid: 512 } })).toBe(2);
  });

  describe('sound of a multiplex', () => {
    const multiplex = hdFacts({
      ...transportStream,
      audioTracks: [
        audioTrack({ trackId: 257, streamIndex: 1, language: 'fra' }),
        audioTrack({ trackId: 513, streamIndex: 3, language: 'eng' }),
      ],
      programs: [
        { programNumber: 10, streamIndexes: [0, 1] },
        { programNumber: 20, streamIndexes: [2, 3] },
      ],
    });
    const soundOf = (input: Partial<Input>) =>
      mustPlan(withInput(input), multiplex).inputs[0]?.audio.flatMap(({ streamIndexes }) => streamIndexes);
    const selector = (one: AudioSelector) => ({ audioSelectors: { 'Audio Selector 1': one } });

    test('it is that of the program of the picture', () => {
      expect([soundOf({}), soundOf({ programNumber: 20 })]).toEqual([[1], [3]]);
      expect(soundOf({ videoSelector: { programNumber: 20 } })).toEqual([3]);
      expect(soundOf({ videoSelector: { pid: 512 } })).toEqual([3]);
    });

    test('tracks and languages count within the program, PIDs in the whole file', () => {
      expect(soundOf({ programNumber: 20, ...selector({ tracks: [1] }) })).toEqual([3]);
      expect(soundOf({ ...selector({ selectorType: 'PID', pids: [513] }) })).toEqual([3]);
      const french = {
        programNumber: 20,
        ...selector({ selectorType: 'LANGUAGE_CODE', languageCode: 'FRA' }),
      } as const;
      expect(errorsOf(planOf(withInput(french), multiplex))).toHaveLength(1);
      const second = { ...selector({ tracks: [2] }) };
      expect(errorsOf(planOf(withInput(second), multiplex))).toHaveLength(1);
    });
  });

  test('a file without programs says so; an empty list of tracks is the first', () => {
    const { findings } = planOf(withInput({ programNumber: 99 }));
    expect(noticesOf(findings)).toContain('no-effect /inputs/0/programNumber');
    const none = { audioSelectors: { 'Audio Selector 1': { tracks: [] } } };
    expect(mustPlan(withInput(none)).inputs[0]?.audio[0]?.trackNumbers).toEqual([1]);
  });

  test('segmented frames are progressive, whatever they are coded as', () => {
    const fields = hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first' })] });
    const followed = (input: Partial<Input>) =>
      mustPlan(
        {
          ...mp4Job(h264Video({ interlaceMode: 'FOLLOW_BOTTOM_FIELD' })),
          inputs: withInput(input).inputs ?? [],
        },
        fields,
      ).videoRenditions[0]?.scan;
    expect([followed({}), followed({ inputScanType: 'PSF' })]).toEqual([
      'top-field-first',
      'bottom-field-first',
    ]);
  });

  test('the video selector is strict: 1020', () => {
    expect(errorsWith({ programNumber: 0 })).toEqual([
      '1020 Invalid program id specified for job. 0 is not a valid program id.',
    ]);
    expect(errorsWith({ programNumber: 30 })).toEqual(['1020 No video found in program [30]']);
    expect(errorsWith({ pid: 4000 })).toEqual(['1020 No video found for stream index [0] with PID [4000].']);
  });

  test('IGNORE_PSI looks at all tables of a transport stream', () => {
    expect(
      mustPlan(withInput({ psiControl: 'IGNORE_PSI' }), transportStream).inputs[0]?.demuxerOptions,
    ).toEqual({ scan_all_pmts: '1' });
  });
});

describe('input without video', () => {
  const soundOnly = hdFacts({ videoTracks: [videoTrack({ isAttachedPicture: true })] });

  test('a video output names what it lacks to show black', () => {
    expect(errorsOf(planOf(mp4Job(h264Video()), soundOnly))[0]).toContain(
      'You did not specify resolution for Video description [1]',
    );
    const sized = h264Video({}, { width: 640, height: 360 });
    expect(errorsOf(planOf(mp4Job(sized), soundOnly))[0]).toContain(
      'You did not specify framerate for Video description [1]',
    );
    const rated = h264Video(
      { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 },
      { width: 640, height: 360 },
    );
    expect(mustPlan(mp4Job(rated), soundOnly).inputs[0]?.video).toMatchObject({
      generated: { widthPx: 640, heightPx: 360, imageLocation: null },
      frameRate: rational(25),
    });
  });

  test('an audio output plans without a video source', () => {
    const output = { containerSettings: { container: 'MP4' }, audioDescriptions: [stereo] } as const;
    expect(mustPlan(jobWith([fileGroup([output])]), soundOnly).inputs[0]).toMatchObject({
      video: null,
      audio: [{ streamIndexes: [1] }],
    });
  });
});

describe('colour', () => {
  const stepOf = (videoSelector: VideoSelector, facts = hdFacts()) => {
    const plan = mustPlan(withInput({ videoSelector }), facts);
    return [plan.inputs[0]?.video?.sharedFilters[0], plan.videoRenditions[0]?.encoder.color] as const;
  };

  test('FORCE relabels the frames and the stream', () => {
    const [step, color] = stepOf({ colorSpace: 'HDR10', sampleRange: 'FULL_RANGE' });
    expect(step).toEqual({
      name: 'setparams',
      options: { color_primaries: 'bt2020', color_trc: 'smpte2084', colorspace: 'bt2020nc', range: 'full' },
    });
    expect(color).toEqual({ primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc', range: 'full' });
  });

  test('FALLBACK counts only where the source says nothing', () => {
    const fallback = { colorSpace: 'REC_601', colorSpaceUsage: 'FALLBACK' } as const;
    expect(stepOf(fallback)[1]?.primaries).toBe('bt709');
    expect(
      stepOf(fallback, hdFacts({ videoTracks: [videoTrack({ colorPrimaries: null })] }))[1]?.primaries,
    ).toBe('bt470bg');
  });
});

test('output time 0 is the first video frame; sound alone counts from its own start', () => {
  const late = hdFacts({
    startUs: 1_400_000,
    videoTracks: [videoTrack({ timeBase: rational(1, 90000), startTicks: 129_003 })],
    audioTracks: [audioTrack({ timeBase: rational(1, 90000), startTicks: 126_000 })],
  });
  expect(mustPlan(mp4Job(h264Video()), late).inputs[0]?.originUs).toBe(1_433_367);
  const output = { containerSettings: { container: 'MP4' }, audioDescriptions: [stereo] } as const;
  expect(mustPlan(jobWith([fileGroup([output])]), late).inputs[0]?.originUs).toBe(1_400_000);
});

describe('threads and memory', () => {
  const ladder = jobWith([
    hlsGroup(
      [1080, 720, 360].map((height) => ({
        nameModifier: `_${height}`,
        containerSettings: { container: 'M3U8' },
        videoDescription: h264Video({}, { width: (height * 16) / 9, height }),
      })),
    ),
  ]);
  const threadsOn = (cores: number) => {
    const plan = mustPlan(ladder, hdFacts(), { capacity: { cores, memoryBytes: 8_000_000_000 } });
    return [
      plan.inputs[0]?.video?.decoderThreads,
      ...plan.videoRenditions.map(({ encoder }) => encoder.threads),
    ];
  };

  test('cores are shared out by the pixels of each rendition', () => {
    expect(threadsOn(1)).toEqual([1, 1, 1, 1]);
    expect(threadsOn(2)).toEqual([1, 2, 1, 1]);
    expect(threadsOn(8)).toEqual([4, 8, 3, 1]);
  });

  test('encoders get one thread each where memory is short', () => {
    const plan = mustPlan(ladder, hdFacts(), { capacity: { cores: 8, memoryBytes: 500_000_000 } });
    expect(plan.videoRenditions.map(({ encoder }) => encoder.threads)).toEqual([1, 1, 1]);
  });

  test('x265 gets a pool of as many workers as cores', () => {
    const job = mp4Job({
      codecSettings: { codec: 'H_265', h265Settings: { rateControlMode: 'VBR', bitrate: 1_000_000 } },
    });
    const [video] = mustPlan(job).videoRenditions;
    expect(video?.encoder).toMatchObject({
      threads: 3,
      options: { 'x265-params': expect.stringMatching(/:pools=4(?::|$)/) },
    });
  });

  test('more pictures held mean more memory; scratch holds what seeks back', () => {
    const estimate = (job: Parameters<typeof mustPlan>[0]) => mustPlan(job).estimate;
    const fast = estimate(mp4Job(h264Video({ qualityTuningLevel: 'SINGLE_PASS' })));
    const good = estimate(mp4Job(h264Video({ qualityTuningLevel: 'SINGLE_PASS_HQ' })));
    expect(good.memoryBytes).toBeGreaterThan(fast.memoryBytes);
    expect(fast.scratchBytes).toBe(fast.outputBytes);
    expect(estimate(ladder).scratchBytes).toBe(0);
    // Threads of AV1 take address space by themselves, which the bound of the engine has to leave them.
    const av1 = mp4Job({
      codecSettings: { codec: 'AV1', av1Settings: { rateControlMode: 'QVBR', maxBitrate: 1_000_000 } },
    });
    const { stackBytes = 0, memoryBytes } = estimate(av1);
    expect(stackBytes).toBeGreaterThan(300 * 2 ** 20);
    expect(fast.stackBytes).toBeUndefined();
    expect(memoryLimitsFor(memoryBytes, stackBytes).dataBytes - memoryLimitsFor(memoryBytes).dataBytes).toBe(
      stackBytes,
    );
    expect(good.wallMs).toBeGreaterThan(fast.wallMs ?? 0);
  });

  test('without a known length, time and size are not predicted', () => {
    const unknown = hdFacts({
      durationUs: null,
      videoTracks: [videoTrack({ durationTicks: null, frameCount: null })],
      audioTracks: [audioTrack({ durationTicks: null })],
    });
    const plan = mustPlan(jobWith([fileGroup([mp4Output(h264Video())])]), unknown);
    expect(plan.estimate).toMatchObject({ wallMs: null, outputBytes: null });
    expect(plan.inputs[0]).toMatchObject({ durationUs: null, video: { frameCount: null } });
  });
});

test('a generator that lasts less than half a picture makes none', () => {
  const videoGenerator = {
    duration: 5000,
    framerateNumerator: 1,
    framerateDenominator: 1001,
    width: 64,
    height: 64,
  };
  const job = { ...mp4Job(h264Video()), inputs: [{ videoGenerator }] };
  expect(errorsOf(planOf(job)).join()).toContain('shorter than half a picture');
});

describe('dynamic audio selectors in jobs of several inputs', () => {
  const job = (used: string) => {
    const dynamicAudioSelectors = { All: { selectorType: 'ALL_TRACKS' } } as const;
    const input = (name: string): Input => ({ fileInput: `s3://in/${name}.mp4`, dynamicAudioSelectors });
    const audioDescriptions = [{ ...stereo, audioSourceName: used }];
    const settings = jobWith([fileGroup([mp4Output(h264Video(), { audioDescriptions })])]);
    return { ...settings, inputs: [input('three'), input('one')] };
  };
  const three = hdFacts({
    location: 's3://in/three.mp4',
    audioTracks: [1, 2, 3].map((streamIndex) => audioTrack({ streamIndex })),
  });
  const one = hdFacts({ location: 's3://in/one.mp4' });

  test('all of them must find the same tracks', () => {
    const result = planOf(job('All'), three, { facts: [three, one] });
    expect(errorsOf(result).join()).toContain(
      'input 1 has 3 with 2, 2, 2 channels, input 2 has 1 with 2 channels',
    );
    expect(result.findings).toContainEqual(
      expect.objectContaining({ code: 1040, pointer: '/inputs/1/dynamicAudioSelectors/All' }),
    );
    expect(
      errorsOf(planOf(job('All'), three, { facts: [three, { ...three, location: one.location }] })),
    ).toEqual([]);
  });
});

describe('captured frames beside an output of another rate', () => {
  const capture = {
    containerSettings: { container: 'RAW' },
    nameModifier: '_still',
    videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } },
  } as const;
  const faster = mp4Output(
    h264Video({ framerateControl: 'SPECIFIED', framerateNumerator: 50, framerateDenominator: 1 }),
  );
  const ratesOf = (outputs: Parameters<typeof fileGroup>[0]) =>
    mustPlan(jobWith([fileGroup(outputs)])).inputs[0]?.video?.sharedFilters.map(
      ({ options }) => options['fps'],
    );

  test('are the source’s own; without them one conversion serves all', () => {
    expect(ratesOf([faster, capture])).toContain('30000/1001');
    expect(ratesOf([faster])).toContain('50/1');
  });
});
