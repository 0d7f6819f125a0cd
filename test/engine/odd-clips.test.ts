/** Clips of inputs whose first frame, length or times are not what the container says at first sight. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input, JobSettings } from '../../src/contract/types.generated.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { makeNumberedClip, numbersOf, range, sampleNumber } from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop.close());

const clipsOf = (key: string, ...clips: readonly (readonly [string, string])[]) =>
  inputOf(key, {
    inputClippings: clips.map(([startTimecode, endTimecode]) => ({ startTimecode, endTimecode })),
  });

describe('containers without times for their pictures', () => {
  it.each([
    ['late.avi', 'avi', 'mpeg4', {}],
    ['late.m2v', 'mpeg2video', 'mpeg2video', null],
    ['late.264', 'h264', 'libx264', null],
  ] as const)('%s: pictures in another order than they are coded in', async (key, muxer, encoder, audio) => {
    const x264 = 'bframes=2:b-adapt=0:scenecut=0:repeat-headers=1';
    const options =
      encoder === 'libx264' ? { preset: 'ultrafast', qp: '18', 'x264-params': x264 } : { bf: '2' };
    makeNumberedClip(workshop.inputPath(key), {
      frames: 100,
      frameRate: [25, 1],
      muxer,
      audio,
      video: { encoder, gopFrames: 12, bitrateBps: 3_000_000, options },
    });
    const input = clipsOf(
      key,
      ['00:00:00:00', '00:00:00:05'],
      ['00:00:02:00', '00:00:02:05'],
      ['00:00:03:20', '00:00:03:24'],
    );
    const { media } = await runSettings(workshop, oneOutput([input], { hasAudio: audio !== null }));
    expect(numbersOf(media)).toEqual([...range(0, 5), ...range(50, 55), ...range(95, 99)]);
    const whole = await runSettings(workshop, oneOutput([inputOf(key)], { hasAudio: audio !== null }));
    expect(numbersOf(whole.media)).toEqual(range(0, 99));
  });
});

describe('an edit list that begins inside a group of pictures', () => {
  beforeAll(() => {
    const path = workshop.inputPath('trimmed.mov');
    makeNumberedClip(path, { frames: 133, frameRate: [25, 1], video: { gopFrames: 50 } });
    trimEdits(path, 31, 25);
    makeNumberedClip(workshop.inputPath('next.mov'), { clip: 1, frames: 25, frameRate: [25, 1] });
  });

  it('counts the frames that are shown, and the next input follows them', async () => {
    const { media, plan } = await runSettings(
      workshop,
      oneOutput([inputOf('trimmed.mov'), inputOf('next.mov')]),
    );
    expect(plan.inputs[0]?.video?.frameCount).toBe(102);
    expect(numbersOf(media)).toEqual([...range(31, 132), ...range(0, 24)]);
  });

  it('ends clips where they end', async () => {
    const input = clipsOf('trimmed.mov', ['00:00:03:00', '00:00:07:00']);
    const { media } = await runSettings(workshop, oneOutput([input, inputOf('next.mov')]));
    expect(numbersOf(media)).toEqual([...range(106, 132), ...range(0, 24)]);
  });
});

it('a transport stream cut inside a group of pictures: sound begins with the first picture that can be shown', async () => {
  const path = workshop.inputPath('whole.ts');
  makeNumberedClip(path, {
    frames: 200,
    frameRate: [25, 1],
    muxer: 'mpegts',
    video: { gopFrames: 50 },
    audio: { encoder: 'mp2', seconds: 8 },
  });
  const bytes = readFileSync(path);
  const packets = Math.floor(bytes.length / 188);
  writeFileSync(workshop.inputPath('cut.ts'), bytes.subarray(188 * Math.floor(packets * 0.3)));
  const { media } = await runSettings(workshop, oneOutput([inputOf('cut.ts')]));
  const first = media.pictures[0]?.number ?? -1;
  expect(first % 50).toBe(0);
  expect(numbersOf(media)).toEqual(range(first, 199));
  // MP2 is not exact by the sample; the ramp of the sound tells its place to within a few of them.
  const at = 24_000;
  const expected = (first * 1920 + at) % 60_000;
  expect(Math.abs(sampleNumber(media.samples[at] ?? 0) - expected)).toBeLessThan(2400);
});

describe('clips of sound alone', () => {
  const tail = ['00:00:03:50', '00:00:03:70'] as const;

  it('behind the end of a file whose header counts the samples: 1060 before anything runs', async () => {
    makeSound('alone.wav', 'wav', 'pcm_s16le');
    await expect(runSettings(workshop, soundOf(clipsOf('alone.wav', tail)))).rejects.toThrow(
      'The clipping region [00:00:03:50] to [00:00:03:70] was not found in input number [1]',
    );
  });

  it('behind the end of a file whose length is an estimate: 1060, not an empty output', async () => {
    makeSound('alone.mp3', 'mp3', 'libmp3lame');
    await expect(runSettings(workshop, soundOf(clipsOf('alone.mp3', tail)))).rejects.toMatchObject({
      code: 1060,
      record: { mediaFact: 'no sound was found between 00:00:03:50 and 00:00:03:70' },
    });
  });
});

function makeSound(key: string, muxer: string, encoder: 'pcm_s16le' | 'libmp3lame'): void {
  makeClip(workshop.inputPath(key), { muxer, audio: { encoder, seconds: 3 } });
}

/** A job without pictures. */
function soundOf(input: Input): JobSettings {
  const settings = oneOutput([input]);
  const outputGroups = settings.outputGroups?.map((group) => ({
    ...group,
    outputs: group.outputs?.map(({ videoDescription: _, ...output }) => output),
  }));
  return { ...settings, outputGroups } as JobSettings;
}

/** Makes the only edit of the video track begin `frames` later. */
function trimEdits(path: string, frames: number, rate: number): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf('elst');
  const header = bytes.indexOf('mvhd');
  const media = bytes.indexOf('mdhd');
  const [movieTicks, mediaTicks] = [bytes.readUInt32BE(header + 16), bytes.readUInt32BE(media + 16)];
  bytes.writeUInt32BE(bytes.readUInt32BE(at + 12) - (frames * movieTicks) / rate, at + 12);
  bytes.writeInt32BE(bytes.readInt32BE(at + 16) + (frames * mediaTicks) / rate, at + 16);
  writeFileSync(path, bytes);
}
