/**
 * Executes a plan: opens inputs, encoders and outputs, runs the graph (once, or twice when encoders want two
 * passes), finishes and publishes every output. Decides nothing; what the plan does not say does not happen
 * (design D4).
 */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { WarningCode } from '../catalogue/codes.ts';
import type { GroupKeys } from '../package/encryption/content-keys.ts';
import { createFragmentedGroupWriter } from '../package/fragmented-group.ts';
import { createHlsGroupWriter } from '../package/hls-group.ts';
import type { JobPlan } from '../plan/plan.ts';
import { buildPass } from './build-pass.ts';
import { createFrameCaptureWriter } from './frame-capture-writer.ts';
import { explainFullScratch } from './full-scratch.ts';
import { createMediaFileWriter } from './media-file-writer.ts';
import type { EngineObjects } from './objects.ts';
import type { OutputWriter } from './output-writer.ts';
import type { OpenGroup } from './pass.ts';
import { type ProgressReporter, startProgress } from './progress-reporter.ts';
import type { EngineProgress, OutputGroupResult } from './protocol.ts';
import { createRunCounters, type RunCounters } from './run-counters.ts';
import { toWriteOptions } from './write-options.ts';

/** A plan, what it may touch, and who listens. */
export interface GraphRun {
  readonly plan: JobPlan;
  readonly objects: EngineObjects;
  /** Keys of the encrypted groups; default none. */
  readonly keys?: readonly GroupKeys[];
  /** Existing folder for what cannot stream. */
  readonly scratchFolder: string;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly onWarning: (code: WarningCode, count: number, detail: string) => void;
  /** Stops the run: it rejects with the signal's reason after everything is freed and nothing unfinished is left. */
  readonly signal: AbortSignal;
}

const statisticsPrefix = 'statistics-';

/** Runs the plan to its end. Rejects with a JobFault, or with `signal`'s reason. */
export async function runGraph(run: GraphRun): Promise<readonly OutputGroupResult[]> {
  const { plan, objects, signal } = run;
  const counters = createRunCounters();
  const progress = startProgress(plan, counters, objects, run.onProgress);
  const groups = openGroups(run);
  try {
    const statistics = (renditionId: string): string =>
      path.join(run.scratchFolder, `${statisticsPrefix}${renditionId}`);
    const hasTwoPasses = plan.videoRenditions.some(({ encoder }) => encoder.passes === 2);
    progress.enter('TRANSCODING');
    if (hasTwoPasses) {
      progress.enterPass(0, 2);
      await buildAndRun({
        ...run,
        counters,
        groups: [],
        passNumber: 1,
        statistics,
        setBytesRead: progress.setBytesRead,
      });
      forgetDamage(counters);
      progress.enterPass(1, 2);
    }
    await buildAndRun({
      ...run,
      counters,
      groups,
      passNumber: hasTwoPasses ? 2 : null,
      statistics,
      setBytesRead: progress.setBytesRead,
    });
    progress.enter('UPLOADING');
    const results = await finishGroups(groups, progress);
    signal.throwIfAborted();
    reportWarnings(counters, run.onWarning);
    return results;
  } catch (error) {
    // Looked at before anything is cleaned up, which makes room.
    const explained = explainFullScratch(error, run.scratchFolder);
    for (const group of groups) await group.abort();
    throw signal.aborted ? signal.reason : explained;
  } finally {
    progress.stop();
    removeStatistics(run.scratchFolder);
  }
}

/** All at once: publishing is mostly waiting. */
async function finishGroups(
  groups: readonly OpenGroup[],
  progress: ProgressReporter,
): Promise<readonly OutputGroupResult[]> {
  let finished = 0;
  return Promise.all(
    groups.map(async (group) => {
      const result = await group.finish();
      finished += 1;
      progress.finished(finished, groups.length);
      return result;
    }),
  );
}

