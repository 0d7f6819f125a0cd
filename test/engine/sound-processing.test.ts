/** What is done to sound between decoder and encoder, measured on the files: channel maps, loudness, length. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { automaticMix, remixStep } from '../../src/plan/channel-mix.ts';
import type { LoudnessPlan } from '../../src/plan/loudness-plan.ts';
import type { AudioRendition, FilterStep } from '../../src/plan/plan.ts';
import { measureLoudness } from './measure-loudness.ts';
import {
  audioRendition,
  audioSource,
  encoderPlan,
  fileGroup,
  fileOutput,
  jobPlan,
  videoRendition,
} from './plans.ts';
import { amplitudeOf, readSound } from './read-sound.ts';
import { openWorkshop, type Workshop } from './workshop.ts';
import { writeWave } from './write-wave.ts';

const sampleRateHz = 48_000;
/** One tone for each channel, so that a channel is known by what it sounds like. */
const tones = [400, 700, 1100, 1700, 2300, 3100];

let workshop: Workshop;

beforeAll(async () => {
  workshop = openWorkshop();
  writeWave(
    workshop.inputPath('tones.wav'),
    tones.map((hertz) => (time: number) => 0.2 * Math.sin(2 * Math.PI * hertz * time)),
    2,
  );
  // Loud, soft and silent stretches: gated and ungated loudness differ by some LU.
  const programme = (hertz: number) => (time: number) =>
    (time < 6 ? 0.05 : time < 8 ? 0.002 : 0) * Math.sin(2 * Math.PI * hertz * time);
  writeWave(workshop.inputPath('programme.wav'), [programme(997), programme(1499)], 10);
  await workshop.makeClip('clip.mp4', { durationSeconds: 2 });
}, 120_000);

afterAll(() => workshop?.close());

const pcm = encoderPlan({
  codec: 'WAV',
  encoder: 'pcm_s24le',
  options: {},
  gopSizeFrames: null,
  maxBFrames: null,
});

async function makeWave(
  key: string,
  source: string,
  parts: Partial<AudioRendition>,
  logs = false,
): Promise<string> {
  const rendition = audioRendition('sound-1', {
    sampleFormat: 's32',
    encoder: pcm,
    language: null,
    ...parts,
  });
  const plan = jobPlan({
    key: source,
    demuxer: 'wav',
    video: null,
    audio: [audioSource([0])],
    audioRenditions: [rendition],
    groups: [
      fileGroup([
        fileOutput(key, {
          container: 'RAW',
          muxer: 'wav',
          muxerOptions: { header: 'RIFF' },
          audioRenditionIds: ['sound-1'],
          loudnessLogs: logs ? [{ renditionId: 'sound-1', location: `s3://outputs/${key}.csv` }] : [],
        }),
      ]),
    ],
  });
  await workshop.run(plan);
  return workshop.outputPath(key);
}

/** Gain from each tone to each output channel. */
function gains(path: string): readonly (readonly number[])[] {
  return readSound(path).channels.map((samples) =>
    tones.map((hertz) => Math.round((amplitudeOf(samples, sampleRateHz, hertz) / 0.2) * 100) / 100),
  );
}

describe('channels', () => {
  test('a matrix puts each channel where it says, with the gain it says', async () => {
    const rows = [
      [0, 0, 0, 0.5, 0, 0],
      [1, 0, 0, 0, 0, 0.25],
    ];
    const path = await makeWave('matrix.wav', 'tones.wav', {
      filters: [remixStep({ gains: rows }, 'stereo')],
    });
    expect(gains(path)).toEqual(rows);
  });

  test('5.1 becomes stereo as Lo/Ro: centre and surrounds at −3 dB, no low frequencies', async () => {
    const mix = automaticMix(6, 2);
    const steps: readonly FilterStep[] = mix === null ? [] : [remixStep(mix, 'stereo')];
    const path = await makeWave('down.wav', 'tones.wav', { filters: steps });
    expect(gains(path)).toEqual([
      [1, 0, 0.71, 0, 0.71, 0],
      [0, 1, 0.71, 0, 0, 0.71],
    ]);
  });
});

describe('five channels', () => {
  const mixed = async (from: number, to: number, layout: string, key: string) => {
    const mix = automaticMix(from, to);
    const steps: readonly FilterStep[] = mix === null ? [] : [remixStep(mix, layout)];
    return gains(
      await makeWave(key, from === 5 ? 'five.wav' : 'tones.wav', { filters: steps, channelLayout: layout }),
    );
  };
  const row = (place: number) => tones.map((_, at) => (at === place ? 1 : 0));

  test('5.1 becomes 3/2 without its low frequencies: both surrounds stay', async () => {
    expect(await mixed(6, 5, '5.0(side)', 'without.wav')).toEqual([0, 1, 2, 4, 5].map(row));
  });

  test('3/2 becomes 5.1 with silent low frequencies, and stereo with all of its channels', async () => {
    writeWave(
      workshop.inputPath('five.wav'),
      tones.slice(0, 5).map((hertz) => (time: number) => 0.2 * Math.sin(2 * Math.PI * hertz * time)),
      2,
    );
    expect(await mixed(5, 6, '5.1', 'with.wav')).toEqual([0, 1, 2, -1, 3, 4].map(row));
    expect(await mixed(5, 2, 'stereo', 'two.wav')).toEqual([
      [1, 0, 0.71, 0.71, 0, 0],
      [0, 1, 0.71, 0, 0.71, 0],
    ]);
  });
});

