/** Sound and pictures of an MXF file end together: sound that ends early is filled with silence, sound that ends late is cut, with a notice. */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/catalogue/finding.ts';
import type { Input, Output } from '../../src/contract/types.generated.ts';
import { makeNumberedClip } from './numbered-media.ts';
import { readMxf } from './read-mxf.ts';
import { readSound } from './read-sound.ts';
import { inputOf } from './run-settings.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
  makeNumberedClip(workshop.inputPath('short.mov'), {
    clip: 1,
    frames: 4,
    frameRate: [50, 1],
    audio: { seconds: 0.08 },
  });
  makeNumberedClip(workshop.inputPath('long.mov'), {
    clip: 1,
    frames: 25,
    frameRate: [25, 1],
    audio: { seconds: 2 },
  });
});
afterAll(() => workshop.close());

const sound = {
  audioSourceName: 'Audio Selector 1',
  codecSettings: { codec: 'WAV', wavSettings: { channels: 1, bitDepth: 24, sampleRate: 48_000 } },
} as const;

async function make(keys: readonly string[], rate: object, input: Partial<Input> = {}) {
  const video = {
    codecSettings: {
      codec: 'MPEG2',
      mpeg2Settings: { bitrate: 5_000_000, rateControlMode: 'VBR', ...rate },
    },
  } as Output['videoDescription'] & object;
  const containerSettings = { container: 'MXF', mxfSettings: { profile: 'OP1A' } } as const;
  const fileGroupSettings = { destination: `s3://outputs/${keys.join('-')}` };
  return runVideoJob(workshop, {
    key: keys[0] ?? '',
    video,
    container: 'MXF',
    changes: {
      inputs: keys.map((key) => ({ ...inputOf(key), ...input })),
      outputGroups: [
        {
          outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings },
          outputs: [{ containerSettings, videoDescription: video, audioDescriptions: [sound] }],
        },
      ],
    },
  });
}

it('a rate that rounds pictures up keeps the last one', async () => {
  const ntsc = { framerateControl: 'SPECIFIED', framerateNumerator: 60_000, framerateDenominator: 1001 };
  const { path, output } = await make(['short.mov', 'short.mov'], ntsc);
  // 0.16 s are 9.6 pictures of 59.94 a second, and sound for as many.
  expect(output.video?.frames).toBe(10);
  expect(watchPictures(path).times).toHaveLength(10);
  expect(readSound(path).channels[0]?.length).toBe(Math.ceil((10 * 1001 * 48_000) / 60_000));
});

it('sound beyond the pictures is left out, and a notice says how much', async () => {
  const { path, output, findings } = await make(['long.mov'], {});
  expect(readSound(path).channels[0]?.length).toBe(48_000);
  expect(output).toMatchObject({ durationMs: 1000, audio: [{ samples: 48_000 }] });
  // Pictures and sound have as many edit units.
  const essence = readMxf(path).essence.map(({ item }) => item);
  expect(essence.filter((item) => item === 0x15)).toHaveLength(25);
  expect(essence.filter((item) => item !== 0x15)).toHaveLength(25);
  const notices = findings.filter(({ message }) => message.startsWith('an MXF file'));
  expect(notices).toMatchObject([
    {
      severity: 'notice',
      reason: 'left-out',
      pointer: '/outputGroups/0/outputs/0/audioDescriptions/0',
      message: expect.stringContaining('the sound of input 1 is 1.000 s longer'),
      remedy: expect.stringContaining('padVideo'),
    },
  ]);
});

it('sound beyond the pictures of another rate ends with the last of them', async () => {
  const ntsc = { framerateControl: 'SPECIFIED', framerateNumerator: 30_000, framerateDenominator: 1001 };
  const { path, output } = await make(['long.mov'], ntsc);
  expect(output.video?.frames).toBe(30);
  expect(readSound(path).channels[0]?.length).toBe((30 * 1001 * 48_000) / 30_000);
});

it('no notice where nothing is lost: sound of a clip, black pictures beside it', async () => {
  const wordsOf = (findings: readonly Finding[]) =>
    findings.filter(({ message }) => message.startsWith('an MXF file'));
  const clip = { timecodeSource: 'ZEROBASED', inputClippings: [{ endTimecode: '00:00:00:11' }] } as const;
  const clipped = await make(['long.mov'], {}, clip);
  expect(wordsOf(clipped.findings)).toEqual([]);
  expect(readSound(clipped.path).channels[0]?.length).toBe(12 * 1920);
  const padded = await make(['long.mov'], {}, { videoSelector: { padVideo: 'BLACK' } });
  expect(wordsOf(padded.findings)).toEqual([]);
  expect(padded.output).toMatchObject({ durationMs: 2000, video: { frames: 50 } });
  expect(readSound(padded.path).channels[0]?.length).toBe(96_000);
});

it('an independent reader finds as many packets of sound as pictures', async (context) => {
  if (spawnSync('ffprobe', ['-version']).error !== undefined) context.skip('no ffprobe on this machine');
  const { path } = await make(['long.mov'], {});
  const told = execFileSync('ffprobe', [
    ...['-v', 'error', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', path],
  ]);
  expect(told.toString().match(/\d+/g)).toEqual(['25', '25']);
});
