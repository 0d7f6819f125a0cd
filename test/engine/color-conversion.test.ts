/** Every colour becomes every other: the library builds each conversion, and greys come out where they belong. */
import { avGetPixFmtFromName, Frame } from 'node-av/lib';
import { describe, expect, it } from 'vitest';
import { describeSteps, openFilterChain } from '../../src/engine/filter-chain.ts';
import { type ColorDescription, namedColor } from '../../src/plan/color.ts';
import { colorConversionSteps, conversionToFollowed } from '../../src/plan/color-conversion.ts';
import { type ToneMapper, toneMappers } from '../../src/plan/color-corrector.table.ts';

const spaces = ['REC_601', 'REC_709', 'HDR10', 'HLG_2020', 'P3DCI', 'P3D65_SDR', 'P3D65_HDR'] as const;
const colorOf = (space: (typeof spaces)[number]): ColorDescription => ({
  ...namedColor(space, 1080),
  range: 'limited',
});
const choice = { whiteLuminance: 203, toneMapper: toneMappers.PRESERVE_DETAILS, brightest: 1000 };

/** Luma (ten bits) of a grey of this luma after the conversion. */
function greyThrough(from: ColorDescription, to: ColorDescription, luma: number): number {
  return greysThrough(from, to, Array<number>(64).fill(luma))[20] ?? -1;
}

/** The same of a picture whose columns are greys of these lumas. */
function greysThrough(
  from: ColorDescription,
  to: ColorDescription,
  lumas: readonly number[],
  toneMapper: ToneMapper = choice.toneMapper,
): readonly number[] {
  const steps = [
    { name: 'setparams', options: tagsOf(from) },
    ...colorConversionSteps(from, to, { ...choice, toneMapper }),
    { name: 'format', options: { pix_fmts: 'yuv420p10le' } },
  ];
  const frame = new Frame();
  const result = new Frame();
  frame.alloc();
  result.alloc();
  frame.format = avGetPixFmtFromName('yuv420p10le');
  frame.width = lumas.length;
  frame.height = 32;
  frame.getBuffer();
  for (const [plane, bytes] of (frame.data ?? []).entries()) {
    const stride = frame.linesize[plane] ?? 0;
    for (let at = 0; at + 1 < bytes.length; at += 2)
      bytes.writeUInt16LE(plane === 0 ? (lumas[(at % stride) / 2] ?? 64) : 512, at);
  }
  const shape = {
    kind: 'video',
    widthPx: lumas.length,
    heightPx: 32,
    format: frame.format,
    sampleAspectRatio: { num: 1, den: 1 },
    colorSpace: 2,
    colorRange: 1,
    timeBase: { num: 1, den: 25 },
  } as const;
  const chain = openFilterChain([shape], `[in0]${describeSteps(steps, 'null')}[out]`, 1);
  try {
    chain.pushNow(0, frame);
    chain.pushNow(0, null);
    expect(chain.pull(result)).toBe(true);
    return lumas.map((_, x) => result.data?.[0]?.readUInt16LE(2 * x) ?? -1);
  } finally {
    chain.free();
    frame.free();
    result.free();
  }
}

describe.each(spaces)('%s', (from) => {
  it.each(spaces)('→ %s', (to) => {
    // 900 of PQ are 7000 cd/m², which no picture has: 720 are 1000.
    const levels = [120, 450, colorOf(from).transfer === 'smpte2084' ? 720 : 900];
    const [dark, middle, bright] = levels.map((luma) => greyThrough(colorOf(from), colorOf(to), luma));
    expect(dark).toBeGreaterThanOrEqual(64);
    expect(middle).toBeGreaterThan((dark ?? 0) + 20);
    expect(bright).toBeGreaterThan((middle ?? 0) + 20);
    expect(bright).toBeLessThanOrEqual(940);
  });
});

describe.each(['PRESERVE_DETAILS', 'VIBRANT'] as const)('a ramp brought down by %s', (name) => {
  // All of HLG, and PQ up to the 1000 cd/m² it is made for.
  it.each([
    ['HDR10', 722],
    ['HLG_2020', 940],
  ] as const)('has no bands out of %s and is not cut off before its end', (space, last) => {
    const ramp = Array.from({ length: 2 * Math.ceil((last - 63) / 2) }, (_, index) =>
      Math.min(last, 64 + index),
    );
    const mapped = greysThrough(colorOf(space), colorOf('REC_709'), ramp, toneMappers[name]);
    const steps = mapped.slice(1).map((luma, index) => luma - (mapped[index] ?? 0));
    expect([mapped[0], mapped.at(-1)]).toEqual([
      64,
      expect.toSatisfy((top: number) => top >= 938 && top <= 941),
    ]);
    // Never back, and in ten bits never by more than a step of eight.
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(4);
    // Highlights share values, but white is for the brightest alone.
    expect(mapped.findIndex((luma) => luma >= 938)).toBeGreaterThan(0.93 * ramp.length);
  });
});

it('white of SDR has the luminance asked for, out of the cinema too', () => {
  for (const space of ['REC_709', 'P3DCI'] as const) {
    const white = (whiteLuminance: number): number => {
      const at = colorConversionSteps(colorOf(space), colorOf('HDR10'), { ...choice, whiteLuminance });
      return Number(at.find(({ options }) => options['npl'] !== undefined)?.options['npl']);
    };
    expect([white(100), white(400)]).toEqual([100, 400]);
  }
  // 203 cd/m² are 58 % of PQ (ITU-R BT.2408).
  expect(Math.abs(greyThrough(colorOf('REC_709'), colorOf('HDR10'), 940) - (64 + 0.58 * 876))).toBeLessThan(
    4,
  );
});

it('colours that are the same under several names are left alone', () => {
  const old = { ...colorOf('REC_709'), transfer: 'smpte170m' };
  expect(conversionToFollowed(unlit(old), colorOf('REC_709'))).toBeNull();
  expect(conversionToFollowed(unlit({ ...old, primaries: null }), colorOf('HDR10'))).toBeNull();
});

describe('inputs that differ in their sample range', () => {
  const limited = colorOf('REC_709');
  const full = { ...limited, range: 'full' as const };
  const steps = (from: ColorDescription, to: ColorDescription) =>
    conversionToFollowed(unlit(from), to)?.map(({ options }) => options);

  it('come to the range of the followed one, where nothing is said it is limited', () => {
    expect(steps(full, limited)).toEqual([{ in_range: 'full', out_range: 'limited' }]);
    expect(steps(limited, full)).toEqual([{ in_range: 'limited', out_range: 'full' }]);
    expect(steps({ ...limited, range: null }, limited)).toBeUndefined();
    expect(steps({ ...full, primaries: null }, limited)).toHaveLength(1);
  });

  it('come to it behind a conversion of colours as well', () => {
    const converted = steps(colorOf('HDR10'), full) ?? [];
    expect(converted.at(-1)).toEqual({ in_range: 'limited', out_range: 'full' });
    expect(steps(colorOf('HDR10'), limited)).toHaveLength(converted.length - 1);
  });
});

function unlit(color: ColorDescription): Parameters<typeof conversionToFollowed>[0] {
  return { color, hdr: null, givenLuminance: null };
}

/** What a decoder says of pictures. */
function tagsOf({ primaries, transfer, matrix }: ColorDescription): Record<string, string> {
  return {
    color_primaries: `${primaries}`,
    color_trc: `${transfer}`,
    colorspace: `${matrix}`,
    range: 'limited',
  };
}
