/** Conversions between dynamic ranges, measured on patches whose light is known: white, greys and hues stay what they are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColorCorrector, VideoSelector } from '../../src/contract/types.generated.ts';
import { makeChart, type Patch, readChart } from './color-chart.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

type Light = readonly [number, number, number];

/** cd/m² of greys: black, dark, ITU-R BT.2408's 18 % grey, SDR white, its HDR reference white, and highlights. */
const greys = [0, 5, 26, 100, 203, 400, 600, 800, 1000] as const;
const hues: readonly Light[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 0],
  [0, 1, 1],
  [1, 0, 1],
];
/** Skin in linear light, as dark, light and brightly lit as faces are (cd/m² of its luma, BT.2408 2.2 and above). */
const skin: Light = [0.6, 0.3, 0.22];
const skinNits = [15, 65, 250] as const;
/** Light of each patch in cd/m² of red, green and blue of BT.709. */
const patches: readonly Light[] = [
  ...greys.map((nits): Light => [nits, nits, nits]),
  ...hues.map(([r, g, b]): Light => [100 * r, 100 * g, 100 * b]),
  ...skinNits.map((nits): Light => skin.map((share) => (nits * share) / 0.36) as unknown as Light),
];
const hueAt = greys.length;

// Red, green and blue of BT.709 in BT.2020 (ITU-R BT.2087).
const wide = [
  [0.6274, 0.3293, 0.0433],
  [0.0691, 0.9195, 0.0114],
  [0.0164, 0.088, 0.8956],
] as const;
const luma = { bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

const toWide = (light: Light): Light =>
  wide.map((row) => row[0] * light[0] + row[1] * light[1] + row[2] * light[2]) as unknown as Light;

/** PQ (SMPTE ST 2084): cd/m² → signal. */
const pq = (nits: number): number => {
  const y = (Math.max(0, nits) / 10_000) ** 0.1593017578125;
  return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375;
};
/** HLG of a display of 1000 cd/m² for greys (ITU-R BT.2100): system gamma 1.2, then the camera's curve. */
const hlg = (nits: number): number => {
  const scene = Math.min(1, Math.max(0, nits) / 1000) ** (1 / 1.2);
  return scene <= 1 / 12 ? Math.sqrt(3 * scene) : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
};
/** BT.1886: cd/m² of a display of 100 → signal, and back. */
const sdr = (nits: number): number => (Math.max(0, nits) / 100) ** (1 / 2.4);
const shown = (signal: number): number => 100 * Math.max(0, signal) ** 2.4;

function toPatch([r, g, b]: Light, [kr, kb]: readonly [number, number]): Patch {
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  return [y, (b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))];
}

function toRgb([y, cb, cr]: Patch, [kr, kb]: readonly [number, number]): Light {
  const [r, b] = [y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb];
  return [r, (y - kr * r - kb * b) / (1 - kr - kb), b];
}

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  const coded = (curve: (nits: number) => number) =>
    patches.map((light) => toPatch(toWide(light).map(curve) as unknown as Light, luma.bt2020));
  await makeChart(workshop.inputPath('pq.mp4'), coded(pq));
  await makeChart(workshop.inputPath('hlg.mp4'), coded(hlg));
  // Greys above 100 cd/m² are white in SDR.
  const plain = patches.map((light) => light.map((nits) => Math.min(1, sdr(nits))) as unknown as Light);
  await makeChart(
    workshop.inputPath('sdr.mp4'),
    plain.map((rgb) => toPatch(rgb, luma.bt709)),
  );
});
afterAll(() => workshop.close());

async function convert(
  key: string,
  videoSelector: VideoSelector,
  colorCorrector: ColorCorrector,
): Promise<readonly Patch[]> {
  const h265Settings = {
    rateControlMode: 'QVBR',
    maxBitrate: 20_000_000,
    qvbrSettings: { qvbrQualityLevel: 10 },
    codecProfile: 'MAIN10_HIGH',
  } as const;
  const { path } = await runVideoJob(workshop, {
    key,
    video: { codecSettings: { codec: 'H_265', h265Settings }, videoPreprocessors: { colorCorrector } },
    changes: {
      inputs: [
        {
          fileInput: `s3://inputs/${key}`,
          timecodeSource: 'ZEROBASED',
          videoSelector: { colorSpaceUsage: 'FORCE', ...videoSelector },
        },
      ],
    },
  });
  return readChart(path, patches.length);
}

/** Light of a display of 100 cd/m². */
const sdrLight = (patch: Patch): Light => toRgb(patch, luma.bt709).map(shown) as unknown as Light;

/** Shares of red, green and blue: 1 is the strongest. */
const hueOf = (light: Light): Light => light.map((value) => value / Math.max(...light)) as unknown as Light;

function expectHues(lights: readonly Light[]): void {
  for (const [index, light] of patches.slice(hueAt).entries())
    for (const [place, share] of hueOf(lights[hueAt + index] ?? [0, 0, 0]).entries())
      expect(Math.abs(share - (hueOf(light)[place] ?? 0)), `${light}`).toBeLessThan(0.04);
}

