/**
 * Bytes read of a remote input: a clip of ten seconds from the middle of a big object, and its probe. The slow suite
 * `test/engine/input-reads.slow.test.ts` holds the bars.
 *
 *   npx tsx bench/input-reads.ts [--megabytes 2000] [--kind mpegts] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { quietLibraryLog } from '../src/engine/library-log.ts';
import type { BigKind } from '../test/engine/big-objects.ts';
import { type BigObjectRun, readBigObject } from '../test/engine/read-big-object.ts';

const kinds: readonly BigKind[] = ['mp4-index-first', 'mp4-index-last', 'mpegts', 'matroska'];
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '2000' },
    kind: { type: 'string' },
    json: { type: 'string' },
  },
});

quietLibraryLog();
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const runs: BigObjectRun[] = [];
console.log('| object | MB | clip MB | index MB | probe MB | probe requests | run MB | of the clip |');
console.log('|---|---|---|---|---|---|---|---|');
for (const kind of kinds.filter((one) => values.kind === undefined || values.kind === one)) {
  const run = await readBigObject(kind, Number(values.megabytes) * 1e6);
  runs.push(run);
  const cells = [
    kind,
    megabytes(run.objectBytes),
    megabytes(run.clipBytes),
    megabytes(run.indexBytes),
    megabytes(run.probeBytes),
    run.probeRequests,
    megabytes(run.runBytes),
    `× ${((run.runBytes + run.probeBytes - 2 * run.indexBytes) / run.clipBytes).toFixed(2)}`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(runs, null, 2)}\n`);
