/** Pictures that no file holds, sound from files of its own, black where sound is longer (spec inputs.md 12, 18). */

import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../probe/tiny-media.ts';
import {
  makeNumberedClip,
  numberedPicture,
  numberedSample,
  type ReadMedia,
  range,
  sampleNumber,
} from './numbered-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
  makeNumberedClip(workshop.inputPath('a25.mov'), { clip: 1, frames: 50, frameRate: [25, 1] });
  makeNumberedClip(workshop.inputPath('long.mov'), {
    clip: 2,
    frames: 50,
    frameRate: [25, 1],
    audio: { seconds: 2.51 },
  });
  makeNumberedClip(workshop.inputPath('late.mov'), {
    clip: 3,
    frames: 50,
    frameRate: [25, 1],
    audio: { seconds: 3 },
    video: { tickOf: (frame) => frame + 10 },
  });
  const audio = { encoder: 'pcm_s16le', seconds: 1.5, sampleAt: numberedSample } as const;
  makeClip(workshop.inputPath('sound.wav'), { muxer: 'wav', audio });
  const track = (language: string) => ({ encoder: 'pcm_s16le', seconds: 1, language, channels: 1 }) as const;
  makeClip(workshop.inputPath('tracks.mov'), {
    muxer: 'mov',
    video: { encoder: 'libx264', frames: 25, frameRate: [25, 1], options: { preset: 'ultrafast' } },
    audio: track('eng'),
    moreAudio: [track('fra'), track('eng')],
  });
  writeFileSync(workshop.inputPath('slate.png'), png(32, 24));
});
afterAll(() => workshop.close());

const at = (media: ReadMedia, seconds: number): number =>
  sampleNumber(media.samples[Math.round(seconds * 48_000)] ?? 0);
const kinds = (media: ReadMedia): string =>
  media.pictures
    .map(({ isBlack, clip }) => (isBlack ? 'b' : clip))
    .join('')
    .replace(/(.)\1*/g, (run) => `${run[0]}×${run.length} `)
    .trim();

describe('a video generator', () => {
  const codec = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 };

  it('gives black of its duration, with silence', async () => {
    const generated = {
      videoGenerator: { duration: 1000, width: 128, height: 96, channels: 2 },
      audioSelectors: { 'Audio Selector 1': {} },
    };
    const { media } = await runSettings(
      workshop,
      oneOutput([generated], { video: { width: 128, height: 96 }, codec }),
    );
    expect(kinds(media)).toBe('b×25');
    expect(media.samples.length).toBe(48_000);
    expect(media.samples.every((sample) => sample === 0)).toBe(true);
  });

  it('stands between files as any input does', async () => {
    const generated = { videoGenerator: { duration: 400, framerateNumerator: 50, framerateDenominator: 1 } };
    const settings = oneOutput([inputOf('a25.mov'), generated, inputOf('a25.mov')]);
    const { media } = await runSettings(workshop, settings);
    expect(kinds(media)).toBe('1×50 b×10 1×50');
    expect(at(media, 2.4)).toBe(0);
    expect(media.samples.length).toBe(211_200);
  });

  it('shows a still picture over the whole frame', async () => {
    const slate = { videoGenerator: { duration: 200, imageInput: 's3://inputs/slate.png' } };
    const { media } = await runSettings(workshop, oneOutput([inputOf('a25.mov'), slate]));
    expect(media.pictures).toHaveLength(55);
    expect(media.pictures.at(-1)).toMatchObject({ clip: 5, number: 9 });
  });

  it.each([
    ['black', {}],
    ['a still picture', { imageInput: 's3://inputs/slate.png' }],
  ])('%s has key frames where the job asks for them alone', async (_name, content) => {
    const groups = { ...codec, gopSize: 10, gopSizeUnits: 'FRAMES', sceneChangeDetect: 'DISABLED' };
    const generated = { videoGenerator: { duration: 1000, ...content } };
    const { groups: outputGroups } = await runSettings(
      workshop,
      oneOutput([generated], { video: { width: 128, height: 96 }, codec: groups, hasAudio: false }),
    );
    const location = outputGroups[0]?.outputs[0]?.locations[0] ?? '';
    const { times, keys } = watchPictures(workshop.outputPath(location.replace('s3://outputs/', '')));
    expect([times.length, keys]).toEqual([25, 3]);
  });

  it('cannot be followed', async () => {
    const settings = oneOutput([{ videoGenerator: { duration: 1000 } }]);
    await expect(runSettings(workshop, settings)).rejects.toThrow(
      'You did not specify resolution for Video description [1]',
    );
  });
});

