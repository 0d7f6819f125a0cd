/** Settings that cannot be had: licensed engines, and acceleration where the job does not allow it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { openProvocations, type Provocations } from './provocations.ts';

const picture = { encoder: 'libx264', frames: 10, frameRate: [25, 1] } as const;
const sound = { encoder: 'aac', seconds: 0.4 } as const;

let place: Provocations;

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
  makeClip(place.place('clip.mp4'), { muxer: 'mp4', video: picture, audio: sound });
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const job = (values: Readonly<Record<string, unknown>>) => changed(mp4Settings('s3://out/never'), values);
const preprocessors = '/OutputGroups/0/Outputs/0/VideoDescription/VideoPreprocessors';

describe('a job that asks for what needs a licensed engine:', () => {
  test('a Nielsen watermark provokes 1601', async () => {
    const { message, explanation } = await place.failing(
      1601,
      job({ '/NielsenConfiguration': { BreakoutCode: 0 } }),
    );
    expect(message).toMatch(/^Nielsen watermarking failed: /);
    expect(explanation.pointer).toBe('/nielsenConfiguration');
  });

  test('a NexGuard watermark provokes 1602', async () => {
    const marker = { License: 'any', Payload: 1, Preset: 'any', Strength: 'DEFAULT' };
    const { message, explanation } = await place.failing(
      1602,
      job({ [preprocessors]: { PartnerWatermarking: { NexguardFileMarkerSettings: marker } } }),
    );
    expect(message).toMatch(/^NexGuard watermarking failed: /);
    expect(explanation.pointer).toMatch(/videoPreprocessors\/partnerWatermarking$/);
  });

  test('a Kantar watermark provokes 1603', async () => {
    const kantar = {
      ChannelName: 'channel',
      ContentReference: 'reference',
      CredentialsSecretName: 'secret',
      KantarServerUrl: 'https://licenses.kantarmedia.invalid/',
      KantarLicenseId: 1,
      LogDestination: 's3://out/log',
    };
    const { message, explanation } = await place.failing(1603, job({ '/KantarWatermark': kantar }));
    expect(message).toMatch(/^Kantar watermarking failed: /);
    expect(explanation.pointer).toBe('/kantarWatermark');
  });
});

describe('acceleration', () => {
  const enabled = { AccelerationSettings: { Mode: 'ENABLED' } } as const;
  const preferred = { AccelerationSettings: { Mode: 'PREFERRED' } } as const;
  /** Splitting needs a timecode that does not come from the medium. */
  const splittable = (values: Readonly<Record<string, unknown>> = {}) =>
    job({
      '/TimecodeConfig': { Source: 'ZEROBASED' },
      '/Inputs/0/TimecodeSource': 'ZEROBASED',
      ...values,
    });

  test('settings that cannot be accelerated provokes 1041', async () => {
    const settings = splittable({
      '/TimecodeConfig': { Source: 'EMBEDDED' },
      '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings/H264Settings/UnregisteredSeiTimecode':
        'ENABLED',
    });
    const run = await place.run(settings, enabled);
    // Everything that stands in the way is told, not only the first.
    expect(run.job).toMatchObject({ Status: 'ERROR', ErrorCode: 1041 });
    const codes = (run.events.at(-1)?.openconvert?.alsoWrong ?? []).map(({ code }) => code);
    expect(codes).toEqual([1041]);

    const {
      message,
      explanation,
      job: failed,
    } = await place.failing(1041, splittable({ '/TimecodeConfig': undefined }), enabled);
    expect(message).toBe(
      "Your job settings aren't compatible with accelerated transcoding. Adjust your job settings as follows: [Set the timecode source of the job to ZEROBASED or SPECIFIEDSTART. Or disable accelerated transcoding.]",
    );
    expect(explanation.pointer).toBe('/timecodeConfig/source');
    expect(failed.AccelerationStatus).toBe('NOT_ACCELERATED');
  });

  test('an input that cannot be split provokes 1043', async () => {
    // Pictures that begin a second late: the muxer writes the second as an empty edit.
    const video = { ...picture, tickOf: (frame: number) => frame + 25 };
    makeClip(place.place('empty-edit.mp4'), { muxer: 'mp4', video, audio: sound });
    const settings = splittable({ '/Inputs/0/FileInput': 's3://media/empty-edit.mp4' });
    const { message, explanation, job: failed } = await place.failing(1043, settings, enabled);
    expect(message).toBe(
      "Your input files aren't compatible with accelerated transcoding for the following reasons: [You can't use accelerated transcoding with input files that have empty edit lists as in this input: [0].]",
    );
    expect(explanation).toMatchObject({ pointer: '/inputs/0/fileInput' });
    expect(failed.AccelerationStatus).toBe('NOT_ACCELERATED');
  });

  test('an input without the timecode that its setting asks for is 1043, told of that setting', async () => {
    const settings = splittable({ '/Inputs/0/TimecodeSource': 'EMBEDDED' });
    const { message, explanation } = await place.failing(1043, settings, enabled);
    expect(message).toBe(
      "Your input files aren't compatible with accelerated transcoding for the following reasons: [There is no initial timecode available in this input: [0].]",
    );
    expect(explanation).toMatchObject({
      pointer: '/inputs/0/timecodeSource',
      expected: expect.stringContaining('ZEROBASED'),
    });
  });

  test('a job too small to gain from acceleration provokes 1042', async () => {
    const { message, job: failed } = await place.failing(1042, splittable(), enabled);
    expect(message).toMatch(/^This job doesn't require enough processing power/);
    expect(failed.AccelerationStatus).toBe('NOT_ACCELERATED');
  });

  test('PREFERRED runs the same jobs plainly and says why', async () => {
    const settings = splittable({
      '/OutputGroups/0/OutputGroupSettings/FileGroupSettings/Destination': 's3://out/plain',
    });
    const { job: done } = await place.run(settings, preferred);
    expect(done).toMatchObject({ Status: 'COMPLETE', AccelerationStatus: 'NOT_ACCELERATED' });
    expect(done.Messages?.Info).toContainEqual(expect.stringMatching(/^The job is not accelerated: /));
  });

  test('PREFERRED ends NOT_ACCELERATED when the job fails', async () => {
    const { job: failed } = await place.failing(
      1404,
      job({ '/Inputs/0/FileInput': 's3://media/none.mp4' }),
      preferred,
    );
    expect(failed.AccelerationStatus).toBe('NOT_ACCELERATED');
  });
});

describe('a job with several things wrong', () => {
  test('carries the first by the order of looking, and tells all others', async () => {
    const { explanation, job: failed } = await place.failing(
      1404,
      job({
        '/Inputs/0/FileInput': 's3://media/none.mp4',
        '/Inputs/1': { FileInput: 's3://media/neither.mp4' },
      }),
    );
    expect(explanation.pointer).toBe('/inputs/0/fileInput');
    expect(explanation.alsoWrong).toEqual([
      expect.objectContaining({ code: 1404, pointer: '/inputs/1/fileInput' }),
    ]);
    expect(failed.Messages?.Warning).toEqual([
      expect.stringMatching(/^Also wrong: 1404 at \/inputs\/1\/fileInput: /),
    ]);
  });
});
