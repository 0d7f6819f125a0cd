/**
 * Rate controls on three moving clips of a minute: averages, peaks over the length of the buffer, and the decoder's
 * buffer, all from the sizes of the packets that were written.
 *
 *   npx tsx bench/rate-control.ts [--seconds 60] [--only TEXT]
 */
import { parseArgs } from 'node:util';
import { measureMode, rateColumns, rateRow } from './measure-rate.ts';
import { type MovingClip, makeMovingClips, movingClips } from './moving-clips.ts';
import { rateModes } from './rate-modes.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, only: { type: 'string', default: '' } },
});
const names = Object.keys(movingClips) as MovingClip[];
const bench = await makeMovingClips(Number(values.seconds), names);
try {
  console.log(rateColumns);
  for (const mode of rateModes.filter(({ name }) => name.includes(values.only))) {
    for (const clip of names) console.log(rateRow(mode, clip, await measureMode(bench, mode, clip)));
  }
} finally {
  bench.close();
}
