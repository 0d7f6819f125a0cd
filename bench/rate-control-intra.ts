/**
 * Rates of the intra formats against what their classes and profiles have nominally: the average, and the largest and
 * the smallest picture as shares of the average one. Pictures of a class all have one size whatever they show, those of
 * ProRes and of variable intra do not.
 *
 *   npx tsx bench/rate-control-intra.ts [--seconds 1] [--only TEXT]
 */
import { parseArgs } from 'node:util';
import type { Output } from '../src/contract/types.generated.ts';
import { averageOf, readAccessUnits } from './coded-rate.ts';
import { openEngine } from './engine-bench.ts';
import { movingClips } from './moving-clips.ts';
import { type IntraFormat, intraFormats } from './rate-control-intra.table.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
});

const clips = [
  { name: 'bars', describe: (seconds: number) => `smptehdbars=s=320x180:r=25:d=${seconds}` },
  movingClips.pan,
  movingClips.cuts,
];
const bench = await openEngine();
try {
  for (const { name, describe } of clips)
    await bench.makeClip(`${name}.mp4`, `${describe(Number(values.seconds))},scale=1920:1080`, 25);
  console.log(
    `| format | nominal, Mb/s | ${clips.map(({ name }) => name).join(' | ')} | largest, smallest picture |`,
  );
  console.log(`|---|---|${clips.map(() => '---|').join('')}---|`);
  for (const format of intraFormats.filter(({ name }) => name.includes(values.only))) {
    const measured: Measured[] = [];
    for (const { name } of clips) measured.push(await measure(name, format));
    console.log(row(format, measured));
  }
} finally {
  bench.close();
}

interface Measured {
  readonly averageBps: number;
  readonly largest: number;
  readonly smallest: number;
}

async function measure(clip: string, { output, rate }: IntraFormat): Promise<Measured> {
  const [path = ''] = await bench.run(await bench.plan(`${clip}.mp4`, [output satisfies Output]));
  const sizes = readAccessUnits(path).map(({ length }) => length);
  const framesPerSecond = rate[0] / rate[1];
  const averageBps = averageOf(
    sizes.map((size, index) => ({ bits: size * 8, at: index / framesPerSecond })),
    framesPerSecond,
  );
  const average = averageBps / framesPerSecond / 8;
  return { averageBps, largest: Math.max(...sizes) / average, smallest: Math.min(...sizes) / average };
}

function row({ name, nominalMbps }: IntraFormat, measured: readonly Measured[]): string {
  const rates = measured.map(
    ({ averageBps }) => `${(averageBps / 1e6).toFixed(1)} (${percent(averageBps / 1e6 / nominalMbps)})`,
  );
  const largest = Math.max(...measured.map((one) => one.largest));
  const smallest = Math.min(...measured.map((one) => one.smallest));
  return `| ${name} | ${nominalMbps} | ${rates.join(' | ')} | ${percent(largest)}, ${percent(smallest)} |`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
