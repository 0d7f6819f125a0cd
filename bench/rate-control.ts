/**
 * Rate controls on moving clips of a minute: averages, peaks over the length of the buffer, and the decoder's buffer,
 * all from the sizes of the packets that were written. The clips are those that the constants of rate control were
 * chosen on, or further ones, or filmed ones.
 *
 *   npx tsx bench/rate-control.ts [--seconds 60] [--only TEXT] [--further | --filmed FILE…]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureMode, rateColumns, rateRow } from './measure-rate.ts';
import { filmedClip, furtherClips, makeMovingClips, movingClips } from './moving-clips.ts';
import { rateModesAt } from './rate-modes.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    only: { type: 'string', multiple: true, default: [''] },
    clip: { type: 'string', default: '' },
    further: { type: 'boolean', default: false },
    filmed: { type: 'string', multiple: true, default: [] },
  },
});
const filmed = values.filmed.map((file) => filmedClip(file, path.parse(file).name));
const generated = Object.values(values.further ? furtherClips : movingClips);
const clips = (filmed.length > 0 ? filmed : generated).filter(({ name }) => name.includes(values.clip));
const bench = await makeMovingClips(Number(values.seconds), clips);
try {
  console.log(rateColumns);
  for (const [place, { name }] of rateModesAt(1).entries()) {
    if (!values.only.some((text) => name.includes(text))) continue;
    for (const clip of clips) {
      const mode = rateModesAt(clip.rateFactor)[place];
      if (mode !== undefined) console.log(rateRow(mode, clip.name, await measureMode(bench, mode, clip)));
    }
  }
} finally {
  bench.close();
}
