/**
 * What can be known of a job before it runs is the same before and after: for each document CreateJob's dry run has the
 * code, the text and the list of everything else that the job itself ends with, and nothing that it lets pass fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { CreateJobCommand } from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toClientNames } from '../../src/contract/client-names.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { placeOf } from '../probe/box-surgery.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { openProvocations, type Provocations } from '../provocations/provocations.ts';
import { askDryRun, type DryFinding } from './dry-run.ts';
import { readRealJobs } from './real-jobs.ts';
import { changed } from './run-report.ts';
import { mp4Settings, role } from './tiny-jobs.ts';

const patient = { timeout: 240_000 };
const output = '/OutputGroups/0/Outputs/0';
const picture = `${output}/VideoDescription`;
const h264 = `${picture}/CodecSettings/H264Settings`;
const realJobs = readRealJobs('s3://media/clip.mp4');

let place: Provocations;

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
  const video = { encoder: 'libx264', frames: 25, frameRate: [25, 1] } as const;
  const audio = { encoder: 'aac', seconds: 1 } as const;
  makeClip(place.place('clip.mp4'), { muxer: 'mp4', video, audio });
  makeClip(place.place('silent.mp4'), { muxer: 'mp4', video });
  makeClip(place.place('sound.mp4'), { muxer: 'mp4', audio });
  const clip = readFileSync(place.place('clip.mp4'));
  writeFileSync(place.place('cut.mp4'), clip.subarray(0, placeOf(clip, 'moov').start));
  writeFileSync(place.place('notes.mp4'), 'This is not a film.\n'.repeat(200));
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const input = (name: string, more: Readonly<Record<string, unknown>> = {}) =>
  changed(mp4Settings('s3://out/made'), { '/Inputs/0/FileInput': `s3://media/${name}`, ...more });

/** Each document is wrong in one way, or in the ways its name counts. */
const documents: Readonly<Record<string, object>> = {
  'nothing wrong': input('clip.mp4'),
  'a narrow transport stream': input('clip.mp4', {
    [`${output}/ContainerSettings`]: { Container: 'M2TS', M2tsSettings: { Bitrate: 200_000 } },
  }),
  'a missing key': input('none.mp4'),
  'a missing bucket': changed(input('clip.mp4'), { '/Inputs/0/FileInput': 's3://nowhere/clip.mp4' }),
  'a missing output bucket': changed(mp4Settings('s3://nowhere/x'), {}),
  'a cut file': input('cut.mp4'),
  'no film': input('notes.mp4'),
  'no sound': input('silent.mp4'),
  'no picture to follow': input('sound.mp4'),
  'a PID that is not there': input('clip.mp4', { '/Inputs/0/VideoSelector': { Pid: 4000 } }),
  'a clip that is not there': input('clip.mp4', {
    '/Inputs/0/TimecodeSource': 'ZEROBASED',
    '/Inputs/0/InputClippings': [{ StartTimecode: '00:12:55:00' }],
  }),
  'no camera timecode': input('clip.mp4', {
    '/Inputs/0/VideoSelector': { EmbeddedTimecodeOverride: 'USE_MDPM' },
  }),
  'a position outside': input('clip.mp4', {
    [`${picture}/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 },
  }),
  'a level too low': input('clip.mp4', { [`${h264}/CodecLevel`]: 'LEVEL_1' }),
  'an output over its input': changed(mp4Settings('s3://media/clip'), {}),
  'two outputs of one name': input('clip.mp4', {
    '/OutputGroups/0/Outputs/1': mp4Settings().OutputGroups[0].Outputs[0],
  }),
  'a name of no selector': input('clip.mp4', {
    '/Inputs/0/AudioSelectors': { Stereo: { Tracks: [1] } },
    [`${output}/AudioDescriptions/0/AudioSourceName`]: 'Surround',
  }),
  'a watermark': input('clip.mp4', { '/NielsenConfiguration': { BreakoutCode: 0 } }),
  'two inputs missing': input('none.mp4', { '/Inputs/1': { FileInput: 's3://media/neither.mp4' } }),
  'three settings wrong': input('clip.mp4', {
    '/NielsenConfiguration': { BreakoutCode: 0 },
    [`${picture}/Position`]: { X: 100, Y: 0, Width: 100, Height: 50 },
    '/Inputs/0/VideoSelector': { EmbeddedTimecodeOverride: 'USE_MDPM' },
  }),
  'a value that is none': input('clip.mp4', { [`${picture}/Width`]: 5 }),
};

/** What stands against a job: by the dry run, and by what becomes of it. */
interface Judgement {
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly wrong: readonly string[];
}

describe('a document of the settings table', patient, () => {
  test.each(Object.entries(documents))('%s: the dry run says what the job ends with', async (_, settings) => {
    const before = await judgedBefore(settings);
    expect(await judgedBy(settings)).toEqual(before);
  });

  test('some run and some do not, of several codes', async () => {
    const codes = new Set<number | undefined>();
    for (const settings of Object.values(documents)) codes.add((await judgedBefore(settings)).code);
    expect([...codes]).toEqual(
      expect.arrayContaining([undefined, 400, 1010, 1020, 1022, 1040, 1060, 1075, 1404, 1601]),
    );
  });
});

describe.skipIf(realJobs.length === 0)('documents people really use', patient, () => {
  test('are refused before they run as they are by running; what may run is left to run elsewhere', async () => {
    let refused = 0;
    for (const { id, settings } of realJobs) {
      if (settings === null) continue;
      const document = toClientNames('JobSettings', settings as never) as object;
      const before = await judgedBefore(document);
      if (before.code === undefined) continue;
      refused += 1;
      expect(await judgedBy(document), id).toEqual(before);
    }
    console.log(`${refused} of ${realJobs.length} documents are refused, before and after`);
  });
});

async function judgedBefore(settings: object): Promise<Judgement> {
  const command = new CreateJobCommand({ Role: role, Settings: settings as never });
  const answer = await askDryRun(place.client, command).catch(refusalOf);
  if (!('body' in answer)) return answer;
  const { body, job } = answer;
  const { canRun, findings } = body.openconvert;
  expect(canRun).toBe(job['ErrorCode'] === undefined);
  const errors = findings.filter(({ severity }) => severity === 'error');
  return {
    code: job['ErrorCode'] as number | undefined,
    message: job['ErrorMessage'] as string | undefined,
    wrong: job['ErrorCode'] === 400 ? [] : listed(errors),
  };
}

async function judgedBy(settings: object): Promise<Judgement> {
  let id: string;
  try {
    id = await place.submit(settings);
  } catch (error) {
    return refusalOf(error);
  }
  const { job, events } = await place.ended(id);
  const { pointer = '', alsoWrong = [] } = events.at(-1)?.openconvert ?? {};
  const { ErrorCode: code, ErrorMessage: message } = job;
  if (code === undefined) expect(job.Status).toBe('COMPLETE');
  const itself = code === undefined ? [] : [{ code, pointer, message: message ?? '' }];
  return { code, message, wrong: listed([...itself, ...alsoWrong]) };
}

/** What the API refuses: an invalid document, or one that names a template or preset that does not exist. */
function refusalOf(error: unknown): Judgement {
  const { $metadata, message } = error as { $metadata: { httpStatusCode: number }; message: string };
  return { code: $metadata.httpStatusCode, message, wrong: [] };
}

function listed(errors: readonly Pick<DryFinding, 'code' | 'pointer' | 'message'>[]): readonly string[] {
  return [...new Set(errors.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`))].sort();
}
