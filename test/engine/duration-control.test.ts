/** `durationControl`: outputs last whole seconds, cut, played faster or filled, and their sound with them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  DurationControl,
  InputClipping,
  JobSettings,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import { amplitudeOf, readSound } from './read-sound.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchMedia } from './watch-media.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;

beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('long.mp4', { durationSeconds: 2.4, frameRate: { num: 25, den: 1 } });
  // Its sound ends with a whole frame of AAC, behind the last picture.
  await workshop.makeClip('even.mp4', { durationSeconds: 2, frameRate: { num: 25, den: 1 } });
  await workshop.makeClip('ntsc.mp4', { durationSeconds: 2.1, frameRate: { num: 30000, den: 1001 } });
});
afterAll(() => workshop.close());

const control = (share: number, trimMs?: number): DurationControl => ({
  integerDurationMaximumCompressionNumerator: share,
  integerDurationMaximumCompressionDenominator: 100,
  ...(trimMs === undefined ? {} : { integerDurationTrimThresholdMilliseconds: trimMs }),
});

let made = 0;

function jobOf(
  key: string,
  durationControl: DurationControl,
  clips: readonly InputClipping[],
  more: Partial<VideoDescription> = {},
) {
  made += 1;
  const h264Settings = {
    rateControlMode: 'VBR',
    bitrate: 300_000,
    qualityTuningLevel: 'SINGLE_PASS',
  } as const;
  const video: VideoDescription = {
    codecSettings: { codec: 'H_264', h264Settings },
    videoPreprocessors: { durationControl },
    ...more,
  };
  const wavSettings = { bitDepth: 16, channels: 2, sampleRate: 48_000 } as const;
  const changes: Partial<JobSettings> = {
    inputs: [
      {
        fileInput: `s3://inputs/${key}`,
        timecodeSource: 'ZEROBASED',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
        ...(clips.length === 0 ? {} : { inputClippings: clips }),
      },
    ],
    outputGroups: [
      {
        outputGroupSettings: {
          type: 'FILE_GROUP_SETTINGS',
          fileGroupSettings: { destination: `s3://outputs/whole-${made}` },
        },
        outputs: [
          {
            containerSettings: { container: 'MOV' },
            videoDescription: video,
            audioDescriptions: [
              { audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'WAV', wavSettings } },
            ],
          },
        ],
      },
    ],
  };
  return { key, video, changes };
}

const clip = (last: number): readonly InputClipping[] => [
  { endTimecode: `00:00:0${Math.floor(last / 25)}:${String(last % 25).padStart(2, '0')}` },
];

describe('an output', () => {
  it.each([
    ['a little longer than its seconds is cut', 'long.mp4', clip(54), control(0, 200), 50, 2],
    ['longer than may be cut is played faster', 'long.mp4', [], control(25, 200), 50, 2],
    ['longer than may be made up for is filled', 'long.mp4', [], control(5, 200), 75, 3],
    ['shorter than a second is filled', 'long.mp4', clip(19), control(100, 500), 25, 1],
    ['of whole seconds stays, however long its sound', 'even.mp4', [], control(0), 50, 2],
    ['of a clip of whole seconds stays', 'long.mp4', clip(49), control(5, 500), 50, 2],
    ['of 29.97 has the nearest number of frames', 'ntsc.mp4', [], control(0), 90, 90 * (1001 / 30_000)],
  ] as const)('%s', async (_name, key, clips, durationControl, frames, seconds) => {
    const { path, output } = await runVideoJob(workshop, jobOf(key, durationControl, clips));
    expect(output.video?.frames).toBe(frames);
    const { times } = watchPictures(path);
    expect(times).toHaveLength(frames);
    const { tracks, video } = await watchMedia(path);
    expect(video.decodeErrors).toBe(0);
    const samples = tracks.find(({ kind }) => kind === 'audio')?.samples ?? 0;
    expect(samples).toBe(Math.round(seconds * 48_000));
  });

  it.each(['INTERPOLATE', 'FRAMEFORMER'] as const)(
    'of another rate by %s is filled as well',
    async (framerateConversionAlgorithm) => {
      const rate = {
        framerateControl: 'SPECIFIED',
        framerateNumerator: 30_000,
        framerateDenominator: 1001,
        framerateConversionAlgorithm,
      } as const;
      const codecSettings = {
        codec: 'H_264',
        h264Settings: { rateControlMode: 'VBR', bitrate: 300_000, ...rate },
      } as const;
      const { path } = await runVideoJob(workshop, jobOf('long.mp4', control(5, 200), [], { codecSettings }));
      expect(watchPictures(path).times).toHaveLength(90);
    },
  );

  it('that is played faster keeps the pitch of its sound, and leaves out pictures evenly', async () => {
    const { path, plan } = await runVideoJob(workshop, jobOf('long.mp4', control(25), []));
    expect(plan.videoRenditions[0]?.speed).toEqual({ num: 6, den: 5 });
    const source = readSound(workshop.inputPath('long.mp4'));
    const sound = readSound(path);
    const middle = (channel: Float64Array | undefined): Float64Array =>
      (channel ?? new Float64Array()).subarray(24_000, 72_000);
    const hertz = loudest(middle(source.channels[0]), source.sampleRateHz);
    const kept = amplitudeOf(middle(sound.channels[0]), sound.sampleRateHz, hertz);
    const raised = amplitudeOf(middle(sound.channels[0]), sound.sampleRateHz, hertz * 1.2);
    expect(kept).toBeGreaterThan(5 * raised);
  });
});

/** The strongest frequency among whole tens. */
function loudest(samples: Float64Array, rate: number): number {
  const all = Array.from({ length: 150 }, (_, index) => 100 + index * 10);
  const strengths = all.map((hertz) => amplitudeOf(samples, rate, hertz));
  return all[strengths.indexOf(Math.max(...strengths))] ?? 0;
}

describe('refused by name', () => {
  const twoClips: readonly InputClipping[] = [
    { startTimecode: '00:00:00:00', endTimecode: '00:00:00:10' },
    { startTimecode: '00:00:01:00', endTimecode: '00:00:01:10' },
  ];
  const slow = {
    codec: 'H_264',
    h264Settings: {
      bitrate: 300_000,
      slowPal: 'ENABLED',
      framerateControl: 'SPECIFIED',
      framerateNumerator: 25,
      framerateDenominator: 1,
    },
  } as const;

  it('several clips', async () => {
    await expect(planVideoJob(workshop, jobOf('long.mp4', control(0), twoClips))).rejects.toThrow(
      /durationControl.*one input with at most one clip/s,
    );
  });

  it('slow PAL', async () => {
    await workshop.makeClip('film.mp4', { durationSeconds: 0.5, frameRate: { num: 24, den: 1 } });
    await expect(
      planVideoJob(workshop, jobOf('film.mp4', control(0), [], { codecSettings: slow })),
    ).rejects.toThrow(/durationControl.*slow PAL/s);
  });
});
