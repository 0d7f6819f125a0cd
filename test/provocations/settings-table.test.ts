/** Settings that only the input shows to be wrong, and several wrong at once: the rows of 1040 that need media of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { openProvocations, type Provocations } from './provocations.ts';

const output = '/OutputGroups/0/Outputs/0';
const picture = `${output}/VideoDescription`;

let place: Provocations;

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
  const audio = { encoder: 'aac', seconds: 1 } as const;
  makeClip(place.place('clip.mp4'), {
    muxer: 'mp4',
    video: { encoder: 'libx264', frames: 30, frameRate: [30, 1] },
    audio,
  });
  makeClip(place.place('sound.mp4'), { muxer: 'mp4', audio });
  const still = place.place('still.mov');
  makeClip(still, { muxer: 'mov', video: { encoder: 'mjpeg', frames: 1, frameRate: [25, 1] } });
  writeFileSync(still, withoutDuration(readFileSync(still)));
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const input = (name: string, values: Readonly<Record<string, unknown>> = {}) =>
  changed(mp4Settings('s3://out/x'), { '/Inputs/0/FileInput': `s3://media/${name}`, ...values });

test('a picture made for sound alone has no size to follow, nor a rate', async () => {
  const h264 = `${picture}/CodecSettings/H264Settings`;
  const unsized = input('sound.mp4', {
    [`${picture}/Width`]: undefined,
    [`${picture}/Height`]: undefined,
    [`${h264}/FramerateControl`]: 'SPECIFIED',
    [`${h264}/FramerateNumerator`]: 25,
    [`${h264}/FramerateDenominator`]: 1,
  });
  expect((await place.failing(1040, unsized)).message).toMatch(
    /^You did not specify resolution for Video description \[1\] and there is no input resolution to follow\./,
  );
  expect((await place.failing(1040, input('sound.mp4'))).message).toMatch(
    /^You did not specify framerate for Video description \[1\] and there is no input framerate to follow\./,
  );
});

test('a single picture has no rate to follow', async () => {
  const still = input('still.mov', { [`${output}/AudioDescriptions`]: undefined });
  expect((await place.failing(1040, still)).message).toBe(
    'Frame rate is set to follow, but there is no frame rate information in the input stream info',
  );
});

test('an AVC-Intra class has no operating point at the rate of the input', async () => {
  const intra = input('clip.mp4', {
    [`${output}/ContainerSettings`]: { Container: 'MXF' },
    [picture]: {
      Width: 1920,
      Height: 1080,
      CodecSettings: { Codec: 'AVC_INTRA', AvcIntraSettings: { AvcIntraClass: 'CLASS_100' } },
    },
    [`${output}/AudioDescriptions`]: undefined,
  });
  expect((await place.failing(1040, intra)).message).toMatch(
    /^video_description \[1\] is not a valid AVC-Intra operating point\. Invalid frame rate \[30\/1\]\. Supported frame rates for AVC Intra class 100, 1920x1080, PROGRESSIVE are \[/,
  );
});

test('one wrong output fails the job, and everything that is wrong is told, whichever output it concerns', async () => {
  const [first] = mp4Settings().OutputGroups[0].Outputs;
  const settings = input('clip.mp4', {
    '/OutputGroups/0/Outputs': [
      changed(
        { ...first, NameModifier: '_a' },
        { '/VideoDescription/Position': { X: 100, Y: 0, Width: 100, Height: 50 } },
      ),
      { ...first, NameModifier: '_b' },
      changed({ ...first, NameModifier: '_c' }, { '/AudioDescriptions/0/AudioSourceName': 'Surround' }),
    ],
    '/Inputs/0/AudioSelectors': { 'Audio Selector 1': { Tracks: [1] } },
  });
  const { explanation, job } = await place.failing(1040, settings);
  const places = [explanation.pointer, ...(explanation.alsoWrong ?? []).map(({ pointer }) => pointer)];
  expect(places.toSorted()).toEqual([
    '/outputGroups/0/outputs/0/videoDescription/position',
    expect.stringMatching(/^\/outputGroups\/0\/outputs\/2\/audioDescriptions\/0/),
  ]);
  expect(job.Messages?.Warning).toHaveLength(1);
});

/** Lets the table of sample times say that the one picture takes no time. */
function withoutDuration(file: Buffer): Buffer {
  const timeless = Buffer.from(file);
  timeless.writeUInt32BE(0, file.indexOf('stts', 0, 'latin1') + 4 + 8 + 4);
  return timeless;
}
