import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineResult } from '../../src/engine/protocol.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type EngineProcess, startEngine, type TaskControls } from '../../src/worker/engine-process.ts';
import { type Gateway, serveObjects } from '../../src/worker/gateway.ts';
import { grantSource, outputPlacesOf } from '../../src/worker/gateway-rights.ts';
import { chooseSandbox } from '../../src/worker/sandbox.ts';
import { audioRendition, encoderPlan, fileGroup, fileOutput, jobPlan, videoRendition } from './plans.ts';
import { watchMedia } from './watch-media.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const engineEntry = path.resolve('dist/engine/main.js');
const isBuilt = existsSync(engineEntry);
if (!isBuilt) console.log(`skipped: ${engineEntry} is missing; run npm run build`);

let workshop: Workshop;
let store: ObjectStore;
let engine: EngineProcess;
let gateway: Gateway;
const never = new AbortController().signal;

beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4');
  await workshop.makeClip('long.mp4', { widthPx: 640, heightPx: 360, durationSeconds: 20 });
  store = await openLocalBuckets({
    bucketsFolder: null,
    named: { inputs: path.dirname(workshop.inputPath('x')), outputs: path.dirname(workshop.outputPath('x')) },
    createMissingBuckets: false,
  });
});
afterAll(() => workshop.close());
afterEach(async () => {
  await engine.end();
  await gateway.close();
});

async function runInChild(plan: JobPlan, controls: Partial<TaskControls> = {}): Promise<EngineResult> {
  engine = startEngine(await chooseSandbox('none'), workshop.scratchFolder);
  gateway = serveObjects({ socket: engine.channel, stores: store, signal: never });
  await engine.ready();
  const sources = [await grantSource(plan.inputs[0]?.location ?? '', store, engine.sandbox, never)];
  gateway.grant({ sources, outputs: outputPlacesOf(plan), scratchFolder: workshop.scratchFolder });
  return engine.runTask(
    { kind: 'run', plan, keys: [], sources, scratchFolder: workshop.scratchFolder },
    {
      estimatedMemoryBytes: 1024 ** 3,
      stallMs: 30_000,
      onProgress: () => {},
      onWarning: () => {},
      signal: never,
      ...controls,
    },
  );
}

const plan = (key: string, preset = 'ultrafast') =>
  jobPlan({
    key,
    video: key === 'long.mp4' ? { frameCount: 600 } : {},
    videoRenditions: [videoRendition('v', { encoder: encoderPlan({ options: { preset } }) })],
    audioRenditions: [audioRendition('a')],
    groups: [fileGroup([fileOutput(`child-${key}`, { videoRenditionId: 'v', audioRenditionIds: ['a'] })])],
  });

describe.skipIf(!isBuilt)('the engine child', () => {
  it('executes a plan and publishes through its gateway', async () => {
    const result = await runInChild(plan('clip.mp4'));
    expect(result).toMatchObject({
      kind: 'run',
      outputGroups: [{ outputs: [{ locations: ['s3://outputs/child-clip.mp4'] }] }],
    });
    const media = await watchMedia(workshop.outputPath('child-clip.mp4'));
    expect(media.video.times).toHaveLength(60);
    expect(workshop.scratchFiles()).toEqual([]);
  });

  it('answers a fault with its code and what the library said', async () => {
    const refused = plan('clip.mp4', 'no-such-preset');
    await expect(runInChild(refused)).rejects.toMatchObject({ code: 1040, record: { component: 'encoder' } });
  });

  it('stops within half a second when it is canceled', async () => {
    const stopper = new AbortController();
    let stoppedAt = 0;
    const outcome = await runInChild(plan('long.mp4', 'veryslow'), {
      signal: stopper.signal,
      onProgress({ framesDecoded }) {
        if (framesDecoded === 0 || stoppedAt > 0) return;
        stoppedAt = performance.now();
        stopper.abort(new DOMException('enough', 'AbortError'));
      },
    }).catch((reason: unknown) => reason);
    expect(outcome).toBe(stopper.signal.reason);
    expect(performance.now() - stoppedAt).toBeLessThan(1000);
    expect(existsSync(workshop.outputPath('child-long.mp4'))).toBe(false);
  });
});
