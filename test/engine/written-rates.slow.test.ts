/**
 * Constant rates of streams that others than the encoder write into: timecodes, active formats, parameter sets and
 * delimiters are within the rate and the decoder's buffer. Small pictures at 50 a second have the most of it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { splitUnits } from '../../bench/bit-reader.ts';
import { averageOf, readAccessUnits, runBucket } from '../../bench/coded-rate.ts';
import { type EngineBench, openEngine } from '../../bench/engine-bench.ts';
import { checkHrd } from '../../bench/hrd-check.ts';
import { readHrd } from '../../bench/hrd-syntax.ts';
import type { Output, VideoCodecSettings } from '../../src/contract/types.generated.ts';

const seconds = 20;
const framesPerSecond = 50;
const bitrate = 500_000;
const mpeg2Bitrate = 1_500_000;
/** Delays of pictures go up to 0.73 s: a larger buffer has none told. */
const mpeg2Buffer = 1_000_000;
/** Buffers begin nine tenths full: a tenth of a second may be kept at the end. */
const bar = 0.01 + 0.1 / seconds;

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngine();
  const cuts = `testsrc2=s=1280x720:r=50:d=${seconds},noise=alls=12:all_seed=5,crop=320:180:x='mod(floor(t/1.6)*337+t*60\\,960)':y='mod(floor(t/1.6)*211+t*30\\,540)'`;
  await bench.makeClip('cuts.mp4', cuts, framesPerSecond);
}, 120_000);
afterAll(() => bench.close());

const rate = { rateControlMode: 'CBR', bitrate, hrdBufferSize: bitrate } as const;
const level = { qualityTuningLevel: 'SINGLE_PASS', unregisteredSeiTimecode: 'ENABLED' } as const;
const codecs = {
  'H.264': { codec: 'H_264', h264Settings: { ...rate, ...level, repeatPps: 'ENABLED' } },
  'H.265': { codec: 'H_265', h265Settings: { ...rate, ...level } },
} as const satisfies Readonly<Record<string, VideoCodecSettings>>;

function output(codecSettings: VideoCodecSettings, container: 'M2TS' | 'MP4', nameModifier = '_v'): Output {
  return {
    nameModifier,
    containerSettings: { container },
    videoDescription: {
      codecSettings,
      timecodeInsertion: 'PIC_TIMING_SEI',
      afdSignaling: 'FIXED',
      fixedAfd: 8,
    },
  };
}

function measure(path: string, rateBps: number, sizeBits = rateBps) {
  const units = readAccessUnits(path);
  const pictures = units.map((unit, index) => ({ bits: unit.length * 8, at: index / framesPerSecond }));
  const bucket = { rateBps, sizeBits, initialFill: 0.9, isConstant: false };
  return {
    units,
    average: averageOf(pictures, framesPerSecond) / rateBps,
    late: runBucket(pictures, bucket, framesPerSecond).underflows,
  };
}

const delimiters = {
  'H.264': (byte: number) => (byte & 31) === 9,
  'H.265': (byte: number) => byte >> 1 === 35,
};

/** By the stream's own words, with what a container keeps outside of it left out. */
function expectOwnBuffer(codec: keyof typeof codecs, units: readonly Uint8Array[]): void {
  const stream = readHrd(codec, units);
  if (stream === null) throw new Error('the stream tells of no buffer');
  expect(stream.parameters).toMatchObject({ rateBps: Math.floor(bitrate / 64) * 64, isConstant: true });
  const { late, full, delayError } = checkHrd(stream);
  expect([late, full]).toEqual([0, 0]);
  expect(delayError).toBeLessThan(2 / 90_000);
}

test.each(['H.264', 'H.265'] as const)('%s in a transport stream', { timeout: 120_000 }, async (codec) => {
  const plan = await bench.plan('cuts.mp4', [output(codecs[codec], 'M2TS')]);
  const [path = ''] = await bench.run(plan);
  const { units, average, late } = measure(path, bitrate);
  expect(Math.abs(average - 1)).toBeLessThanOrEqual(bar);
  expect(late).toBe(0);
  expectOwnBuffer(codec, units);
});

test.each(['H.264', 'H.265'] as const)(
  '%s in a transport stream and a file at once',
  { timeout: 120_000 },
  async (codec) => {
    const plan = await bench.plan('cuts.mp4', [
      output(codecs[codec], 'MP4'),
      output(codecs[codec], 'M2TS', '_ts'),
    ]);
    expect(plan.videoRenditions).toHaveLength(1);
    const [file = '', stream = ''] = await bench.run(plan);
    for (const path of [file, stream]) {
      const { average, late } = measure(path, bitrate);
      expect(Math.abs(average - 1)).toBeLessThanOrEqual(bar);
      expect(late).toBe(0);
    }
    const { units } = measure(stream, bitrate);
    expectOwnBuffer(codec, units);
    // Each picture begins with the one delimiter that it has.
    for (const unit of units) {
      const isDelimiter = splitUnits(unit).map(([first = 0]) => delimiters[codec](first));
      expect(isDelimiter.indexOf(true)).toBe(0);
      expect(isDelimiter.lastIndexOf(true)).toBe(0);
    }
  },
);

test('MPEG-2 tells of the whole rate, and keeps it', { timeout: 120_000 }, async () => {
  const mpeg2Settings = {
    rateControlMode: 'CBR',
    bitrate: mpeg2Bitrate,
    hrdBufferSize: mpeg2Buffer,
  } as const;
  const plan = await bench.plan('cuts.mp4', [output({ codec: 'MPEG2', mpeg2Settings }, 'M2TS')]);
  const [path = ''] = await bench.run(plan);
  const { units, average, late } = measure(path, mpeg2Bitrate, mpeg2Buffer);
  expect(Math.abs(average - 1)).toBeLessThanOrEqual(bar);
  expect(late).toBe(0);
  const told = units.map((unit) => mpeg2Words(Buffer.from(unit)));
  expect(told[0]?.rateBps).toBe(mpeg2Bitrate);
  // The buffer by the delays that pictures tell of themselves.
  let [sentBits, first] = [0, 0];
  for (const [index, { delaySeconds, codeBits }] of told.entries()) {
    const removal = (sentBits + codeBits) / mpeg2Bitrate + delaySeconds;
    if (index === 0) first = removal;
    expect(Math.abs(removal - first - index / framesPerSecond)).toBeLessThan(3 / 90_000);
    sentBits += (units[index]?.length ?? 0) * 8;
  }
});

/** Rate of the sequence header (null: none), delay of the picture, and bits up to the end of its start code (H.262 6.2). */
function mpeg2Words(unit: Buffer): { rateBps: number | null; delaySeconds: number; codeBits: number } {
  const sequence = unit.indexOf(Buffer.from([0, 0, 1, 0xb3]));
  const picture = unit.indexOf(Buffer.from([0, 0, 1, 0]));
  return {
    rateBps: sequence < 0 ? null : (unit.readUInt32BE(sequence + 8) >>> 14) * 400,
    delaySeconds: ((unit.readUInt32BE(picture + 4) >>> 3) & 0xffff) / 90_000,
    codeBits: (picture + 4) * 8,
  };
}
