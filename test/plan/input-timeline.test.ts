/** The timeline of an input: what clips mean in frames, and what cannot be found (spec timecode-and-clipping.md 3, 4, 9). */
import { describe, expect, test } from 'vitest';
import type { Input, InputClipping, TimecodeConfig } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const clip = (start?: string, end?: string): InputClipping => ({
  ...(start === undefined ? {} : { startTimecode: start }),
  ...(end === undefined ? {} : { endTimecode: end }),
});

function film(num: number, den: number, frames: number, startTimecode: string | null = null): InputFacts {
  const track = videoTrack({
    frameRate: rational(num, den),
    frameCount: frames,
    timeBase: rational(1, num),
    durationTicks: frames * den,
  });
  return hdFacts({ videoTracks: [track], startTimecode, durationUs: Math.round((frames * den * 1e6) / num) });
}

const pal = film(25, 1, 250);
const palHour = film(25, 1, 1100, '01:00:00:00');
const ntsc = film(30000, 1001, 1900);

function jobOf(input: Partial<Input>) {
  const job = mp4Job(h264Video());
  return { ...job, inputs: job.inputs?.map((first) => ({ ...first, ...input })) ?? [] };
}

const errorsFor = (facts: InputFacts, input: Partial<Input>) => errorsOf(planOf(jobOf(input), facts));
const keptOf = (facts: InputFacts, input: Partial<Input>) =>
  mustPlan(jobOf(input), facts).inputs[0]?.clips?.map(({ firstFrame, lastFrame }) => [firstFrame, lastFrame]);
const zeroBased = (...inputClippings: InputClipping[]): Partial<Input> => ({
  timecodeSource: 'ZEROBASED',
  inputClippings,
});
const clipsOnly = { inputClippings: [clip('00:01:10;00', '00:01:12;00')] };
const embedded = (...inputClippings: InputClipping[]): Partial<Input> => ({ inputClippings });

describe('worked examples that end in 1060', () => {
  test('5: clips from zero in an input that starts at one hour', () => {
    expect(errorsFor(palHour, embedded(clip('00:00:30:00', '00:00:40:24')))).toEqual([
      '1060 The clipping region [00:00:30:00] to [00:00:40:24] was not found in input number [1]',
    ]);
  });

  test('7: EMBEDDED without an embedded timecode', () => {
    expect(errorsFor(pal, embedded(clip('00:00:00:00', '00:00:01:00')))).toEqual([
      '1060 The clipping region [00:00:00:00] to [00:00:01:00] was not found in input number [1]',
    ]);
    expect(errorsFor(pal, embedded(clip('00:00:00:00')))).toEqual([
      '1060 The clipping start timecode [00:00:00:00] was not found in input number [1]',
    ]);
  });

  test.each(['00:00:01:00@0', '00:00:01:00@30000:0'])('%s counts at no rate', (start) => {
    expect(errorsFor(pal, zeroBased(clip(start, '00:00:02:00')))).toHaveLength(1);
  });

  test('a first timecode that does not exist at the rate of the input is named', () => {
    const input = { timecodeSource: 'SPECIFIEDSTART', timecodeStart: '00:01:00;00', ...clipsOnly } as const;
    const { findings } = planOf(jobOf(input), ntsc);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 1060,
        mediaFact: 'The input timeline would start at 00:01:00;00, which does not exist at its frame rate.',
      }),
    );
  });

  test('10: a start that does not exist', () => {
    expect(errorsFor(pal, zeroBased(clip('00:00:10:00', '00:00:12:00')))).toEqual([
      '1060 The clipping region [00:00:10:00] to [00:00:12:00] was not found in input number [1]',
    ]);
    expect(errorsFor(pal, zeroBased(clip('00:12:55:00')))).toEqual([
      '1060 The clipping start timecode [00:12:55:00] was not found in input number [1]',
    ]);
  });

  test('a start behind the last picture of an index, whose pictures come at no fixed rate', () => {
    const [track = videoTrack()] = pal.videoTracks;
    const varying = (frameCount: number | null): InputFacts => ({
      ...pal,
      videoTracks: [{ ...track, isVariableFrameRate: true, frameCount }],
    });
    expect(errorsFor(varying(180), zeroBased(clip('00:00:10:10')))).toEqual([
      '1060 The clipping start timecode [00:00:10:10] was not found in input number [1]',
    ]);
    expect(errorsFor(varying(180), zeroBased(clip('00:00:09:24')))).toEqual([]);
    expect(errorsFor(varying(null), zeroBased(clip('00:00:10:10')))).toEqual([]);
  });

  test('14: a code that drop-frame skips', () => {
    expect(errorsFor(ntsc, zeroBased(clip('00:01:00;00')))).toEqual([
      '1060 The clipping start timecode [00:01:00;00] was not found in input number [1]',
    ]);
  });

  test('frames beyond the rate, an end before the start, an end before the input', () => {
    expect(errorsFor(pal, zeroBased(clip('00:00:01:25')))[0]).toContain('1060');
    expect(errorsFor(pal, zeroBased(clip('00:00:05:00', '00:00:04:24')))).toEqual([
      '1060 The clipping region [00:00:05:00] to [00:00:04:24] was not found in input number [1]',
    ]);
    expect(errorsFor(palHour, embedded(clip(undefined, '00:00:10:00')))).toEqual([
      '1060 The clipping region [01:00:00:00] to [00:00:10:00] was not found in input number [1]',
    ]);
  });

  test('the finding tells where the input timeline runs', () => {
    const { findings } = planOf(jobOf(embedded(clip('00:00:30:00'))), palHour);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 1060,
        mediaFact: 'The input timeline runs from 01:00:00:00 to 01:00:43:24.',
        pointer: '/inputs/0/inputClippings/0/startTimecode',
      }),
    );
  });
});

