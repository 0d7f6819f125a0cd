/** Sound that ends within the last picture of an MXF file is filled with silence: no picture is lost, none is told in vain. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Output } from '../../src/contract/types.generated.ts';
import { makeNumberedClip } from './numbered-media.ts';
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

async function make(keys: readonly string[], rate: object) {
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
      inputs: keys.map((key) => inputOf(key)),
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

it('sound beyond the pictures is not told', async () => {
  const { path, output } = await make(['long.mov'], {});
  expect(readSound(path).channels[0]?.length).toBe(48_000);
  expect(output).toMatchObject({ durationMs: 1000, audio: [{ samples: 48_000 }] });
});
