/**
 * Executes a plan: opens inputs, encoders and outputs, runs the graph (once, or more often when encoders want to look
 * first), finishes and publishes every output. Decides nothing; what the plan does not say does not happen
 * (design D4).
 */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { WarningCode } from '../catalogue/codes.ts';
import type { GroupKeys } from '../package/encryption/content-keys.ts';
import { createFragmentedGroupWriter } from '../package/fragmented-group.ts';
import { createHlsGroupWriter } from '../package/hls-group.ts';
import type { FileOutput } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { createSignalTimeline, type SignalTimeline } from '../signals/signal-timeline.ts';
import { toWriteOptions } from '../store/write-options.ts';
import { buildPass } from './build-pass.ts';
import { createFrameCaptureWriter } from './frame-capture-writer.ts';
import { explainFullScratch } from './full-scratch.ts';
import { withLocalLuts } from './local-luts.ts';
import { loudnessTable } from './loudness-correction.ts';
import type { MeasuredLoudness } from './loudness-meter.ts';
import { createMediaFileWriter, type FileWriterPlace } from './media-file-writer.ts';
import type { EngineObjects } from './objects.ts';
import type { OutputWriter } from './output-writer.ts';
import type { OpenGroup } from './pass.ts';
import { type ProgressReporter, startProgress } from './progress-reporter.ts';
import type {
  BlackVideo,
  EngineProgress,
  LeftOutReason,
  OutputGroupResult,
  OutputResult,
} from './protocol.ts';
import {
  addLooks,
  countedRenditions,
  type Looks,
  type Made,
  mostLooks,
  wantsAnotherLook,
} from './rate-aim.ts';
import { createRunAnalysis } from './run-analysis.ts';
import { createRunCounters, type RunCounters } from './run-counters.ts';
import { createTransportFileWriter } from './transport/transport-file-writer.ts';
import { createWaveFileWriter } from './wave-file-writer.ts';

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
  /** Told once, when every picture of the source was seen. */
  readonly onBlackVideo?: (black: BlackVideo) => void;
  /** Told once, where inputs had what went into no output. */
  readonly onLeftOut?: (reason: LeftOutReason, inputIndexes: readonly number[]) => void;
  /** Stops the run: it rejects with the signal's reason after everything is freed and nothing unfinished is left. */
  readonly signal: AbortSignal;
}

const statisticsPrefix = 'statistics-';

