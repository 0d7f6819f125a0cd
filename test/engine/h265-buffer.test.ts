/** H.265 streams tell of the buffer that the job asks for, and keep it by an independent reading of annex C. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAccessUnits } from '../../bench/coded-rate.ts';
import type { EngineBench } from '../../bench/engine-bench.ts';
import { checkHrd } from '../../bench/hrd-check.ts';
import { type HrdStream, readHrd, readHrdParameters } from '../../bench/hrd-syntax.ts';
import { makeMovingClips, movingClips } from '../../bench/moving-clips.ts';
import type { H265Settings } from '../../src/contract/types.generated.ts';

const bufferBits = 640_000;
let bench: EngineBench;
beforeAll(async () => {
  bench = await makeMovingClips(4, [movingClips.cuts]);
}, 60_000);
afterAll(() => bench.close());

/** Encodes four seconds of cuts and gives the path of the file. */
async function encode(container: 'RAW' | 'MP4', settings: H265Settings): Promise<string> {
  const h265Settings: H265Settings = {
    gopSizeUnits: 'FRAMES',
    gopSize: 25,
    hrdBufferSize: bufferBits,
    hrdBufferInitialFillPercentage: 75,
    ...settings,
  };
  const codecSettings = { codec: 'H_265', h265Settings } as const;
  const plan = await bench.plan('cuts.mp4', [
    { containerSettings: { container }, videoDescription: { codecSettings } },
  ]);
  const [path = ''] = await bench.run(plan);
  return path;
}

async function encodeStream(settings: H265Settings): Promise<HrdStream> {
  const stream = readHrd('H.265', readAccessUnits(await encode('RAW', settings)));
  if (stream === null) throw new Error('the stream tells of no buffer');
  return stream;
}

/** One tick of 1/90000 s is rounding. */
const rounding = 2 / 90_000;

describe('the buffer of', { timeout: 60_000 }, () => {
  test('a constant rate is that of the job, never pauses, and is told of as it stands at every key frame', async () => {
    const stream = await encodeStream({ rateControlMode: 'CBR', bitrate: 400_000 });
    expect(stream.parameters).toMatchObject({ rateBps: 400_000, sizeBits: bufferBits, isConstant: true });
    expect(stream.pictures[0]?.period).toEqual({ delay: 108_000, offset: 36_000 });
    expect(stream.pictures.filter(({ period }) => period !== null).length).toBeGreaterThanOrEqual(4);
    const { late, full, delayError } = checkHrd(stream);
    expect([late, full]).toEqual([0, 0]);
    expect(delayError).toBeLessThan(rounding);
  });

  test.each([
    { rateControlMode: 'VBR', bitrate: 400_000, maxBitrate: 640_000 },
    { rateControlMode: 'QVBR', maxBitrate: 640_000, qvbrSettings: { qvbrQualityLevel: 8 } },
  ] as const)('$rateControlMode fills at the maximum and pauses when it is full', async (rate) => {
    const stream = await encodeStream(rate);
    expect(stream.parameters).toMatchObject({ rateBps: 640_000, sizeBits: bufferBits, isConstant: false });
    expect(stream.pictures[0]?.period).toEqual({ delay: 67_500, offset: 22_500 });
    const { late, full, delayError } = checkHrd(stream);
    expect([late, full]).toEqual([0, 0]);
    expect(delayError).toBeLessThan(rounding);
  });

  test('a file that keeps its parameter sets in front is told of there too', async () => {
    const path = await encode('MP4', {
      rateControlMode: 'QVBR',
      maxBitrate: 640_000,
      writeMp4PackagingType: 'HVC1',
    });
    expect(readHrdParameters('H.265', sequenceIn(readFileSync(path)))).toMatchObject({
      rateBps: 640_000,
      sizeBits: bufferBits,
      isConstant: false,
    });
  });
});

/** The sequence parameter set of an `hvcC` box (ISO/IEC 14496-15 8.3.3.1): arrays of units by type. */
function sequenceIn(file: Buffer): Buffer {
  let at = file.indexOf('hvcC') + 4 + 23;
  for (let arrays = file[at - 1] ?? 0; arrays > 0; arrays -= 1) {
    const type = (file[at] ?? 0) & 63;
    const length = file.readUInt16BE(at + 3);
    if (type === 33) return file.subarray(at + 5, at + 5 + length);
    at += 5 + length;
  }
  throw new Error('no sequence parameter set');
}
