/** MP3 comes out as loud as it went in, at every bit rate and quality. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  AudioDescription,
  AudioNormalizationSettings,
  Mp3Settings,
} from '../../src/contract/types.generated.ts';
import { amplitudeOf, readSound } from './read-sound.ts';
import { runSoundJob } from './sound-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';
import { writeWave } from './write-wave.ts';

const hertz = 997;
let workshop: Workshop;

beforeAll(() => {
  workshop = openWorkshop();
  const tone = (levelDb: number) => (time: number) =>
    10 ** (levelDb / 20) * Math.sin(2 * Math.PI * hertz * time);
  writeWave(workshop.inputPath('tone.wav'), [tone(-14), tone(-14)], 2);
  writeWave(workshop.inputPath('full.wav'), [tone(0), tone(0)], 2);
});
afterAll(() => workshop.close());

/** Each way in which the encoder scales by itself, and those in which it does not. */
const operatingPoints: readonly Mp3Settings[] = [
  { rateControlMode: 'CBR', bitrate: 64_000, sampleRate: 22_050, channels: 1 },
  { rateControlMode: 'CBR', bitrate: 128_000, sampleRate: 48_000, channels: 2 },
  { rateControlMode: 'CBR', bitrate: 160_000, sampleRate: 44_100, channels: 2 },
  { rateControlMode: 'CBR', bitrate: 192_000, sampleRate: 48_000, channels: 2 },
  { rateControlMode: 'CBR', bitrate: 224_000, sampleRate: 48_000, channels: 2 },
  { rateControlMode: 'CBR', bitrate: 256_000, sampleRate: 48_000, channels: 2 },
  { rateControlMode: 'CBR', bitrate: 320_000, sampleRate: 32_000, channels: 2 },
  { rateControlMode: 'VBR', vbrQuality: 0, sampleRate: 48_000, channels: 2 },
  { rateControlMode: 'VBR', vbrQuality: 4, sampleRate: 44_100, channels: 2 },
];

it('a tone has the level that it had in the source', async () => {
  const levels = await levelsOf(
    'tone.wav',
    operatingPoints.map((mp3Settings) => described(mp3Settings)),
  );
  for (const [index, level] of levels.entries())
    expect(Math.abs(level + 14), JSON.stringify(operatingPoints[index])).toBeLessThan(0.05);
});

it('a tone at full scale is not clipped', async () => {
  const [level = 0] = await levelsOf('full.wav', [described({ rateControlMode: 'CBR', bitrate: 160_000 })]);
  const [harmonic = 0] = await levelsOf(
    'full.wav',
    [described({ rateControlMode: 'CBR', bitrate: 160_000 })],
    3 * hertz,
  );
  expect(Math.abs(level)).toBeLessThan(0.05);
  // A tone cut at 0.95 of its height would have its third harmonic at about -38 dB.
  expect(harmonic).toBeLessThan(-70);
});

it('sound brought to a loudness, and sound that is only measured, is told and written at it', async () => {
  const normalized = described(
    { rateControlMode: 'CBR', bitrate: 128_000 },
    {
      algorithm: 'ITU_BS_1770_3',
      algorithmControl: 'CORRECT_AUDIO',
      targetLkfs: -23,
      loudnessLogging: 'LOG',
    },
  );
  const measured = described(
    { rateControlMode: 'CBR', bitrate: 128_000 },
    { algorithm: 'ITU_BS_1770_3', algorithmControl: 'MEASURE_ONLY', loudnessLogging: 'LOG' },
  );
  const [corrected = 0, left = 0] = await levelsOf('tone.wav', [normalized, measured]);
  // Two channels of a tone near 1 kHz are as loud in LKFS as the level of one in dB of full scale.
  expect(Math.abs(corrected + 23)).toBeLessThan(0.1);
  expect(Math.abs(left + 14)).toBeLessThan(0.05);
  const tables = workshop
    .outputKeys()
    .filter((key) => key.includes('loudness'))
    .sort();
  const told = tables.map((key) =>
    Number(readFileSync(workshop.outputPath(key), 'utf8').split('\n')[1]?.split(',')[1]),
  );
  expect(told.map((loudness) => Math.round(loudness))).toEqual([-14, -14]);
});

function described(
  mp3Settings: Mp3Settings,
  audioNormalizationSettings?: AudioNormalizationSettings,
): AudioDescription {
  return {
    codecSettings: { codec: 'MP3', mp3Settings },
    ...(audioNormalizationSettings === undefined ? {} : { audioNormalizationSettings }),
  };
}

/** Encodes one source once for each description, and measures one frequency in the middle of each, in dB of full scale. */
async function levelsOf(
  key: string,
  all: readonly AudioDescription[],
  frequency = hertz,
): Promise<readonly number[]> {
  const paths = await runSoundJob(
    workshop,
    key,
    all.map((description) => ({ container: 'RAW', description })),
  );
  return paths.map((path) => {
    const { sampleRateHz, channels } = readSound(path);
    const middle = (channels[0] ?? new Float64Array()).subarray(sampleRateHz / 2, (sampleRateHz * 3) / 2);
    return 20 * Math.log10(amplitudeOf(middle, sampleRateHz, frequency));
  });
}