/** Encoders leave their statistics, and files beside them, in the scratch folder. */
function removeStatistics(scratchFolder: string): void {
  for (const name of readdirSync(scratchFolder)) {
    if (name.startsWith(statisticsPrefix)) rmSync(path.join(scratchFolder, name), { force: true });
  }
}

async function buildAndRun(pass: Parameters<typeof buildPass>[0]): Promise<void> {
  const graph = await buildPass(pass);
  await graph.run();
}

/** The second pass meets the same damage again. */
function forgetDamage(counters: RunCounters): void {
  counters.audioPacketsDamaged = 0;
  counters.videoPacketsDamaged = 0;
}

/** Throws TypeError when the keys of an encrypted group did not come with the task: nothing may leave in the clear. */
function keysOf(
  group: { readonly groupIndex: number; readonly encryption: object | null },
  keys: readonly GroupKeys[],
): GroupKeys | null {
  const found = keys.find(({ groupIndex }) => groupIndex === group.groupIndex) ?? null;
  if ((group.encryption === null) !== (found === null))
    throw new TypeError(`output group ${group.groupIndex} and its keys do not fit`);
  return found;
}

function openGroups({ plan, objects, scratchFolder, keys = [] }: GraphRun): readonly OpenGroup[] {
  return plan.outputGroups.map((group) => {
    if (group.type === 'FILE_GROUP') return openFileGroup(group, objects, scratchFolder);
    const segmented =
      group.type === 'HLS_GROUP'
        ? createHlsGroupWriter(group, objects, keysOf(group, keys))
        : createFragmentedGroupWriter(group, objects, scratchFolder, keysOf(group, keys));
    return {
      group,
      writer: segmented.outputWriter,
      async finish() {
        const writers = group.outputs.map(({ outputIndex }) => segmented.outputWriter(outputIndex));
        await Promise.all(writers.map((writer) => writer.finish()));
        return segmented.finish();
      },
      abort: segmented.abort,
    };
  });
}

function openFileGroup(
  group: Extract<JobPlan['outputGroups'][number], { readonly type: 'FILE_GROUP' }>,
  objects: EngineObjects,
  scratchFolder: string,
): OpenGroup {
  const writers = new Map<number, OutputWriter>();
  for (const output of group.outputs) {
    const writeOptions = toWriteOptions(group.objectSettings, output.contentType);
    const scratchPath = path.join(
      scratchFolder,
      `group-${group.groupIndex}-output-${output.outputIndex}.media`,
    );
    writers.set(
      output.outputIndex,
      output.container === 'FRAME_CAPTURE'
        ? createFrameCaptureWriter(output, objects, writeOptions)
        : createMediaFileWriter(output, { objects, scratchPath, writeOptions }),
    );
  }
  const writer = (outputIndex: number): OutputWriter => {
    const found = writers.get(outputIndex);
    if (found === undefined) throw new RangeError(`no output ${outputIndex} in group ${group.groupIndex}`);
    return found;
  };
  return {
    group,
    writer,
    async finish() {
      const outputs = await Promise.all(group.outputs.map(({ outputIndex }) => writer(outputIndex).finish()));
      return { groupIndex: group.groupIndex, type: 'FILE_GROUP', playlistLocations: [], outputs };
    },
    async abort() {
      for (const one of writers.values()) await one.abort();
    },
  };
}

function reportWarnings(counters: RunCounters, onWarning: GraphRun['onWarning']): void {
  const report = (code: WarningCode, count: number, detail: string): void => {
    if (count > 0) onWarning(code, count, detail);
  };
  report(220000, counters.inputsTruncated, 'the end of the input is missing');
  report(230006, counters.audioPacketsDamaged, `${counters.audioPacketsDamaged} audio packets do not decode`);
  report(230008, counters.videoPacketsDamaged, `${counters.videoPacketsDamaged} video packets are damaged`);
  report(240000, counters.silenceInserted, 'gaps in the sound were filled');
  report(240001, counters.soundDropped, 'sound that overlaps or precedes the picture was dropped');
}
