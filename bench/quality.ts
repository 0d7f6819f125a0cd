/**
 * The picture and the CPU time of our encodes against the same library driven plainly: one decoder, one encoder with the
 * preset, rate, buffer and group of the plan and nothing else, in this process too. Pictures are compared at one rate: a
 * library that misses its target is asked for what ours came to.
 *
 * `--parameters` changes our side's x264 or x265 parameters, to see what a choice of the planner costs and gains.
 *
 *   npx tsx bench/quality.ts [--seconds 10] [--pairs 5] [--only TEXT] [--parameters b-adapt=1:sao=1]
 */
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Output, VideoCodecSettings } from '../src/contract/types.generated.ts';
import type { JobPlan } from '../src/plan/plan.ts';
import { openEngine } from './engine-bench.ts';
import { median } from './measure-command.ts';
import { encodePlainly, similarityOf } from './plain-encode.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    pairs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    parameters: { type: 'string', default: '' },
  },
});

const rate = { rateControlMode: 'VBR', bitrate: 3_000_000, maxBitrate: 5_000_000 } as const;
const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;
const cases: readonly (readonly [string, VideoCodecSettings])[] = [
  ...levels.map(
    (level) =>
      [
        `H.264 ${level}`,
        { codec: 'H_264', h264Settings: { ...rate, codecProfile: 'HIGH', qualityTuningLevel: level } },
      ] as const,
  ),
  ...levels.map(
    (level) =>
      [`H.265 ${level}`, { codec: 'H_265', h265Settings: { ...rate, qualityTuningLevel: level } }] as const,
  ),
  ['AV1 CBR', { codec: 'AV1', av1Settings: { rateControlMode: 'CBR', bitrate: rate.bitrate } }],
  ...(['SINGLE_PASS', 'MULTI_PASS'] as const).map((qualityTuningLevel) => {
    const mpeg2Settings = { ...rate, bitrate: 8_000_000, maxBitrate: 12_000_000, qualityTuningLevel };
    return [`MPEG-2 ${qualityTuningLevel}`, { codec: 'MPEG2', mpeg2Settings }] as const;
  }),
  ['VC-3', { codec: 'VC3', vc3Settings: { vc3Class: 'CLASS_145_8BIT' } }],
  ['AVC-Intra', { codec: 'AVC_INTRA', avcIntraSettings: { avcIntraClass: 'CLASS_100' } }],
  ['ProRes 422', { codec: 'PRORES', proresSettings: { codecProfile: 'APPLE_PRORES_422' } }],
  ...(['MULTI_PASS', 'MULTI_PASS_HQ'] as const).flatMap((qualityTuningLevel) => {
    const settings = { ...rate, rateControlMode: 'VBR', qualityTuningLevel } as const;
    return [
      [`VP8 ${qualityTuningLevel}`, { codec: 'VP8', vp8Settings: settings }] as const,
      [`VP9 ${qualityTuningLevel}`, { codec: 'VP9', vp9Settings: settings }] as const,
    ];
  }),
];

/** Where the codec has no rate of its own, shares are those of this one. */
const nominalBps = 100_000_000;
const containers: Partial<Record<string, 'MOV' | 'MXF' | 'WEBM'>> = {
  AVC_INTRA: 'MXF',
  MPEG2: 'MOV',
  PRORES: 'MOV',
  VC3: 'MXF',
  VP8: 'WEBM',
  VP9: 'WEBM',
};

const clip = `testsrc2=s=1920x1080:r=25:d=${values.seconds},noise=alls=12:all_seed=5,crop=1280:720:x='mod(floor(t/1.6)*337+t*60\\,640)':y='mod(floor(t/1.6)*211+t*30\\,360)'`;
const bench = await openEngine();
try {
  await bench.makeClip('clip.mp4', clip, 25);
  console.log(
    '| encode | rate, ours | plain | SSIM, ours | plain, at our rate | difference | CPU s, ours | plain | ratio |\n|---|---|---|---|---|---|---|---|---|',
  );
  for (const [name, codecSettings] of cases.filter(([each]) => each.includes(values.only))) {
    const container = containers[codecSettings.codec ?? ''] ?? 'MP4';
    const output: Output = { containerSettings: { container }, videoDescription: { codecSettings } };
    const ratios: number[] = [];
    let [own, plain, ownRate, plainRate, ownCpu, plainCpu] = [0, 0, 0, 0, 0, 0];
    for (let pair = 0; pair < Number(values.pairs); pair += 1) {
      const plan = withParameters(await bench.plan('clip.mp4', [output]), values.parameters);
      const [rendition] = plan.videoRenditions;
      if (rendition === undefined) throw new Error('no video');
      const { encoder } = rendition;
      const plainContainer = container === 'MXF' ? 'mov' : container.toLowerCase();
      const plainPath = bench.inputPath(`plain-${pair}.${plainContainer}`);
      let path = '';
      const sides = [
        async () => {
          ownCpu = await cpuSecondsOf(async () => {
            [path = ''] = await bench.run(plan);
          });
        },
        async () => {
          plainCpu = await cpuSecondsOf(() =>
            encodePlainly(bench.inputPath('clip.mp4'), plainPath, rendition),
          );
        },
      ];
      // Who goes first alternates, so that a drift of the machine meets both.
      for (const run of pair % 2 === 0 ? sides : sides.reverse()) await run();
      ratios.push(ownCpu / plainCpu);
      if (pair > 0) continue;
      const source = bench.inputPath('clip.mp4');
      own = similarityOf(source, path);
      [ownRate, plainRate] = [path, plainPath].map(
        (file) => statSync(file).size / (encoder.bitrateBps || nominalBps),
      ) as [number, number];
      // Pictures of VC-3 have one size.
      const bitrateBps =
        codecSettings.codec === 'VC3'
          ? encoder.bitrateBps
          : Math.round((encoder.bitrateBps * ownRate) / plainRate);
      const atOwnRate = bench.inputPath(`rated.${plainContainer}`);
      await encodePlainly(source, atOwnRate, { ...rendition, encoder: { ...encoder, bitrateBps } });
      plain = similarityOf(source, atOwnRate);
    }
    const share = (bytesPerBit: number): string =>
      `${((800 * bytesPerBit) / Number(values.seconds)).toFixed(1)} %`;
    const cells = [
      share(ownRate),
      share(plainRate),
      own.toFixed(4),
      plain.toFixed(4),
      (own - plain).toFixed(4),
      ownCpu.toFixed(1),
      plainCpu.toFixed(1),
      median(ratios).toFixed(3),
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
} finally {
  bench.close();
}

/** Of a parameter that comes twice the encoders take the later one. */
function withParameters(plan: JobPlan, parameters: string): JobPlan {
  if (parameters === '') return plan;
  const videoRenditions = plan.videoRenditions.map((video) => {
    const options = Object.fromEntries(
      Object.entries(video.encoder.options).map(([name, value]) => [
        name,
        /^x26[45]-params$/.test(name) ? `${value}:${parameters}` : value,
      ]),
    );
    return { ...video, encoder: { ...video.encoder, options } };
  });
  return { ...plan, videoRenditions };
}

async function cpuSecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}