describe('frames of clips', () => {
  test('an end beyond the last frame ends there', () => {
    expect(keptOf(pal, zeroBased(clip('00:00:09:00', '00:00:20:00')))).toEqual([[225, 249]]);
  });

  test('SPECIFIEDSTART counts from the given timecode, drop-frame when it is written so', () => {
    const input = { timecodeSource: 'SPECIFIEDSTART', timecodeStart: '00:59:59;28' } as const;
    expect(keptOf(ntsc, { ...input, inputClippings: [clip('01:00:00;00', '01:00:59;29')] })).toEqual([
      [2, 1801],
    ]);
  });

  test('a scale after @ counts frames in another rate', () => {
    expect(keptOf(pal, zeroBased(clip('00:00:02:15@30', '00:00:04:00@30')))).toEqual([[63, 100]]);
  });

  test('a recording that runs over midnight', () => {
    expect(keptOf(film(25, 1, 500, '23:59:50:00'), embedded(clip('23:59:59:00', '00:00:01:00')))).toEqual([
      [225, 275],
    ]);
  });

  test('without an index the end of the input is left to the run', () => {
    const stream = hdFacts({
      container: 'mpegts',
      videoTracks: [
        videoTrack({
          frameRate: rational(25),
          frameCount: null,
          timeBase: rational(1, 90000),
          durationTicks: 900_000,
        }),
      ],
    });
    expect(keptOf(stream, zeroBased(clip('00:00:10:05')))).toEqual([[255, null]]);
    expect(errorsFor(stream, zeroBased(clip('00:00:12:00')))[0]).toContain('1060');
  });

  test('19: an input without video counts hundredths, the end is exclusive', () => {
    const wave = hdFacts({
      container: 'wave',
      videoTracks: [],
      durationUs: 60_000_000,
      audioTracks: [audioTrack({ streamIndex: 0, durationTicks: 2_880_000 })],
    });
    const sound = { containerSettings: { container: 'MP4' }, audioDescriptions: [stereo] } as const;
    const job = jobWith([fileGroup([sound])], {
      inputs: [
        {
          fileInput: 's3://in/a.wav',
          audioSelectors: { 'Audio Selector 1': {} },
          ...zeroBased(clip('00:00:30:75', '00:00:31:25')),
        },
      ],
    });
    const [input] = mustPlan(job, wave).inputs;
    expect(input?.clips).toEqual([
      {
        firstFrame: 3075,
        lastFrame: 3124,
        frameRate: rational(100),
        startTimecode: '00:00:30:75',
        endTimecode: '00:00:31:25',
      },
    ]);
    expect(input?.durationUs).toBe(500_000);
  });

  test('clips that overlap once their rates are counted are refused', () => {
    const clips = zeroBased(clip('00:00:01:00', '00:00:02:24@50'), clip('00:00:02:05@25', '00:00:03:00'));
    expect(errorsFor(pal, clips)[0]).toContain('1040');
  });

  test('a clip of twelve hours is too long', () => {
    expect(
      errorsFor(film(25, 1, 13 * 3600 * 25), zeroBased(clip('00:00:00:00', '12:00:00:00')))[0],
    ).toContain('a clip must be shorter than 12 hours');
  });
});

