/**
 * Five renditions of one reading against their encodes alone: each encode is measured on a clip that has its size
 * already, so that nothing is decoded in vain, deinterlaced, cleaned or scaled.
 *
 *   npx tsx bench/shared-processing.ts [--seconds 4] [--pairs 3]
 */
import { parseArgs } from 'node:util';
import type { Output } from '../src/contract/types.generated.ts';
import { openEngine } from './engine-bench.ts';
import { median } from './measure-command.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, pairs: { type: 'string', default: '3' } },
});
const sizes = [
  [1280, 720],
  [960, 540],
  [768, 432],
  [640, 360],
  [480, 270],
] as const;

const picture = (width: number, height: number): string =>
  `testsrc2=s=1280x720:r=25:d=${values.seconds},noise=alls=12:all_seed=5,scroll=h=0.004:v=0.002,scale=${width}:${height}`;

function output(width: number, height: number): Output {
  const bitrate = Math.round((width * height * 25 * 0.1) / 1000) * 1000;
  const h264Settings = { rateControlMode: 'VBR', bitrate, qualityTuningLevel: 'SINGLE_PASS_HQ' } as const;
  return {
    nameModifier: `_${height}`,
    containerSettings: { container: 'MP4' },
    videoDescription: { width, height, codecSettings: { codec: 'H_264', h264Settings } },
  };
}

const bench = await openEngine();
try {
  for (const [width, height] of sizes) await bench.makeClip(`${height}.mp4`, picture(width, height), 25);
  const ratios: number[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair += 1) {
    const together = await cpuSecondsOf(
      '720.mp4',
      sizes.map(([width, height]) => output(width, height)),
    );
    let alone = 0;
    for (const [width, height] of sizes)
      alone += await cpuSecondsOf(`${height}.mp4`, [output(width, height)]);
    console.log(
      `together ${together.toFixed(2)} s, alone ${alone.toFixed(2)} s: ${(together / alone).toFixed(3)}`,
    );
    ratios.push(together / alone);
  }
  console.log(`median ${median(ratios).toFixed(3)}`);
} finally {
  bench.close();
}

async function cpuSecondsOf(key: string, outputs: readonly Output[]): Promise<number> {
  const plan = await bench.plan(key, outputs);
  const before = process.cpuUsage();
  await bench.run(plan);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}
