/** Which jobs could be accelerated: the rules one by one, on facts written by hand. */
import { describe, expect, test } from 'vitest';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { type AccelerationMode, judgeAcceleration } from '../../src/plan/acceleration.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { fileGroup, h264Video, h265Video, hlsGroup, jobWith, mp4Output, stereo } from './plan-fixtures.ts';

const longMs = 600_000;

function judge(
  settings: JobSettings,
  { facts = hdFacts(), mode = 'ENABLED' as AccelerationMode, wallMs = longMs as number | null } = {},
): readonly string[] {
  return judgeAcceleration({ mode, settings, facts: [facts], wallMs }).map((finding) =>
    finding.severity === 'error'
      ? `${finding.code} ${finding.pointer}`
      : `${finding.severity} ${finding.pointer}`,
  );
}

const timecodes: Partial<JobSettings> = { timecodeConfig: { source: 'ZEROBASED' } };
const input = { fileInput: 's3://in/film.mp4', timecodeSource: 'ZEROBASED' } as const;
const splittable = (changes: Partial<JobSettings> = {}, output = mp4Output(h264Video())): JobSettings =>
  jobWith([fileGroup([output])], { ...timecodes, inputs: [input], ...changes });
/** What is left when nothing stands in the way: the splitting itself. */
const notBuilt = ['1040 /accelerationSettings/mode'];

test('a job that could be split is refused for the feature alone, and DISABLED asks for nothing', () => {
  expect(judge(splittable())).toEqual(notBuilt);
  expect(judge(splittable(), { wallMs: null })).toEqual(notBuilt);
  expect(judge(splittable(), { mode: 'DISABLED' })).toEqual([]);
  expect(judge(jobWith([]), { mode: 'PREFERRED' })).toEqual(['notice /accelerationSettings/mode']);
});

describe('settings that forbid it (1041)', () => {
  const output = '/outputGroups/0/outputs/0';
  test.each<[string, JobSettings, string]>([
    [
      'a timecode from the medium',
      splittable({ timecodeConfig: { source: 'EMBEDDED' } }),
      '/timecodeConfig/source',
    ],
    [
      'no timecode source, which is the same',
      splittable({ timecodeConfig: undefined }),
      '/timecodeConfig/source',
    ],
    [
      'a timecode anchor',
      splittable({ timecodeConfig: { source: 'ZEROBASED', anchor: '00:00:00:00' } }),
      '/timecodeConfig/anchor',
    ],
    ['two inputs', splittable({ inputs: [input, input] }), '/inputs/1'],
    [
      'generated video',
      splittable({ inputs: [{ ...input, videoGenerator: { duration: 1000 } }] }),
      '/inputs/0/videoGenerator',
    ],
    [
      'padding with black',
      splittable({ inputs: [{ ...input, videoSelector: { padVideo: 'BLACK' } }] }),
      '/inputs/0/videoSelector/padVideo',
    ],
    [
      'avail blanking',
      splittable({ availBlanking: { availBlankingImage: 's3://in/a.png' } }),
      '/availBlanking',
    ],
    [
      'a motion image',
      splittable({ motionImageInserter: { input: 's3://in/a.mov' } }),
      '/motionImageInserter',
    ],
    [
      'interpolated frames',
      splittable({}, mp4Output(h264Video({ framerateConversionAlgorithm: 'INTERPOLATE' }))),
      `${output}/videoDescription/codecSettings/h264Settings/framerateConversionAlgorithm`,
    ],
    [
      'telecine',
      splittable({}, mp4Output(h265Video({ telecine: 'HARD' }))),
      `${output}/videoDescription/codecSettings/h265Settings/telecine`,
    ],
    [
      'timecodes in the stream',
      splittable({}, mp4Output(h264Video({}, { timecodeInsertion: 'PIC_TIMING_SEI' }))),
      `${output}/videoDescription/timecodeInsertion`,
    ],
    [
      'inverse telecine',
      splittable(
        {},
        mp4Output(h264Video({}, { videoPreprocessors: { deinterlacer: { mode: 'INVERSE_TELECINE' } } })),
      ),
      `${output}/videoDescription/videoPreprocessors/deinterlacer/mode`,
    ],
    [
      'captions burned in',
      splittable(
        {},
        mp4Output(h264Video(), {
          captionDescriptions: [{ destinationSettings: { destinationType: 'BURN_IN' } }],
        }),
      ),
      `${output}/captionDescriptions/0/destinationSettings/destinationType`,
    ],
    [
      'Dolby Atmos',
      splittable(
        {},
        mp4Output(h264Video(), { audioDescriptions: [{ codecSettings: { codec: 'EAC3_ATMOS' } }] }),
      ),
      `${output}/audioDescriptions/0/codecSettings/codec`,
    ],
    [
      'a transport stream of constant rate, which is the default',
      splittable({}, { ...mp4Output(h264Video()), containerSettings: { container: 'M2TS' } }),
      `${output}/containerSettings`,
    ],
    [
      'a codec its container does not take',
      splittable({}, { ...mp4Output(h265Video()), containerSettings: { container: 'MOV' } }),
      `${output}/videoDescription/codecSettings/codec`,
    ],
    [
      'a container without any',
      splittable({}, { ...mp4Output(h264Video()), containerSettings: { container: 'OGG' as never } }),
      `${output}/videoDescription/codecSettings/codec`,
    ],
    [
      'sound alone',
      jobWith([fileGroup([{ containerSettings: { container: 'MP4' }, audioDescriptions: [stereo] }])], {
        ...timecodes,
        inputs: [input],
      }),
      output,
    ],
  ])('%s', (_, settings, pointer) => {
    expect(judge(settings)).toEqual([`1041 ${pointer}`]);
  });

  test('but not sound beside video in a package, frame captures, or VBR', () => {
    const rung = { containerSettings: { container: 'M3U8' }, videoDescription: h264Video() } as const;
    const sound = { containerSettings: { container: 'M3U8' }, audioDescriptions: [stereo] } as const;
    const capture = {
      containerSettings: { container: 'RAW' },
      videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE' } },
    } as const;
    const stream = {
      ...mp4Output(h264Video()),
      containerSettings: { container: 'M2TS', m2tsSettings: { rateMode: 'VBR' } },
    } as const;
    const groups = [hlsGroup([rung, sound]), fileGroup([capture, stream])];
    expect(judge(jobWith(groups, { ...timecodes, inputs: [input] }))).toEqual(notBuilt);
  });

  test('names each output by its ordinal', () => {
    const settings = jobWith(
      [fileGroup([mp4Output(h264Video())]), fileGroup([mp4Output(h264Video({ telecine: 'SOFT' }))])],
      { ...timecodes, inputs: [input] },
    );
    const [finding] = judgeAcceleration({ mode: 'ENABLED', settings, facts: [hdFacts()], wallMs: longMs });
    expect(finding?.message).toBe(
      "Your job settings aren't compatible with accelerated transcoding. Adjust your job settings as follows: [Set telecine to NONE in the following output: [2]. Or disable accelerated transcoding.]",
    );
  });
});