/** Runs the plan to its end. Rejects with a JobFault, or with `signal`'s reason. */
export async function runGraph(asked: GraphRun): Promise<readonly OutputGroupResult[]> {
  const run = { ...asked, plan: await withLocalLuts(asked.plan, asked.objects, asked.scratchFolder) };
  const { plan, objects, signal } = run;
  const counters = createRunCounters();
  const analysis = createRunAnalysis(plan);
  const progress = startProgress(plan, counters, objects, run.onProgress);
  const signals = createSignalTimeline(...knownSignals(plan));
  const groups = openGroups(run, counters, signals);
  try {
    const statistics = (renditionId: string): string =>
      path.join(run.scratchFolder, `${statisticsPrefix}${renditionId}`);
    let looks: Looks = new Map();
    const loudness = new Map<string, MeasuredLoudness>();
    const hasTwoPasses =
      plan.videoRenditions.some(({ encoder }) => encoder.passes === 2) ||
      plan.audioRenditions.some((rendition) => rendition.loudness?.correction != null);
    const lookCount = hasTwoPasses ? mostLooks(plan) : 0;
    progress.enter('TRANSCODING');
    for (let look = 0; look < lookCount; look += 1) {
      if (look > 0 && !plan.videoRenditions.some((one) => wantsAnotherLook(one, looks))) continue;
      progress.enterPass(look, lookCount + 1);
      for (const id of countedRenditions(plan)) counters.pictureBytes.set(id, []);
      await buildAndRun({
        ...run,
        counters,
        analysis: null,
        looks,
        groups: [],
        passNumber: 1,
        statistics,
        loudness,
        signals,
        setBytesRead: progress.setBytesRead,
      });
      signals.restart();
      looks = addLooks(plan, looks, madeOf(counters));
      forgetDamage(counters);
    }
    if (hasTwoPasses) progress.enterPass(lookCount, lookCount + 1);
    await buildAndRun({
      ...run,
      counters,
      analysis,
      looks,
      groups,
      passNumber: hasTwoPasses ? 2 : null,
      statistics,
      loudness,
      signals,
      setBytesRead: progress.setBytesRead,
    });
    progress.enter('UPLOADING');
    const results = await writeLoudnessLogs(run, loudness, await finishGroups(groups, progress));
    await analysis.writeMetrics(objects);
    signal.throwIfAborted();
    run.onBlackVideo?.(analysis.black.found());
    reportWarnings(counters, run.onWarning);
    if (counters.splicesLeftOut.size > 0) run.onLeftOut?.('splice-insert', [...counters.splicesLeftOut]);
    return analysis.withQuality(results);
  } catch (error) {
    // Looked at before anything is cleaned up, which makes room.
    const explained = explainFullScratch(error, run.scratchFolder);
    for (const group of groups) await group.abort();
    throw signal.aborted ? signal.reason : explained;
  } finally {
    progress.stop();
    analysis.close();
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

/** Tables of loudness go beside the outputs they tell of. */
async function writeLoudnessLogs(
  { plan, objects }: GraphRun,
  loudness: ReadonlyMap<string, MeasuredLoudness>,
  results: readonly OutputGroupResult[],
): Promise<readonly OutputGroupResult[]> {
  const written: OutputGroupResult[] = [];
  for (const result of results) {
    const group = plan.outputGroups.find(({ groupIndex }) => groupIndex === result.groupIndex);
    if (group?.type !== 'FILE_GROUP') {
      written.push(result);
      continue;
    }
    const outputs: OutputResult[] = [];
    for (const output of result.outputs) {
      const logs =
        group.outputs.find(({ outputIndex }) => outputIndex === output.outputIndex)?.loudnessLogs ?? [];
      const tables: { readonly location: string; readonly sizeBytes: number }[] = [];
      for (const { renditionId, location } of logs) {
        const rendition = plan.audioRenditions.find(({ id }) => id === renditionId);
        const measured = loudness.get(renditionId);
        if (rendition === undefined || measured === undefined) continue;
        const object = objects.create(location, toWriteOptions(group.objectSettings, 'text/csv'));
        object.write(Buffer.from(loudnessTable(rendition, measured)));
        tables.push({ location, ...(await object.publish()) });
      }
      outputs.push({ ...output, objects: [...output.objects, ...tables] });
    }
    written.push({ ...result, outputs });
  }
  return written;
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

/** What each encoder made of the whole. */
function madeOf({ encodedBytes, reachedUs, pictureBytes }: RunCounters): ReadonlyMap<string, Made> {
  return new Map(
    [...encodedBytes].map(([id, bytes]) => [
      id,
      {
        averageBps: Math.round((bytes * 8_000_000) / (reachedUs.get(id) || 1)),
        pictureBytes: pictureBytes.get(id),
      },
    ]),
  );
}

/** The second pass meets the same damage again. */
function forgetDamage(counters: RunCounters): void {
  counters.audioPacketsDamaged = 0;
  counters.videoPacketsDamaged = 0;
  counters.encodedBytes.clear();
  counters.pictureBytes.clear();
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

/** What the plan knows before anything is read. */
function knownSignals({ signals }: JobPlan): Parameters<typeof createSignalTimeline> {
  const cues = (signals?.cues ?? []).map((cue) => ({
    ...cue,
    section: cue.section === null ? null : Buffer.from(cue.section, 'base64'),
    isLate: false,
  }));
  const tags = (signals?.tags ?? []).map(({ at, id3 }) => ({
    kind: 'id3' as const,
    at,
    bytes: Buffer.from(id3, 'base64'),
  }));
  return [cues, tags];
}

function openGroups(
  { plan, objects, scratchFolder, keys = [] }: GraphRun,
  counters: RunCounters,
  signals: SignalTimeline,
): readonly OpenGroup[] {
  return plan.outputGroups.map((group) => {
    if (group.type === 'FILE_GROUP') return openFileGroup(group, objects, scratchFolder, counters, signals);
    const segmented =
      group.type === 'HLS_GROUP'
        ? createHlsGroupWriter(group, objects, keysOf(group, keys), signals)
        : createFragmentedGroupWriter(group, objects, scratchFolder, keysOf(group, keys), signals);
    return {
      group,
      writer: segmented.outputWriter,
      extras: segmented.extras,
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
  counters: RunCounters,
  signals: SignalTimeline,
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
      openFileWriter(output, { objects, scratchPath, writeOptions, counters }, signals),
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
    extras: [],
    async finish() {
      const outputs = await Promise.all(group.outputs.map(({ outputIndex }) => writer(outputIndex).finish()));
      return { groupIndex: group.groupIndex, type: 'FILE_GROUP', playlistLocations: [], outputs };
    },
    async abort() {
      for (const one of writers.values()) await one.abort();
    },
  };
}

/** Containers that the library does not write as the plan wants have writers of their own. */
function openFileWriter(output: FileOutput, place: FileWriterPlace, signals: SignalTimeline): OutputWriter {
  if (output.container === 'FRAME_CAPTURE')
    return createFrameCaptureWriter(output, place.objects, place.writeOptions);
  if (output.transport !== null) return createTransportFileWriter(output, output.transport, place, signals);
  return output.muxer === 'wav' ? createWaveFileWriter(output, place) : createMediaFileWriter(output, place);
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
  report(260000, counters.transportRateExceeded, 'a transport stream needed more than its bit rate');
}