describe('sound without a picture', () => {
  const codec = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 };
  const video = { width: 128, height: 96 };

  it('from a file of its own gets black as long as it lasts', async () => {
    const external = {
      audioSelectors: { 'Audio Selector 1': { externalAudioFileInput: 's3://inputs/sound.wav' } },
    };
    const { media } = await runSettings(workshop, oneOutput([external], { video, codec }));
    expect(kinds(media)).toBe('b×38');
    expect([at(media, 0.5), at(media, 1.4)]).toEqual([24_000, 7_200]);
  });

  it('as an input gets black, and only its clip is kept', async () => {
    const inputClippings = [{ startTimecode: '00:00:00:50', endTimecode: '00:00:01:00' }];
    const settings = oneOutput([inputOf('sound.wav', { inputClippings })], { video, codec });
    const { media } = await runSettings(workshop, settings);
    expect(media.pictures).toHaveLength(13);
    // Whole pictures: silence fills what the thirteenth lasts longer.
    expect(media.samples.length).toBe(24_960);
    expect(at(media, 0)).toBe(24_000);
  });
});

it('sound of a file of its own begins with the picture, and is clipped with it', async () => {
  const selector = { externalAudioFileInput: 's3://inputs/sound.wav', offset: 100 };
  const input = inputOf('a25.mov', { audioSelectors: { 'Audio Selector 1': selector } });
  const whole = await runSettings(workshop, oneOutput([input]));
  expect([at(whole.media, 0.05), at(whole.media, 0.5)]).toEqual([30_000, 19_200]);
  expect(whole.media.samples.length).toBe(2 * 48_000);
  const inputClippings = [{ startTimecode: '00:00:01:00', endTimecode: '00:00:01:09' }];
  const { media } = await runSettings(workshop, oneOutput([{ ...input, inputClippings }]));
  expect(at(media, 0)).toBe(43_200);
});

describe('padVideo BLACK', () => {
  const padded = { videoSelector: { padVideo: 'BLACK' } } as const;

  it('goes on in black until the sound has ended', async () => {
    const { media } = await runSettings(
      workshop,
      oneOutput([inputOf('long.mov', padded), inputOf('a25.mov')]),
    );
    expect(kinds(media)).toBe('2×50 b×13 1×50');
    expect(at(media, 2.5)).toBe((2.5 * 48_000) % 60_000);
    expect(at(media, 2.52)).toBe(0);
  });

  it('begins in black where the sound begins earlier', async () => {
    const { media } = await runSettings(workshop, oneOutput([inputOf('late.mov', padded)]));
    expect(kinds(media)).toBe('b×10 3×50 b×15');
    expect(media.pictures.slice(10, 60).map(({ number }) => number)).toEqual(range(0, 49));
    expect([at(media, 0), at(media, 1)]).toEqual([0, 48_000]);
  });

  it('is told as padding, not as black of the source', async () => {
    let told: unknown;
    const { plan } = await runSettings(workshop, oneOutput([inputOf('late.mov', padded)]));
    await workshop.run(plan, {
      onBlackVideo(black) {
        told = black;
      },
    });
    expect(told).toEqual({ segments: [], insertedMs: 1000 });
  });
});

it('sound alone is taken from a file whose pictures nobody wants, all of it', async () => {
  const settings = oneOutput([inputOf('tracks.mov')]);
  const output = {
    containerSettings: { container: 'RAW' },
    audioDescriptions: [{ codecSettings: { codec: 'WAV', wavSettings: { bitDepth: 16 } } }],
  };
  const outputGroups = (settings.outputGroups ?? []).map((group) => ({ ...group, outputs: [output] }));
  const { groups } = await runSettings(workshop, { ...settings, outputGroups } as typeof settings);
  expect(groups[0]?.outputs[0]?.audio[0]?.samples).toBe(48_000);
});

it('a dynamic selector gives one output track for each track that matches', async () => {
  const dynamicAudioSelectors = { All: { selectorType: 'LANGUAGE_CODE', languageCode: 'ENG' } } as const;
  const input = inputOf('tracks.mov', { dynamicAudioSelectors, audioSelectors: {} });
  const { plan, groups } = await runSettings(workshop, oneOutput([input], { audioSourceName: 'All' }));
  expect(plan.inputs[0]?.audio.map(({ streamIndexes }) => streamIndexes)).toEqual([[1], [3]]);
  expect(groups[0]?.outputs[0]?.audio).toHaveLength(2);
});

/** An 8-bit grey picture with the pattern of number 9, clip 5. */
function png(width: number, height: number): Buffer {
  const grey = numberedPicture(9, 5, { widthPx: width, heightPx: height }).subarray(0, width * height);
  const rows = range(0, height - 1).map((y) =>
    Buffer.concat([
      Buffer.from([0]),
      Buffer.from(grey.subarray(y * width, (y + 1) * width).map((v) => (v > 125 ? 255 : 0))),
    ]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
