/** Tracks whose channels change on the way, as broadcasts do between films and advertisements: measured on the outputs. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeFile } from '../probe/objects.ts';
import { writeDolby } from './encode-dolby.ts';
import { amplitudeOf, readSound } from './read-sound.ts';
import { runSoundJob } from './sound-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop.close());

const pieceSeconds = 1.024;
const frameSeconds = 0.032;

/** AC-3 in pieces of a second, with one tone of −20 dB on all channels. */
function writePieces(key: string, channels: readonly (1 | 2 | 6)[]): void {
  const path = workshop.inputPath(key);
  writeFileSync(path, '');
  for (const count of channels) {
    const piece = workshop.inputPath('piece.ac3');
    writeDolby(piece, 'ac3', count, {}, pieceSeconds);
    appendFileSync(path, readFileSync(piece));
  }
}

/** How loud the tone is in each channel of WAV outputs, piece by piece, where 1 is as loud as in the source. */
async function levelsOf(key: string, pieces: number, ...wanted: readonly number[]): Promise<number[][][]> {
  const paths = await runSoundJob(
    workshop,
    key,
    wanted.map((channels) => ({
      container: 'RAW',
      description: {
        codecSettings: { codec: 'WAV', wavSettings: { channels, sampleRate: 48_000, bitDepth: 24 } },
      },
    })),
  );
  return paths.map((path) => {
    const { channels, sampleRateHz } = readSound(path);
    return Array.from({ length: pieces }, (_, piece) => {
      const from = Math.round((piece * pieceSeconds + 0.2) * sampleRateHz);
      return channels.map((samples) => {
        const part = samples.subarray(from, from + sampleRateHz / 2);
        return Math.round((amplitudeOf(part, sampleRateHz, 440) / 0.1) * 100) / 100;
      });
    });
  });
}

test('a track that is 5.1 anywhere near its beginning stays 5.1: stereo and mono are left and right, as loud as by themselves', async () => {
  writePieces('changing.ac3', [2, 1, 6, 1]);
  const { audioTracks } = await probeFile(workshop.inputPath('changing.ac3'));
  expect(audioTracks[0]).toMatchObject({ channels: 6, channelLayout: '5.1(side)' });
  const [surround, stereo, mono] = await levelsOf('changing.ac3', 4, 6, 2, 1);
  expect(surround).toEqual([
    [1, 1, 0, 0, 0, 0],
    [1, 1, 0, 0, 0, 0],
    [1, 1, 1, 1, 1, 1],
    [1, 1, 0, 0, 0, 0],
  ]);
  expect(stereo).toEqual([
    [1, 1],
    [1, 1],
    [2.41, 2.41],
    [1, 1],
  ]);
  expect(mono).toEqual([[1], [1], [2.41], [1]]);
});

test.each([
  [3, 2],
  [4, 6],
])('%i frames of 5.1 before a stereo film make a track of %i channels', async (frames, channels) => {
  const path = workshop.inputPath('tail.ac3');
  const pieces = ([6, 2] as const).map((count) => {
    const piece = workshop.inputPath('piece.ac3');
    writeDolby(piece, 'ac3', count, {}, count === 6 ? frames * frameSeconds : pieceSeconds);
    return readFileSync(piece);
  });
  writeFileSync(path, Buffer.concat(pieces));
  const { audioTracks } = await probeFile(path);
  expect(audioTracks[0]?.channels).toBe(channels);
});

test('stereo that becomes mono later, and then 5.1, is turned up or down by nothing but the mix', async () => {
  const late = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 6] as const;
  writePieces('late.ac3', late);
  const { audioTracks } = await probeFile(workshop.inputPath('late.ac3'));
  expect(audioTracks[0]).toMatchObject({ channels: 2, channelLayout: 'stereo' });
  const [stereo, mono] = await levelsOf('late.ac3', late.length, 2, 1);
  expect(stereo?.slice(-3)).toEqual([
    [1, 1],
    [1, 1],
    [2.41, 2.41],
  ]);
  expect(mono?.slice(-3)).toEqual([[1], [1], [2.41]]);
});
