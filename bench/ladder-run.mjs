/** One run of our side, in a process of its own and compiled, as an engine runs: `node bench/ladder-run.mjs FOLDER PLAN`. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { captureLibraryLog } from '../dist/engine/library-log.js';
import { createLocalObjects } from '../dist/engine/local-objects.js';
import { runGraph } from '../dist/engine/run-graph.js';
import { openLocalBuckets } from '../dist/store/local-buckets.js';

const [folder, planPath] = process.argv.slice(2);
const scratchFolder = path.join(folder, 'scratch');
mkdirSync(scratchFolder, { recursive: true });
captureLibraryLog();
const store = await openLocalBuckets({
  bucketsFolder: null,
  named: { bench: folder },
  createMissingBuckets: false,
});
const groups = await runGraph({
  plan: JSON.parse(readFileSync(planPath, 'utf8')),
  objects: createLocalObjects(store),
  scratchFolder,
  onProgress: () => {},
  onWarning: (code, count, detail) => console.error(`warning ${code} (${count}): ${detail}`),
  signal: new AbortController().signal,
});
rmSync(scratchFolder, { recursive: true, force: true });
console.log(JSON.stringify(groups[0].outputs.map(({ video }) => video.frames)));
