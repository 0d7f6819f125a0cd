/** Faults of objects and tracks become pointers into the job. */
import { describe, expect, test } from 'vitest';
import { jobFault } from '../../src/catalogue/fault.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { placeFault } from '../../src/worker/fault-place.ts';
import {
  fileGroup,
  h264Video,
  hlsGroup,
  jobWith,
  mp4Output,
  mustPlan,
  stereo,
} from '../plan/plan-fixtures.ts';

const pointerOf = (...args: Parameters<typeof placeFault>): string | undefined => placeFault(...args).pointer;
const two: JobSettings = {
  inputs: [
    { fileInput: 's3://in/a.mp4' },
    { fileInput: 's3://in/b.mp4', audioSelectors: { 'a/b': { tracks: [1] } } },
  ],
};

describe('a fault points at', () => {
  test('the input that has its location', () => {
    const missing = jobFault(1404, 'input-missing', { url: 's3://in/b.mp4' }).record;
    expect(pointerOf(missing, two, null)).toBe('/inputs/1/fileInput');
    const broken = jobFault(1076, 'truncated', { bytes: 1 }, { location: 's3://in/a.mp4' }).record;
    expect(pointerOf(broken, two, null)).toBe('/inputs/0/fileInput');
  });

  test('the 3D LUT or the image that has its location', () => {
    const settings: JobSettings = {
      ...two,
      colorConversion3DLUTSettings: [{ fileInput: 's3://in/a.cube' }, { fileInput: 's3://in/b.cube' }],
      availBlanking: { availBlankingImage: 's3://in/slate.png' },
    };
    const missing = (url: string) => jobFault(1404, 'input-missing', { url }).record;
    expect(pointerOf(missing('s3://in/b.cube'), settings, null)).toBe(
      '/colorConversion3DLUTSettings/1/fileInput',
    );
    expect(pointerOf(missing('s3://in/slate.png'), settings, null)).toBe('/availBlanking/availBlankingImage');
  });

  test('the sound file that a selector names, and the input before it', () => {
    const file = (externalAudioFileInput: string) => ({ externalAudioFileInput });
    const settings: JobSettings = {
      inputs: [
        { fileInput: 's3://in/a.mp4', audioSelectors: { 'Sound/1': file('s3://in/a.wav') } },
        { fileInput: 's3://in/b.mp4', dynamicAudioSelectors: { d: file('s3://in/b.wav') } },
        { fileInput: 's3://in/c.mp4', audioSelectors: { c: file('s3://in/b.mp4') } },
      ],
    };
    const missing = (url: string) => jobFault(1404, 'input-missing', { url }).record;
    expect(pointerOf(missing('s3://in/a.wav'), settings, null)).toBe(
      '/inputs/0/audioSelectors/Sound~11/externalAudioFileInput',
    );
    expect(pointerOf(missing('s3://in/b.wav'), settings, null)).toBe(
      '/inputs/1/dynamicAudioSelectors/d/externalAudioFileInput',
    );
    expect(pointerOf(missing('s3://in/b.mp4'), settings, null)).toBe('/inputs/1/fileInput');
  });

  test('the input whose composition is made of a file', () => {
    const plan = mustPlan(jobWith([fileGroup([mp4Output(h264Video())])]));
    const [input] = plan.inputs;
    if (input === undefined) throw new Error('an input');
    const file = { location: 's3://in/track.mxf', demuxer: 'mxf', streamIndex: 0, originUs: 0 };
    const part = { file, firstUnit: 0, unitCount: 25 };
    const composition = [
      { kind: 'video', streamIndex: 0, rate: { numerator: 25, denominator: 1 }, parts: [part] },
    ] as never;
    const packaged = { ...plan, inputs: [{ ...input, inputIndex: 1, composition }] };
    const broken = jobFault(1076, 'truncated', { bytes: 1 }, { location: file.location }).record;
    expect(pointerOf(broken, two, packaged)).toBe('/inputs/1/fileInput');
    expect(pointerOf(broken, two, plan)).toBeUndefined();
  });

  test('the selector that takes alternate audio from a playlist of the package', () => {
    const plan = mustPlan(jobWith([fileGroup([mp4Output(h264Video(), { audioDescriptions: [stereo] })])]));
    const [input] = plan.inputs;
    const [source] = input?.audio ?? [];
    if (input === undefined || source === undefined) throw new Error('an input with sound');
    const file = { location: 's3://in/deu.m3u8', demuxer: 'mpegts', originUs: 0 };
    const audio = [{ ...source, selectorName: 'a/b', file }];
    const withRendition = { ...plan, inputs: [{ ...input, inputIndex: 1, audio }] };
    const changed = jobFault(3408, 'transfer-failed', { reason: '' }, { location: file.location }).record;
    expect(pointerOf(changed, two, withRendition)).toBe('/inputs/1/audioSelectors/a~1b');
    expect(pointerOf(changed, two, plan)).toBeUndefined();
  });

  test('the only input, when a demuxer or decoder names no location; none of several', () => {
    const cut = jobFault(1076, 'truncated', { bytes: 1 }, { component: 'demuxer' }).record;
    expect(pointerOf(cut, { inputs: [{ fileInput: 's3://in/a.mp4' }] }, null)).toBe('/inputs/0/fileInput');
    expect(pointerOf(cut, two, null)).toBeUndefined();
  });

  test('the audio selector, its name escaped', () => {
    const silent = jobFault(1021, 'no-frames', { selector: 'a/b', track: 1 }).record;
    expect(pointerOf(silent, two, null)).toBe('/inputs/1/audioSelectors/a~1b');
  });

  test('the destination of the group that writes the location, segments included', () => {
    const rung = {
      containerSettings: { container: 'M3U8' },
      nameModifier: '_a',
      videoDescription: h264Video(),
    } as const;
    const settings = jobWith([
      fileGroup([mp4Output(h264Video(), { audioDescriptions: [stereo] })]),
      hlsGroup([rung]),
    ]);
    const plan = mustPlan(settings);
    const failed = (url: string) => jobFault(1517, 'write-failed', { url, reason: 'InternalError' }).record;
    expect(pointerOf(failed('s3://out/folder/film.mp4'), settings, plan)).toBe(
      '/outputGroups/0/outputGroupSettings/fileGroupSettings/destination',
    );
    expect(pointerOf(failed('s3://out/hls/main_a_00007.ts'), settings, plan)).toBe(
      '/outputGroups/1/outputGroupSettings/hlsGroupSettings/destination',
    );
    expect(pointerOf(failed('s3://out/elsewhere'), settings, plan)).toBeUndefined();
  });

  test('the access control of a group whose bucket takes none', () => {
    const group = fileGroup([mp4Output(h264Video())]);
    const withAcl = (cannedAcl?: 'PUBLIC_READ'): JobSettings => {
      const accessControl = cannedAcl === undefined ? {} : { accessControl: { cannedAcl } };
      const { fileGroupSettings } = group.outputGroupSettings ?? {};
      const destinationSettings = { s3Settings: accessControl };
      const outputGroupSettings = {
        ...group.outputGroupSettings,
        fileGroupSettings: { ...fileGroupSettings, destinationSettings },
      };
      return jobWith([{ ...group, outputGroupSettings }]);
    };
    const parameters = { url: 's3://out/folder/film.mp4', reason: 'AccessControlListNotSupported' };
    const refused = jobFault(1517, 'acl-refused', parameters).record;
    const block = '/outputGroups/0/outputGroupSettings/fileGroupSettings';
    const asked = withAcl('PUBLIC_READ');
    expect(pointerOf(refused, asked, mustPlan(asked))).toBe(
      `${block}/destinationSettings/s3Settings/accessControl/cannedAcl`,
    );
    const other = jobFault(1517, 'write-failed', parameters).record;
    expect(pointerOf(other, asked, mustPlan(asked))).toBe(`${block}/destination`);
    // A store that refuses what the job did not ask for.
    expect(pointerOf(refused, withAcl(), mustPlan(withAcl()))).toBe(`${block}/destination`);
  });

  test('what it said itself', () => {
    const own = jobFault(1404, 'input-missing', { url: 's3://in/a.mp4' }, { pointer: '/esam' }).record;
    expect(pointerOf(own, two, null)).toBe('/esam');
  });
});
