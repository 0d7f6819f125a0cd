/**
 * Tries combinations of settings, one per seed and codec, and prints those that the planner accepts and the engine
 * cannot carry out, that come out otherwise than asked, and that the planner itself fails on. The last line tells how
 * far it came: the next seed after a crash.
 *
 *   npx tsx bench/setting-combinations.ts --codec H_264 --from 1 --to 500 [--plan-only] [--verbose]
 */
import { parseArgs } from 'node:util';
import { openCombinations } from '../test/engine/setting-combinations.ts';
import { subjects } from '../test/engine/setting-subjects.ts';

const { values } = parseArgs({
  options: {
    codec: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '50' },
    'plan-only': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const chosen = Object.keys(subjects).filter(
  (name) => values.codec === '' || values.codec.split(',').includes(name),
);
const combinations = openCombinations();
try {
  for (const subject of chosen) {
    const counts = { fine: 0, planned: 0, refused: 0, failed: 0 };
    for (let seed = Number(values.from); seed <= Number(values.to); seed += 1) {
      if (values.verbose) process.stderr.write(`${subject} ${seed}\n`);
      const { outcome, reason, settings } = await combinations.attempt(subject, seed, {
        isRun: !values['plan-only'],
      });
      counts[outcome] += 1;
      if (outcome === 'failed' || (values.verbose && outcome === 'refused'))
        console.log(`${outcome} ${subject} ${seed}: ${reason}\n  ${JSON.stringify(settings)}`);
    }
    console.log(`${subject}: ${JSON.stringify(counts)}`);
  }
} finally {
  combinations.close();
}
