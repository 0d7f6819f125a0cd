/**
 * Tries combinations of encoder settings, one per seed, and prints those that the planner accepts and the engine
 * cannot carry out. The last line tells how far it came: the next seed after a crash.
 *
 *   npx tsx bench/setting-combinations.ts --codec H_264 --from 1 --to 500 [--verbose]
 */
import { parseArgs } from 'node:util';
import { openCombinations } from '../test/engine/setting-combinations.ts';
import { subjects } from '../test/engine/setting-subjects.ts';

const { values } = parseArgs({
  options: {
    codec: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '50' },
    verbose: { type: 'boolean', default: false },
  },
});
const combinations = openCombinations();
try {
  for (const subject of Object.keys(subjects).filter(
    (name) => values.codec === '' || name === values.codec,
  )) {
    const counts = { fine: 0, refused: 0, failed: 0 };
    for (let seed = Number(values.from); seed <= Number(values.to); seed += 1) {
      if (values.verbose) process.stderr.write(`${subject} ${seed}\n`);
      const { outcome, reason, output, source } = await combinations.attempt(subject, seed);
      counts[outcome] += 1;
      if (outcome === 'failed' || (values.verbose && outcome === 'refused'))
        console.log(`${outcome} ${subject} ${seed} on ${source}: ${reason}\n  ${JSON.stringify(output)}`);
    }
    console.log(`${subject}: ${JSON.stringify(counts)}`);
  }
} finally {
  combinations.close();
}
