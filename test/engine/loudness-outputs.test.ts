/** Loudness and true peaks behind every encoder, by meters written from the recommendation: what a listener gets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AudioCodecSettings,
  AudioNormalizationSettings,
  ContainerType,
} from '../../src/contract/types.generated.ts';
import { measureLoudness } from './measure-loudness.ts';
import { truePeakDbtp } from './measure-peak.ts';
import { readSound } from './read-sound.ts';
import { runSoundJob } from './sound-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';
import { writeWave } from './write-wave.ts';

/** Partials of a programme, far enough apart that no encoder drops one. */
const partials = [180, 330, 560, 997, 1760, 2900] as const;

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
  // Loud, soft and silent stretches: gated and ungated loudness differ.
  const level = (time: number): number => (time < 2.4 ? 0.03 : time < 3.4 ? 0.002 : 0);
  const programme = (shift: number) => (time: number) =>
    level(time) * partials.reduce((sum, hertz) => sum + Math.sin(2 * Math.PI * (hertz + shift) * time), 0);
  writeWave(workshop.inputPath('programme.wav'), [programme(0), programme(7)], 4);
  // A quarter of the rate, an eighth of a turn late: every sample lies 3 dB below the peaks between them.
  const between = (time: number): number => 0.5 * Math.sin(2 * Math.PI * 12_000 * time + Math.PI / 4);
  let seed = 1;
  let held = 0;
  const noise = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    held = 0.7 * held + 0.3 * (seed / 1_073_741_823.5 - 1);
    return held;
  };
  writeWave(workshop.inputPath('between.wav'), [between, between], 0.6);
  writeWave(workshop.inputPath('noise.wav'), [noise, noise], 1);
});
afterAll(() => workshop.close());

type Encode = readonly [string, ContainerType, AudioCodecSettings];
const stereo = { channels: 2, sampleRate: 48_000 } as const;
const encodes: readonly Encode[] = [
  ['WAV', 'RAW', { codec: 'WAV', wavSettings: { ...stereo, bitDepth: 24 } }],
  ['AIFF', 'RAW', { codec: 'AIFF', aiffSettings: { ...stereo, bitDepth: 16 } }],
  ['FLAC', 'RAW', { codec: 'FLAC', flacSettings: { ...stereo, bitDepth: 24 } }],
  [
    'AAC',
    'MP4',
    { codec: 'AAC', aacSettings: { bitrate: 128_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 } },
  ],
  ['AC3', 'RAW', { codec: 'AC3', ac3Settings: { bitrate: 192_000, codingMode: 'CODING_MODE_2_0' } }],
  ['EAC3', 'RAW', { codec: 'EAC3', eac3Settings: { bitrate: 192_000, codingMode: 'CODING_MODE_2_0' } }],
  ['MP2', 'RAW', { codec: 'MP2', mp2Settings: { ...stereo, bitrate: 192_000 } }],
  ['MP3', 'RAW', { codec: 'MP3', mp3Settings: { ...stereo, bitrate: 192_000, rateControlMode: 'CBR' } }],
  ['Opus', 'OGG', { codec: 'OPUS', opusSettings: { ...stereo, bitrate: 128_000 } }],
  ['Vorbis', 'OGG', { codec: 'VORBIS', vorbisSettings: { ...stereo, vbrQuality: 5 } }],
];
const algorithms = ['ITU_BS_1770_1', 'ITU_BS_1770_2', 'ITU_BS_1770_3', 'ITU_BS_1770_4'] as const;

it('the source is far from all targets, and its gate matters', () => {
  const source = readSound(workshop.inputPath('programme.wav'));
  expect(measureLoudness(source)).toBeLessThan(-21);
  expect(measureLoudness(source) - measureLoudness(source, false)).toBeGreaterThan(1);
});

describe('a programme is brought to its loudness', () => {
  it.each(algorithms)('by %s, whatever encodes it', { timeout: 120_000 }, async (algorithm) => {
    const targetLkfs = { ITU_BS_1770_1: -24, ITU_BS_1770_2: -16, ITU_BS_1770_3: -18, ITU_BS_1770_4: -27 }[
      algorithm
    ];
    // The codecs change loudness by themselves, whatever measured it: once is enough for all of them.
    const tried = algorithm === 'ITU_BS_1770_2' ? encodes : encodes.slice(0, 4);
    const audioNormalizationSettings = { algorithm, targetLkfs, algorithmControl: 'CORRECT_AUDIO' } as const;
    const paths = await runSoundJob(
      workshop,
      'programme.wav',
      tried.map(([, container, codecSettings]) => ({
        container,
        description: { codecSettings, audioNormalizationSettings },
      })),
    );
    const off = tried.map(([name], at) => {
      const loudness = measureLoudness(readSound(paths[at] ?? ''), algorithm !== 'ITU_BS_1770_1');
      return [name, loudness - targetLkfs] as const;
    });
    expect(off.filter(([, difference]) => Math.abs(difference) > 0.5)).toEqual([]);
  });
});

describe('peaks between samples', () => {
  it('are found by the meter: a tone whose samples all lie below them', () => {
    const [left = new Float64Array()] = readSound(workshop.inputPath('between.wav')).channels;
    expect(Math.abs(truePeakDbtp(left) - 20 * Math.log10(0.5))).toBeLessThan(0.1);
    const highest = left.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(20 * Math.log10(highest)).toBeCloseTo(20 * Math.log10(0.5) - 3.01, 1);
  });

  it.each([
    ['between.wav', -5],
    ['between.wav', -8],
    ['noise.wav', -2],
  ])('of %s stay at a threshold of %d dBTP, which the gain would push them over', async (key, threshold) => {
    const audioNormalizationSettings: AudioNormalizationSettings = {
      algorithm: 'ITU_BS_1770_3',
      targetLkfs: 0,
      peakCalculation: 'TRUE_PEAK',
      truePeakLimiterThreshold: threshold,
    };
    const [, container, codecSettings] = encodes[0] as Encode;
    const [path = ''] = await runSoundJob(workshop, key, [
      { container, description: { codecSettings, audioNormalizationSettings } },
    ]);
    for (const channel of readSound(path).channels) {
      const peak = truePeakDbtp(channel);
      expect(peak).toBeLessThanOrEqual(threshold + 0.05);
      expect(peak).toBeGreaterThan(threshold - 1.5);
    }
  });
});