describe('output timecodes', () => {
  const startOf = (
    timecodeConfig: TimecodeConfig,
    facts: InputFacts,
    input: Partial<Input> = {},
    codec = {},
  ) => {
    const job = jobWith([fileGroup([mp4Output({ ...h264Video(codec), timecodeTrack: 'ENABLED' })])], {
      timecodeConfig,
    });
    const inputs = job.inputs?.map((first) => ({ ...first, ...input })) ?? [];
    const group = mustPlan({ ...job, inputs }, facts).outputGroups[0];
    return group?.type === 'FILE_GROUP' ? group.outputs[0]?.muxerOptions.timecode : undefined;
  };

  test.each<[string, TimecodeConfig, string]>([
    ['a', { source: 'ZEROBASED' }, '00:00:00:00'],
    ['b', { source: 'SPECIFIEDSTART', start: '09:59:58:00' }, '09:59:58:00'],
    ['c', { source: 'EMBEDDED' }, '01:00:30:00'],
  ])('example %s', (_name, timecodeConfig, expected) => {
    expect(startOf(timecodeConfig, palHour, embedded(clip('01:00:30:00')))).toBe(expected);
  });

  test('d: EMBEDDED without a timecode starts at 0', () => {
    expect(startOf({ source: 'EMBEDDED' }, pal)).toBe('00:00:00:00');
  });

  test('an anchor keeps its frame over a change of rate', () => {
    const codec = { framerateControl: 'SPECIFIED', framerateNumerator: 24, framerateDenominator: 1 } as const;
    const config = { source: 'SPECIFIEDSTART', start: '00:59:59:00', anchor: '01:00:00:00' } as const;
    expect(startOf(config, ntsc, {}, codec)).toBe('00:59:59:00');
    // 10 s and 5 frames of 25 per second are 245 frames of 24 per second.
    const late = { source: 'ZEROBASED', anchor: '00:00:10:05' } as const;
    expect(startOf(late, pal, {}, codec)).toBe('00:00:00:00');
    expect(startOf({ source: 'ZEROBASED', anchor: '00:00:10:12' }, pal, {}, codec)).toBe('00:00:00:00');
    expect(startOf({ source: 'ZEROBASED', anchor: '00:00:10:23' }, pal, {}, codec)).toBe('00:00:00:01');
  });

  describe('a start that the job gives', () => {
    const at = (num: number, den = 1) =>
      ({ framerateControl: 'SPECIFIED', framerateNumerator: num, framerateDenominator: den }) as const;
    const given = (start: string) => ({ source: 'SPECIFIEDSTART', start }) as const;

    test.each([
      ['follows', {}, '10:00:00:20', '10:00:00:20'],
      ['doubled', at(50), '10:00:00:20', '10:00:00:20'],
      ['a frame that the doubled rate alone has', at(50), '10:00:00:45', '10:00:00:45'],
      ['drop-frame', at(30000, 1001), '10:00:00:20', '10:00:00;20'],
      ['halved', at(25, 2), '10:00:00:07', '10:00:00:07'],
    ] as const)('is the timecode of the first frame, rate: %s', (_name, codec, start, expected) => {
      expect(startOf(given(start), pal, {}, codec)).toBe(expected);
    });

    test('what an input carries is counted at its own rate', () => {
      expect(startOf({ source: 'EMBEDDED' }, { ...pal, startTimecode: '10:00:00:20' }, {}, at(50))).toBe(
        '10:00:00:40',
      );
    });

    test.each([
      [{}, given('10:00:00:45'), '/timecodeConfig/start', '25/1', 45],
      [at(30000, 1001), given('10:00:00:45'), '/timecodeConfig/start', '30000/1001', 45],
      [at(24), { source: 'ZEROBASED', anchor: '00:00:10:24' }, '/timecodeConfig/anchor', '24/1', 24],
      [at(50), { ...given('10:00:00:30'), anchor: '10:00:01:00' }, '/timecodeConfig/start', '25/1', 30],
    ] as const)(
      'is refused at a rate without such a frame: %j',
      (codec, timecodeConfig, pointer, rate, frame) => {
        const video = { ...h264Video(codec), timecodeTrack: 'ENABLED' } as const;
        const { findings } = planOf(jobWith([fileGroup([mp4Output(video)])], { timecodeConfig }), pal);
        const errors = findings.filter(({ severity }) => severity === 'error');
        expect(errors).toHaveLength(1);
        expect(errors[0]).toMatchObject({ code: 1040, pointer });
        expect(errors[0]?.message).toContain(`at ${rate} frames a second no second has a frame ${frame}`);
      },
    );

    test('is refused for the outputs that show it alone', () => {
      const shows = mp4Output({ ...h264Video(at(50)), timecodeTrack: 'ENABLED' });
      const hides = { ...mp4Output(h264Video()), nameModifier: '-25' };
      const job = jobWith([fileGroup([{ ...shows, nameModifier: '-50' }, hides])], {
        timecodeConfig: given('10:00:00:45'),
      });
      expect(planOf(job, pal).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    });

    test('a code that drop-frame counting leaves out is told of', () => {
      const video = { ...h264Video(at(30000, 1001)), timecodeTrack: 'ENABLED' } as const;
      const job = jobWith([fileGroup([mp4Output(video)])], { timecodeConfig: given('10:01:00:00') });
      expect(planOf(job, pal).findings).toContainEqual(
        expect.objectContaining({
          reason: 'substituted',
          pointer: '/timecodeConfig/start',
          message: 'drop-frame counting leaves this timecode out: 10:01:00;02 stands for it',
        }),
      );
    });
  });
});
