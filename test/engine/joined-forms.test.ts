/** Unlike sound and colours joined into one output, and packets that say more or less than their bytes. */
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioCodecSettings, JobSettings, Output } from '../../src/contract/types.generated.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { amplitudeOf, type ReadSound, readSound } from './read-sound.ts';
import { factsOf, inputOf } from './run-settings.ts';
import { type FinishedRun, openWorkshop, type Workshop } from './workshop.ts';
import { writeWave } from './write-wave.ts';

const tone = (hertz: number) => (time: number) => 0.2 * Math.sin(2 * Math.PI * hertz * time);

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  writeWave(workshop.inputPath('stereo.wav'), [tone(400), tone(700)], 1);
  writeWave(workshop.inputPath('mono.wav'), [tone(1000)], 1);
  writeWave(workshop.inputPath('eight.wav'), [400, 500, 600, 700, 800, 900, 1000, 1100].map(tone), 1);
  await workshop.makeClip('clip.mp4', { durationSeconds: 1 });
}, 120_000);
afterAll(() => workshop?.close());

let made = 0;

async function planOf(outputs: readonly Output[], inputs: JobSettings['inputs']): Promise<JobPlan> {
  made += 1;
  const fileGroupSettings = { destination: `s3://outputs/forms-${made}` };
  const settings: JobSettings = {
    inputs,
    outputGroups: [
      {
        outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings },
        outputs: outputs.map((output, index) => ({ ...output, nameModifier: `-${index}` })),
      },
    ],
  };
  const { plan, findings } = planJob({
    settings,
    facts: await factsOf(workshop, settings),
    capacity: { cores: 2, memoryBytes: 4_000_000_000 },
    job: { startTimeMs: 0 },
  });
  if (plan === null) throw new Error(findings.map(({ message }) => message).join('\n'));
  return plan;
}

async function run(
  output: Output,
  inputs: JobSettings['inputs'],
): Promise<FinishedRun & { readonly path: string }> {
  const finished = await workshop.run(await planOf([output], inputs));
  const location = finished.groups[0]?.outputs[0]?.locations[0] ?? '';
  return { ...finished, path: workshop.outputPath(location.replace('s3://outputs/', '')) };
}

/** Amplitude of a tone in each channel of a second of sound. */
function levels({ channels, sampleRateHz }: ReadSound, second: number, hertz: number): readonly number[] {
  const [from, to] = [second + 0.2, second + 0.8].map((at) => Math.round(at * sampleRateHz));
  return channels.map((samples) => amplitudeOf(samples.subarray(from, to), sampleRateHz, hertz));
}

describe('sound of another form than that of the first input', () => {
  const codecs: readonly AudioCodecSettings[] = [
    { codec: 'WAV', wavSettings: { channels: 0, bitDepth: 16, sampleRate: 48_000 } },
    { codec: 'AC3', ac3Settings: { codingMode: 'CODING_MODE_AUTO' } } as never,
    { codec: 'MP2', mp2Settings: { channels: 0, bitrate: 192_000, sampleRate: 48_000 } } as never,
  ];
  it.each(codecs)('mono fills both channels in $codec that follows its source', async (codecSettings) => {
    const output: Output = {
      containerSettings: { container: 'RAW' },
      audioDescriptions: [{ codecSettings }],
    };
    const { path } = await run(output, [inputOf('stereo.wav'), inputOf('mono.wav')]);
    for (const level of levels(readSound(path), 1, 1000)) expect(level).toBeCloseTo(0.2, 2);
  });

  it('stereo becomes the mean of its channels behind mono', async () => {
    const output: Output = {
      containerSettings: { container: 'RAW' },
      audioDescriptions: [{ codecSettings: { codec: 'WAV', wavSettings: { channels: 0 } } as never }],
    };
    const { path } = await run(output, [inputOf('mono.wav'), inputOf('stereo.wav')]);
    const sound = readSound(path);
    expect(sound.channels).toHaveLength(1);
    expect(levels(sound, 1, 400)[0]).toBeCloseTo(0.1, 2);
  });
});

it.each([2, 4, 6, 8])('PCM of %i channels in a transport stream can be heard', async (channels) => {
  const wavSettings = { channels, bitDepth: channels === 8 ? 24 : 16, sampleRate: 48_000 };
  const gains = Array.from({ length: channels }, (_, row) => ({
    inputChannels: Array.from({ length: 8 }, (_, column) => (row === column ? 0 : -60)),
  }));
  const output: Output = {
    containerSettings: { container: 'M2TS' },
    audioDescriptions: [
      {
        codecSettings: { codec: 'WAV', wavSettings },
        remixSettings: { channelMapping: { outputChannels: gains } },
      } as never,
    ],
  };
  const { path } = await run(output, [inputOf('eight.wav')]);
  const sound = readSound(path);
  expect(sound.channels).toHaveLength(channels);
  expect(sound.channels[0]?.length).toBe(48_000);
  for (const [channel] of sound.channels.entries())
    expect(levels(sound, 0, 400 + 100 * channel)[channel]).toBeCloseTo(0.2, 2);
});