describe('down to SDR', () => {
  const cases = [
    ['HDR10', 'PRESERVE_DETAILS'],
    ['HDR10', 'VIBRANT'],
    ['HLG_2020', 'PRESERVE_DETAILS'],
  ] as const;
  it.each(cases)(
    '%s, %s: greys keep apart, highlights are not cut off, hues stay',
    async (colorSpace, hdrToSdrToneMapper) => {
      const key = colorSpace === 'HDR10' ? 'pq.mp4' : 'hlg.mp4';
      const corrector = { colorSpaceConversion: 'FORCE_709', hdrToSdrToneMapper } as const;
      const chart = await convert(key, { colorSpace }, corrector);
      const lights = chart.map(sdrLight);
      const signals = chart.slice(0, greys.length).map(([y]) => y);
      const at = (nits: (typeof greys)[number]): number => signals[greys.indexOf(nits)] ?? 0;
      const isVibrant = hdrToSdrToneMapper === 'VIBRANT';
      expect(at(0)).toBeCloseTo(0, 2);
      // No two are one, in steps of ten bits: the vibrant curve has less left for highlights.
      for (const [index, signal] of signals.entries())
        if (index > 0) expect(876 * (signal - (signals[index - 1] ?? 0))).toBeGreaterThan(isVibrant ? 1 : 6);
      expect(876 * (at(1000) - at(600))).toBeGreaterThan(isVibrant ? 4 : 20);
      // Black and the brightest are the ends of the range; BT.2446-1 method A has white at 69 %, C at 96 %.
      expect(at(1000)).toBeCloseTo(1, 2);
      const white = isVibrant ? { least: 0.94, most: 0.97 } : { least: 0.84, most: 0.92 };
      expect(at(203)).toBeGreaterThan(white.least);
      expect(at(203)).toBeLessThan(white.most);
      // The grey card of SDR (BT.2408 2.2: 42.5 % of the signal), and method C's 53 %.
      expect(at(26)).toBeCloseTo(isVibrant ? 0.53 : 0.425, 2);
      for (const [, cb, cr] of chart.slice(0, hueAt)) {
        expect(Math.abs(cb)).toBeLessThan(0.006);
        expect(Math.abs(cr)).toBeLessThan(0.006);
      }
      expectHues(lights);
    },
  );

  it('what is made for 4000 cd/m² has its highlights below white as well, and its white where it was', async () => {
    const corrector = { colorSpaceConversion: 'FORCE_709' } as const;
    const bright = { maxLuminance: 40_000_000, maxContentLightLevel: 4000, maxFrameAverageLightLevel: 400 };
    const plain = await convert('pq.mp4', { colorSpace: 'HDR10' }, corrector);
    const held = await convert('pq.mp4', { colorSpace: 'HDR10', hdr10Metadata: bright }, corrector);
    const change = (nits: (typeof greys)[number]): number =>
      (plain[greys.indexOf(nits)]?.[0] ?? 0) - (held[greys.indexOf(nits)]?.[0] ?? 0);
    expect(change(1000)).toBeGreaterThan(0.025);
    expect(Math.abs(change(203))).toBeLessThan(0.02);
    expect(Math.abs(change(26))).toBeLessThan(0.004);
  });
});

describe('up to HDR', () => {
  it.each([100, 203] as const)(
    'SDR white of HDR10 is %i cd/m², and the rest below it as it was',
    async (white) => {
      const chart = await convert(
        'sdr.mp4',
        { colorSpace: 'REC_709' },
        {
          colorSpaceConversion: 'FORCE_HDR10',
          sdrReferenceWhiteLevel: white,
          hdr10Metadata: { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400 },
        },
      );
      for (const [index, light] of patches.entries()) {
        const scaled = light.map((nits) => (Math.min(100, nits) * white) / 100) as unknown as Light;
        const expected = toPatch(toWide(scaled).map(pq) as unknown as Light, luma.bt2020);
        for (const [place, value] of (chart[index] ?? []).entries())
          expect(Math.abs(value - (expected[place] ?? 0)), `${light}`).toBeLessThan(0.01);
      }
    },
  );
});

describe('across HDR', () => {
  it.each([
    ['HLG to HDR10', 'hlg.mp4', 'HLG_2020', 'FORCE_HDR10', pq],
    ['HDR10 to HLG', 'pq.mp4', 'HDR10', 'FORCE_HLG_2020', hlg],
  ] as const)('%s: greys keep their light', async (_name, key, colorSpace, colorSpaceConversion, curve) => {
    const hdr10Metadata = { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400 };
    const corrector = { colorSpaceConversion, ...(key === 'hlg.mp4' ? { hdr10Metadata } : {}) };
    const chart = await convert(key, { colorSpace }, corrector);
    for (const [index, nits] of greys.entries())
      expect(Math.abs((chart[index]?.[0] ?? 0) - curve(nits)), `${nits}`).toBeLessThan(0.012);
  });
});