describe('inputs that forbid it (1043)', () => {
  test.each<[string, InputFacts, RegExp]>([
    ['another container', hdFacts({ container: 'avi' }), /h264 video in a avi file/],
    [
      'another codec',
      hdFacts({ videoTracks: [videoTrack({ codec: 'mpeg4' })] }),
      /mpeg4 video in a mp4 file/,
    ],
    ['no video', hdFacts({ videoTracks: [] }), /a mp4 file without video/],
    [
      'a variable rate in a container that does not index it',
      hdFacts({ container: 'matroska', videoTracks: [videoTrack({ isVariableFrameRate: true })] }),
      /a variable frame rate as in this input: \[0\]/,
    ],
    [
      'an empty edit',
      hdFacts({ videoTracks: [videoTrack({ hasEmptyEdit: true })] }),
      /input files that have empty edit lists as in this input: \[0\]/,
    ],
  ])('%s', (_, facts, reason) => {
    const [finding, ...others] = judgeAcceleration({
      mode: 'ENABLED',
      settings: splittable(),
      facts: [facts],
      wallMs: longMs,
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 1043, pointer: '/inputs/0/fileInput' });
    expect(finding?.message).toMatch(reason);
  });

  test('no timecode although it is asked for', () => {
    const embedded = splittable({ inputs: [{ ...input, timecodeSource: 'EMBEDDED' }] });
    // The setting asks for what the file does not have.
    expect(judge(embedded)).toEqual(['1043 /inputs/0/timecodeSource']);
    expect(judge(embedded, { facts: hdFacts({ startTimecode: '01:00:00:00' }) })).toEqual(notBuilt);
  });

  test('but not a variable rate in MP4', () => {
    expect(
      judge(splittable(), { facts: hdFacts({ videoTracks: [videoTrack({ isVariableFrameRate: true })] }) }),
    ).toEqual(notBuilt);
  });
});

test('too little work is 1042, and only when nothing else is wrong', () => {
  expect(judge(splittable(), { wallMs: 59_000 })).toEqual(['1042 /accelerationSettings/mode']);
  expect(judge(splittable({ timecodeConfig: undefined }), { wallMs: 59_000 })).toEqual([
    '1041 /timecodeConfig/source',
  ]);
});
