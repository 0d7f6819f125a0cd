/** A folder with an input bucket and an output bucket, real clips in it, and the engine run on it in this process. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WarningCode } from '../../src/catalogue/codes.ts';
import { captureLibraryLog } from '../../src/engine/library-log.ts';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import type { EngineObjects } from '../../src/engine/objects.ts';
import type { EngineProgress, OutputGroupResult } from '../../src/engine/protocol.ts';
import { type GraphRun, runGraph } from '../../src/engine/run-graph.ts';
import { createSample, type SampleOptions } from '../../src/engine/sample.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectStore } from '../../src/store/store.ts';

export interface Workshop {
  readonly scratchFolder: string;
  /** Path of an object of the input bucket, to put a file there. */
  inputPath(key: string): string;
  outputPath(key: string): string;
  /** Makes a file an object of the input bucket. */
  adopt(path: string, key: string): void;
  outputKeys(): string[];
  scratchFiles(): string[];
  /** Makes a small clip in the input bucket, 320×180 and two seconds unless told otherwise. */
  makeClip(key: string, options?: Omit<SampleOptions, 'path'>): Promise<string>;
  store(): Promise<ObjectStore>;
  objects(options?: { readonly byPath?: boolean }): Promise<EngineObjects>;
  run(plan: JobPlan, options?: RunOptions): Promise<FinishedRun>;
  close(): void;
}

export interface RunOptions {
  readonly byPath?: boolean;
  readonly scratchFolder?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EngineProgress) => void;
  readonly objects?: EngineObjects;
  readonly onBlackVideo?: GraphRun['onBlackVideo'];
  readonly onLeftOut?: GraphRun['onLeftOut'];
}

export interface FinishedRun {
  readonly groups: readonly OutputGroupResult[];
  readonly warnings: ReadonlyMap<WarningCode, number>;
  readonly progress: readonly EngineProgress[];
}

/** Makes the folders. The caller closes. */
export function openWorkshop(): Workshop {
  captureLibraryLog();
  const root = mkdtempSync(path.join(tmpdir(), 'openconvert-engine-'));
  const folder = (name: string): string => {
    const made = path.join(root, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const inputs = folder('inputs');
  const outputs = folder('outputs');
  const scratchFolder = folder('scratch');
  const store = (): Promise<ObjectStore> =>
    openLocalBuckets({ bucketsFolder: null, named: { inputs, outputs }, createMissingBuckets: false });
  const objects = async (options: { readonly byPath?: boolean } = {}): Promise<EngineObjects> =>
    createLocalObjects(await store(), options);
  return {
    scratchFolder,
    inputPath: (key) => path.join(inputs, key),
    outputPath: (key) => path.join(outputs, key),
    adopt: (file, key) => copyFileSync(file, path.join(inputs, key)),
    outputKeys: () =>
      readdirSync(outputs, { recursive: true })
        .map(String)
        .filter((key) => !key.startsWith('.'))
        .sort(),
    scratchFiles: () => readdirSync(scratchFolder),
    async makeClip(key, options = {}) {
      const file = path.join(inputs, key);
      await createSample({
        widthPx: 320,
        heightPx: 180,
        durationSeconds: 2,
        preset: 'ultrafast',
        ...options,
        path: file,
      });
      return file;
    },
    store,
    objects,
    async run(plan, options = {}) {
      const warnings = new Map<WarningCode, number>();
      const progress: EngineProgress[] = [];
      const groups = await runGraph({
        plan,
        objects:
          options.objects ?? (await objects(options.byPath === undefined ? {} : { byPath: options.byPath })),
        scratchFolder: options.scratchFolder ?? scratchFolder,
        onProgress(one) {
          progress.push(one);
          options.onProgress?.(one);
        },
        onWarning: (code, count) => warnings.set(code, count),
        ...(options.onBlackVideo === undefined ? {} : { onBlackVideo: options.onBlackVideo }),
        ...(options.onLeftOut === undefined ? {} : { onLeftOut: options.onLeftOut }),
        signal: options.signal ?? new AbortController().signal,
      });
      return { groups, warnings, progress };
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