describe('loudness', () => {
  const loudness = (parts: Partial<LoudnessPlan> = {}): LoudnessPlan => ({
    algorithm: 'ITU_BS_1770_2',
    correction: { targetLkfs: -23, gateLkfs: -70, limitDbfs: 0 },
    measuresTruePeak: true,
    isLogged: false,
    ...parts,
  });

  test.each([-1, -8])('no sample of loud noise goes over a limit of %d dBFS', async (limitDbfs) => {
    let seed = 1;
    let held = 0;
    const noise = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      // Most of it is low, as in music: peaks of white noise lie between samples.
      held = 0.95 * held + 0.05 * (seed / 1_073_741_823.5 - 1);
      return 2 * held;
    };
    writeWave(workshop.inputPath('noise.wav'), [noise, noise], 3);
    const correction = { targetLkfs: -5, gateLkfs: -70, limitDbfs };
    const path = await makeWave(`limited${limitDbfs}.wav`, 'noise.wav', {
      loudness: loudness({ correction }),
    });
    const peaks = readSound(path).channels.map(
      (samples) => 20 * Math.log10(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)),
    );
    for (const peak of peaks) {
      expect(peak).toBeLessThanOrEqual(limitDbfs + 0.005);
      expect(peak).toBeGreaterThan(limitDbfs - 1);
    }
  });

  test('the source is not at the target, or nothing would be proved', () => {
    expect(measureLoudness(readSound(workshop.inputPath('programme.wav')))).toBeLessThan(-25);
  });

  test.each([
    ['ITU_BS_1770_2', -23, true],
    ['ITU_BS_1770_1', -24, false],
    ['ITU_BS_1770_4', -16, true],
  ] as const)('%s brings a programme to %d LKFS', async (algorithm, targetLkfs, isGated) => {
    const correction = { targetLkfs, gateLkfs: -70, limitDbfs: 0 };
    const path = await makeWave(`${algorithm}.wav`, 'programme.wav', {
      loudness: loudness({ algorithm, correction }),
    });
    expect(Math.abs(measureLoudness(readSound(path), isGated) - targetLkfs)).toBeLessThan(0.5);
  });

  test('peaks stay below the limit', async () => {
    const correction = { targetLkfs: -12, gateLkfs: -70, limitDbfs: -8 };
    const path = await makeWave('limited.wav', 'programme.wav', { loudness: loudness({ correction }) });
    const [left = new Float64Array()] = readSound(path).channels;
    const peak = left.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(20 * Math.log10(peak)).toBeLessThanOrEqual(-7.8);
  });

  test('a programme below the gate is left alone', async () => {
    const correction = { targetLkfs: -10, gateLkfs: -20, limitDbfs: 0 };
    const path = await makeWave('gated.wav', 'programme.wav', { loudness: loudness({ correction }) });
    expect(measureLoudness(readSound(path))).toBeCloseTo(
      measureLoudness(readSound(workshop.inputPath('programme.wav'))),
      1,
    );
  });

  test('MEASURE_ONLY changes nothing and writes a table', async () => {
    const path = await makeWave(
      'measured.wav',
      'programme.wav',
      { loudness: loudness({ correction: null, isLogged: true }) },
      true,
    );
    const measured = measureLoudness(readSound(workshop.inputPath('programme.wav')));
    expect(measureLoudness(readSound(path))).toBeCloseTo(measured, 1);
    const [names = '', values = ''] = readFileSync(`${path}.csv`, 'utf8').split('\n');
    const row = Object.fromEntries(names.split(',').map((name, index) => [name, values.split(',')[index]]));
    expect(Math.abs(Number(row['Integrated loudness (LKFS)']) - measured)).toBeLessThan(0.1);
    // A sine of amplitude 0.05.
    expect(Math.abs(Number(row['True peak (dBTP)']) - 20 * Math.log10(0.05))).toBeLessThan(0.2);
    expect(row['Gain (dB)']).toBe('0.00');
  });
});

describe('sound that ends with the picture', () => {
  async function lengths(
    name: string,
    filters: readonly FilterStep[],
    offsetMs: number,
  ): Promise<{ readonly video: number; readonly audio: number }> {
    const plan = jobPlan({
      key: 'clip.mp4',
      audio: [{ ...audioSource(), offsetMs }],
      videoRenditions: [videoRendition('picture')],
      audioRenditions: [audioRendition('sound-1', { filters, endsWithVideo: 'picture' })],
      groups: [
        fileGroup([fileOutput(name, { videoRenditionId: 'picture', audioRenditionIds: ['sound-1'] })]),
      ],
    });
    const { groups } = await workshop.run(plan);
    const output = groups[0]?.outputs[0];
    const [sound] = output?.audio ?? [];
    return { video: (output?.video?.frames ?? 0) / 30, audio: (sound?.samples ?? 0) / sampleRateHz };
  }

  test('longer sound is cut at most one frame behind it', async () => {
    const { video, audio } = await lengths('longer.mp4', [{ name: 'apad', options: { pad_dur: '1' } }], 0);
    expect(video).toBe(2);
    expect(audio).toBeGreaterThanOrEqual(video);
    expect(audio - video).toBeLessThanOrEqual(1024 / sampleRateHz);
  });

  test('shorter sound is filled with silence up to it', async () => {
    const { video, audio } = await lengths('shorter.mp4', [], -1000);
    expect(video).toBe(2);
    expect(audio).toBeGreaterThanOrEqual(video);
    expect(audio - video).toBeLessThanOrEqual(1024 / sampleRateHz);
    const [left = new Float64Array()] = readSound(workshop.outputPath('shorter.mp4')).channels;
    expect(left.subarray(0, sampleRateHz / 2).some((value) => Math.abs(value) > 0.01)).toBe(true);
    expect(left.subarray(1.2 * sampleRateHz).every((value) => Math.abs(value) < 0.001)).toBe(true);
  });
});