it('the bit rate of uncompressed pictures is that of their samples', async () => {
  const codecSettings = { codec: 'UNCOMPRESSED', uncompressedSettings: { fourcc: 'I422' } } as const;
  const output: Output = {
    containerSettings: { container: 'Y4M' },
    videoDescription: { width: 64, height: 36, codecSettings },
  };
  const { groups, path } = await run(output, [inputOf('clip.mp4', { audioSelectors: {} })]);
  const video = groups[0]?.outputs[0]?.video;
  const marks = readFileSync(path).toString('latin1').split('FRAME\n').length - 1;
  expect(video?.bytes).toBe(marks * 64 * 36 * 2);
  // A header in front, and a word before each picture.
  expect(statSync(path).size - (video?.bytes ?? 0)).toBeLessThan(100 + 6 * marks);
});

describe('colours of joined inputs', () => {
  const corrected = (colorCorrector: object): Output => ({
    containerSettings: { container: 'MP4' },
    videoDescription: {
      codecSettings: {
        codec: 'H_265',
        h265Settings: { rateControlMode: 'QVBR', maxBitrate: 2_000_000, codecProfile: 'MAIN10_MAIN' },
      },
      videoPreprocessors: { colorCorrector },
    } as never,
  });
  const of = (colorSpace: 'HDR10' | 'REC_709') =>
    inputOf('clip.mp4', { audioSelectors: {}, videoSelector: { colorSpace } });
  const conversions = ({ inputs, videoRenditions: [video] }: JobPlan) => ({
    shared: inputs.map((input) => input.video?.sharedFilters.filter(({ name }) => name === 'zscale').length),
    own: [video?.filters, video?.otherInputs?.[0]?.filters].map((steps) =>
      (steps ?? [])
        .filter(({ name }) => name === 'zscale' || name === 'tonemap')
        .map(({ options }) => options),
    ),
  });
  const hdr10 = { colorSpaceConversion: 'FORCE_HDR10', hdr10Metadata: {}, sdrReferenceWhiteLevel: 400 };

  it.each([
    ['HDR10', 'REC_709'],
    ['REC_709', 'HDR10'],
  ] as const)('%s then %s: each is converted from its own', async (first, second) => {
    const plan = await planOf([corrected(hdr10)], [of(first), of(second)]);
    const { shared, own } = conversions(plan);
    expect(shared).toEqual([0, 0]);
    const [sdr] = first === 'REC_709' ? own : [...own].reverse();
    expect(sdr).toMatchObject([{ tin: 'bt709', t: 'smpte2084', npl: '400' }]);
    expect(own.flat().some((options) => 'tonemap' in options)).toBe(false);
  });

  it.each([
    ['FULL_RANGE', 'LIMITED_RANGE', { in_range: 'limited', out_range: 'full' }],
    ['LIMITED_RANGE', 'FULL_RANGE', { in_range: 'full', out_range: 'limited' }],
  ] as const)('%s then %s: one range of samples', async (first, second, options) => {
    const inputs = [first, second].map((sampleRange) =>
      inputOf('clip.mp4', { audioSelectors: {}, videoSelector: { sampleRange } }),
    );
    const { inputs: planned } = await planOf([corrected({ brightness: 50 })], inputs);
    const ranges = planned.map((input) => input.video?.sharedFilters.filter(({ name }) => name === 'scale'));
    expect(ranges).toEqual([[], [{ name: 'scale', options }]]);
  });

  it('without a conversion of their own, all renditions share the way to the followed colours', async () => {
    const plan = await planOf([corrected({ brightness: 50 })], [of('REC_709'), of('HDR10')]);
    const { shared, own } = conversions(plan);
    expect(shared).toEqual([0, 2]);
    expect(own).toEqual([[], []]);
  });

  it('beside a rendition that converts, one that does not goes that way alone', async () => {
    const outputs = [corrected(hdr10), corrected({ brightness: 50 })];
    const plan = await planOf(outputs, [of('REC_709'), of('HDR10')]);
    const [, plain] = plan.videoRenditions;
    const steps = plain?.otherInputs?.[0]?.filters.map(({ name }) => name);
    expect(steps?.slice(0, 3)).toEqual(['zscale', 'format', 'tonemap']);
    expect(conversions(plan).shared).toEqual([0, 0]);
  });
});
