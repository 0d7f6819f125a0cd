/** Clips and joined inputs as a client of the service sees them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

test('a clip whose timecodes are not in its input provokes 1060', async () => {
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

describe('the timecode that a camera wrote beside the pictures', () => {
  const chosen = { VideoSelector: { EmbeddedTimecodeOverride: 'USE_MDPM' } } as const;

  test('which the input does not have provokes 1022', async () => {
    const { explanation } = await place.failing(1022, job('never', first(chosen)));
    expect(explanation).toMatchObject({
      pointer: '/inputs/0/videoSelector/embeddedTimecodeOverride',
      mediaFact: 'The only embedded timecode of the input is 01:00:00:00, which is not MDPM.',
    });
  });

  test('is the one that clips are counted from', async () => {
    const hour = readFileSync(place.place('hour.mp4'));
    writeFileSync(place.place('camera.mp4'), withCameraTimecode(hour, [0x05, 0x30, 0x20, 0x10]));
    const clip = { InputClippings: [{ StartTimecode: '10:20:31:00', EndTimecode: '10:20:31:09' }] };
    const input = first({ FileInput: 's3://media/camera.mp4', ...chosen, ...clip });
    const { job: ended } = await place.run(job('camera', input));
    expect(ended.Status, ended.ErrorMessage).toBe('COMPLETE');
    expect(numbersOf(readNumberedMedia(place.place('camera.mp4', 'out')))).toEqual(range(20, 29));
  });
});

/**
 * Makes the encoder's message about itself one of a camera: identifier, kind, one pack of frames, seconds, minutes
 * and hours. What remains of the message says nothing more.
 */
function withCameraTimecode(file: Buffer, timecode: readonly number[]): Buffer {
  const changed = Buffer.from(file);
  const at = changed.indexOf(Buffer.from('dc45e9bde6d948b7962cd820d923eeef', 'hex'));
  if (at < 0) throw new Error('the encoder wrote no message');
  const camera = Buffer.from('17ee8c60f84d11d98cd60800200c9a66', 'hex');
  Buffer.concat([camera, Buffer.from('MDPM'), Buffer.of(1, 0x13, ...timecode)]).copy(changed, at);
  return changed;
}
