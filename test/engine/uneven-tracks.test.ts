/** A selector of several tracks that begin and end at different times (spec inputs.md 18, rule A-1). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input } from '../../src/contract/types.generated.ts';
import { makeNumberedClip } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
const levels = { first: 4000, second: -6000 };
const track = (level: number, seconds: number, startSeconds = 0) =>
  ({ encoder: 'pcm_s16le', channels: 2, seconds, startSeconds, sampleAt: () => level }) as const;

beforeAll(() => {
  workshop = openWorkshop();
  const make = (key: string, second: ReturnType<typeof track>) =>
    makeNumberedClip(workshop.inputPath(key), {
      frames: 100,
      frameRate: [25, 1],
      audio: track(levels.first, 4),
      moreAudio: [second],
    });
  make('short.mov', track(levels.second, 2));
  make('late.mov', track(levels.second, 1.5, 1));
  make('slightly-late.mov', track(levels.second, 1.5, 0.3));
});
afterAll(() => workshop.close());

/** One channel of what the selector joins, at whole quarters of a second, as names of tracks. */
async function heard(
  key: string,
  tracks: readonly number[],
  channel: number,
  clip?: readonly [string, string],
) {
  const inputChannels = [0, 1, 2, 3].map((one) => (one === channel ? 0 : -60));
  const remixSettings = {
    channelsIn: 4,
    channelsOut: 2,
    channelMapping: { outputChannels: [{ inputChannels }, { inputChannels }] },
  };
  const clips =
    clip === undefined ? {} : { inputClippings: [{ startTimecode: clip[0], endTimecode: clip[1] }] };
  const input: Input = inputOf(key, {
    audioSelectors: { 'Audio Selector 1': { tracks: [...tracks], remixSettings } },
    ...clips,
  });
  const { media } = await runSettings(workshop, oneOutput([input]));
  const step = media.sampleRateHz / 4;
  return Array.from({ length: Math.floor(media.samples.length / step) }, (_, quarter) =>
    nameOf(media.samples[Math.round((quarter + 0.5) * step)] ?? 0),
  ).join('');
}

function nameOf(sample: number): string {
  if (Math.abs(sample - levels.first) < 100) return '1';
  if (Math.abs(sample - levels.second) < 100) return '2';
  return Math.abs(sample) < 100 ? '-' : '?';
}

describe('a track that ends early is followed by silence in its own channels', () => {
  it.each([
    [[1, 2], 0, '1111111111111111'],
    [[1, 2], 2, '22222222--------'],
    [[2, 1], 0, '22222222--------'],
    [[2, 1], 2, '1111111111111111'],
  ] as const)('tracks %j, channel %i', async (tracks, channel, expected) => {
    expect(await heard('short.mov', tracks, channel)).toBe(expected);
  });

  it('also in a clip behind its end', async () => {
    const clip = ['00:00:02:13', '00:00:03:24'] as const;
    expect(await heard('short.mov', [1, 2], 0, clip)).toBe('11111');
    expect(await heard('short.mov', [2, 1], 2, clip)).toBe('11111');
    expect(await heard('short.mov', [1, 2], 2, clip)).toBe('-----');
  });
});

describe('a track that begins late is silent before', () => {
  it.each([
    ['late.mov', [1, 2], 2, '----222222------'],
    ['late.mov', [2, 1], 0, '----222222------'],
    ['late.mov', [2, 1], 2, '1111111111111111'],
    ['slightly-late.mov', [2, 1], 0, '-?22222---------'],
  ] as const)('%s, tracks %j, channel %i', async (key, tracks, channel, expected) => {
    expect((await heard(key, tracks, channel)).replace(/^-[-2?]2/, '-?2')).toBe(
      expected.replace(/^-[-2?]2/, '-?2'),
    );
  });
});

it('joined channels keep their places in an output of as many', async () => {
  const settings = oneOutput([
    inputOf('late.mov', { audioSelectors: { 'Audio Selector 1': { tracks: [2, 1] } } }),
  ]);
  const output = settings.outputGroups?.[0]?.outputs?.[0];
  const wavSettings = { channels: 4, bitDepth: 16, sampleRate: 48_000 };
  Object.assign(output ?? {}, {
    containerSettings: { container: 'MOV' },
    audioDescriptions: [{ codecSettings: { codec: 'WAV', wavSettings } }],
  });
  const { media } = await runSettings(workshop, settings);
  const at = (seconds: number) => nameOf(media.samples[seconds * 48_000] ?? 0);
  expect([at(0.5), at(1.5), at(3)].join('')).toBe('-2-');
});

it('an offset that nothing of the clip can reach ends the sound, not the engine', async () => {
  const selector = { offset: 3000 };
  const input = inputOf('short.mov', {
    audioSelectors: { 'Audio Selector 1': selector },
    inputClippings: [{ startTimecode: '00:00:00:00', endTimecode: '00:00:00:10' }],
  });
  const { media } = await runSettings(workshop, oneOutput([input]));
  expect(media.pictures).toHaveLength(11);
  expect(media.samples.every((sample) => sample === 0)).toBe(true);
  Object.assign(selector, { offset: 2_147_483_647 });
  await expect(runSettings(workshop, oneOutput([input]))).rejects.toThrow('behind the end of the input');
});
