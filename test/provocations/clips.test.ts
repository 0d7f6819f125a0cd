/** Clips and joined inputs as a client of the service sees them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeNumberedClip, numbersOf, range, readNumberedMedia } from '../engine/numbered-media.ts';
import { openProvocations, type Provocations } from './provocations.ts';

let place: Provocations;

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
  const audio = { encoder: 'aac' } as const;
  makeNumberedClip(place.place('hour.mp4'), {
    muxer: 'mp4',
    frames: 100,
    frameRate: [25, 1],
    audio,
    timecode: '01:00:00:00',
  });
  makeNumberedClip(place.place('other.mov'), { frames: 50, frameRate: [25, 1], clip: 1, audio });
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const first = (changes: object) => ({
  FileInput: 's3://media/hour.mp4',
  AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
  ...changes,
});
const job = (name: string, ...inputs: object[]) =>
  changed(mp4Settings(`s3://out/${name}`), {
    '/Inputs': inputs,
    '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings/H264Settings/RateControlMode': 'VBR',
    '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings/H264Settings/Bitrate': 20_000_000,
    '/OutputGroups/0/Outputs/0/VideoDescription/Width': 128,
    '/OutputGroups/0/Outputs/0/VideoDescription/Height': 96,
  });

test('a clip that is not in its input provokes 1060', async () => {
  const clip = { InputClippings: [{ StartTimecode: '00:00:00:00', EndTimecode: '00:00:02:12' }] };
  const { message, explanation } = await place.failing(1060, job('never', first(clip)));
  expect(message).toBe(
    'The clipping region [00:00:00:00] to [00:00:02:12] was not found in input number [1]',
  );
  expect(explanation).toMatchObject({
    pointer: '/inputs/0/inputClippings/0',
    mediaFact: 'The input timeline runs from 01:00:00:00 to 01:00:03:24.',
  });
});

test('two clips and a second input become one file, to the frame', async () => {
  const clips = {
    InputClippings: [
      { StartTimecode: '01:00:00:10', EndTimecode: '01:00:00:19' },
      { StartTimecode: '01:00:03:00' },
    ],
  };
  const other = { FileInput: 's3://media/other.mov', AudioSelectors: { 'Audio Selector 1': {} } };
  const { job: ended, events } = await place.run(job('joined', first(clips), other));
  expect(ended.Status).toBe('COMPLETE');
  expect(ended.OutputGroupDetails?.[0]?.OutputDetails?.[0]?.DurationInMs).toBe(3400);
  const probed = events.find(({ status }) => status === 'INPUT_INFORMATION');
  expect(probed?.inputDetails).toMatchObject([{ id: 1 }, { id: 2, uri: 's3://media/other.mov' }]);
  const media = readNumberedMedia(place.place('joined.mp4', 'out'));
  expect(numbersOf(media)).toEqual([...range(10, 19), ...range(75, 99), ...range(0, 49)]);
  expect(Math.abs(media.samples.length / 48_000 - 3.4)).toBeLessThan(0.03);
});
