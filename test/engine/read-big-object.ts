/** A job on a clip from the middle of a big object behind HTTP, and what it fetched. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import { probeInput } from '../../src/engine/probe/probe-input.ts';
import { runGraph } from '../../src/engine/run-graph.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { createObjectStores } from '../../src/store/locations.ts';
import { startServer } from '../store/http-servers.ts';
import { type BigKind, countingFile, indexBytes, makeBigObject } from './big-objects.ts';
import { oneOutput } from './run-settings.ts';

/** Figures of one run. */
export interface BigObjectRun {
  readonly kind: BigKind;
  readonly objectBytes: number;
  readonly clipBytes: number;
  readonly indexBytes: number;
  readonly probeRequests: number;
  readonly probeBytes: number;
  readonly runBytes: number;
  /** As the engine reports it. */
  readonly reportedBytes: number;
  readonly frames: number;
}

const clipSeconds = 10;

/** Makes the object, probes it, and runs a clip of ten seconds from its middle. */
export async function readBigObject(kind: BigKind, sizeBytes: number): Promise<BigObjectRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-big-'));
  const file = path.join(folder, 'big');
  const seconds = makeBigObject(file, kind, sizeBytes);
  const served = countingFile(file);
  const server = await startServer(served.listener);
  const stores = await createObjectStores({
    localBuckets: { bucketsFolder: null, named: { outputs: folder }, createMissingBuckets: false },
    s3: null,
    http: { allowedPrivateHosts: 'all' },
  });
  try {
    const fileInput = `http://${server.host}/big`;
    const objects = createLocalObjects(stores);
    const input = await objects.openInput(fileInput);
    const facts = await probeInput(input, fileInput);
    await input.close();
    const probed = { ...served.counted };
    const start = Math.floor(seconds / 2);
    const settings = oneOutput([
      {
        fileInput,
        timecodeSource: 'ZEROBASED',
        audioSelectors: { 'Audio Selector 1': {} },
        inputClippings: [
          { startTimecode: timecode(start, 0), endTimecode: timecode(start + clipSeconds - 1, 24) },
        ],
      },
    ]);
    const { plan, findings } = planJob({
      settings,
      facts: [facts],
      capacity: { cores: 2, memoryBytes: 4_000_000_000 },
      job: { startTimeMs: 0 },
    });
    if (plan === null) throw new Error(findings.map(({ message }) => message).join('\n'));
    let reportedBytes = 0;
    const groups = await runGraph({
      plan,
      objects,
      scratchFolder: folder,
      onProgress: ({ bytesRead }) => {
        reportedBytes = bytesRead;
      },
      onWarning: () => {},
      signal: new AbortController().signal,
    });
    return {
      kind,
      objectBytes: facts.sizeBytes ?? 0,
      clipBytes: Math.round(((facts.sizeBytes ?? 0) * clipSeconds) / seconds),
      indexBytes: indexBytes(file, kind),
      probeRequests: probed.rangeRequests,
      probeBytes: probed.bytes,
      runBytes: served.counted.bytes - probed.bytes,
      reportedBytes,
      frames: groups[0]?.outputs[0]?.video?.frames ?? 0,
    };
  } finally {
    stores.close();
    served.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function timecode(seconds: number, frame: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
