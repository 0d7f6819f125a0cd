/** Selectors of several tracks, from real files: every track stays in its own channels (spec inputs.md A-1). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { makeNumberedClip } from './numbered-media.ts';
import { readSound } from './read-sound.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  quietLibraryLog();
  workshop = openWorkshop();
  const constant = (value: number) => ({ sampleAt: () => value, encoder: 'pcm_s16le' }) as const;
  makeNumberedClip(workshop.inputPath('late.mov'), {
    frames: 50,
    frameRate: [25, 1],
    audio: constant(1000),
    moreAudio: [{ ...constant(3000), seconds: 1, startSeconds: 1 }],
  });
  makeNumberedClip(workshop.inputPath('short.mov'), {
    frames: 50,
    frameRate: [25, 1],
    audio: constant(1000),
    moreAudio: [{ ...constant(3000), seconds: 1 }],
  });
});
afterAll(() => workshop?.close());

/** Changes of value of each channel, as sample and value. */
async function channelsOf(key: string, tracks: readonly number[], clip: object = {}) {
  const input = inputOf(key, { audioSelectors: { 'Audio Selector 1': { tracks } }, ...clip });
  const settings = oneOutput([input]) as { outputGroups: { outputs: object[] }[] } & JobSettings;
  const wavSettings = { channels: 4, bitDepth: 16, sampleRate: 48_000 };
  const audioDescriptions = [
    { audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'WAV', wavSettings } },
  ];
  Object.assign(settings.outputGroups[0]?.outputs[0] ?? {}, {
    audioDescriptions,
    containerSettings: { container: 'MOV' },
  });
  const { groups } = await runSettings(workshop, settings);
  const location = groups[0]?.outputs[0]?.locations[0] ?? '';
  const { channels } = readSound(workshop.outputPath(location.replace('s3://outputs/', '')));
  return channels.map((channel) =>
    [...channel].flatMap((value, at, all) =>
      value === all[at - 1] ? [] : [[at, Math.round(value * 32_768)] as const],
    ),
  );
}

const [whole, late, short] = [
  [[0, 1000]],
  [
    [0, 0],
    [48_000, 3000],
  ],
  [
    [0, 3000],
    [48_000, 0],
  ],
];

it.each([
  ['late.mov', [1, 2], [whole, whole, late, late]],
  ['late.mov', [2, 1], [late, late, whole, whole]],
  ['short.mov', [1, 2], [whole, whole, short, short]],
  ['short.mov', [2, 1], [short, short, whole, whole]],
] as const)(
  '%s with tracks %j keeps each track in its channels from the first sample to the last',
  async (key, tracks, expected) => {
    expect(await channelsOf(key, tracks)).toEqual(expected);
  },
);

it('a clip behind the end of one track has the sound of the other', async () => {
  const inputClippings = [{ startTimecode: '00:00:01:05', endTimecode: '00:00:01:20' }];
  const sound = await channelsOf('short.mov', [1, 2], { inputClippings });
  expect(sound).toEqual([[[0, 1000]], [[0, 1000]], [[0, 0]], [[0, 0]]]);
});
