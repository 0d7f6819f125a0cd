/**
 * Combinations of settings at random, from a seed to finished files that are read back. A combination that the planner
 * accepts must run, and what it makes must be what was asked for: what fails in the encoder or the muxer should have been
 * refused by name before, and nothing may go wrong in the planner itself.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { JobFault } from '../../src/catalogue/fault.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { recentLibraryLog } from '../../src/engine/library-log.ts';
import { openPathInput } from '../../src/engine/object-input.ts';
import { probeInput } from '../../src/engine/probe/probe-input.ts';
import type { OutputGroupResult, OutputResult } from '../../src/engine/protocol.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { evidenceNeeded, isManifest } from '../../src/verify/output-evidence.ts';
import { verifyOutputs } from '../../src/verify/verify-outputs.ts';
import { probeFile } from '../probe/objects.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { readMade } from './read-made.ts';
import { type DrawnJob, drawJob } from './setting-jobs.ts';
import { mendJob } from './setting-mending.ts';
import { type SourceName, sources } from './setting-sources.ts';
import { verdictsOn } from './setting-verdicts.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/** What became of one seed. */
export interface Trial {
  /** `refused`: the planner said no. `planned`: it was not to run. `fine`: it ran, and the files are what was asked for. */
  readonly outcome: 'refused' | 'planned' | 'fine' | 'failed';
  /** Why it failed or was refused. */
  readonly reason: string;
  /** The job, so that anyone can repeat it. */
  readonly settings: JobSettings;
}

export interface Combinations {
  /** Plans the combination of a seed, and runs it unless told otherwise. Never throws for a defect of ours. */
  attempt(subject: string, seed: number, options?: { readonly isRun?: boolean }): Promise<Trial>;
  close(): void;
}

/** Makes the sources as they are wanted. The caller closes. */
export function openCombinations(): Combinations {
  const workshop = openWorkshop();
  const facts = new Map<SourceName, Promise<InputFacts>>();
  const probed = (source: SourceName): Promise<InputFacts> => {
    const known = facts.get(source) ?? probeSource(workshop, source);
    facts.set(source, known);
    return known;
  };
  return {
    async attempt(name, seed, { isRun = true } = {}) {
      const drawn = drawJob(name, seed);
      let { settings } = drawn;
      try {
        const known = await Promise.all(drawn.sources.map(probed));
        const mended = mendJob(drawn, known);
        settings = mended.settings;
        const { plan, errors, badFindings } = mended;
        if (badFindings.length > 0) return { outcome: 'failed', reason: badFindings.join('\n'), settings };
        const refusal = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n');
        if (plan === null) return { outcome: 'refused', reason: refusal, settings };
        if (!isRun) return { outcome: 'planned', reason: '', settings };
        const defects = await runAndRead(workshop, plan, { ...drawn, settings });
        return { outcome: defects.length === 0 ? 'fine' : 'failed', reason: defects.join('\n'), settings };
      } catch (error) {
        return { outcome: 'failed', reason: describeError(error), settings };
      }
    },
    close: () => workshop.close(),
  };
}

function describeError(error: unknown): string {
  if (error instanceof JobFault) return `${error.message}\n${error.record.detail ?? ''}`;
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}\n${recentLibraryLog()}`;
}

async function probeSource(workshop: Workshop, name: SourceName): Promise<InputFacts> {
  makeClip(workshop.inputPath(`${name}.mov`), sources[name]);
  return { ...(await probeFile(workshop.inputPath(`${name}.mov`))), location: `s3://inputs/${name}.mov` };
}

async function runAndRead(workshop: Workshop, plan: JobPlan, job: DrawnJob): Promise<string[]> {
  const { groups } = await workshop.run(plan, { byPath: true });
  const pathOf = (location: string): string => workshop.outputPath(location.replace('s3://outputs/', ''));
  const [group] = groups;
  const [made] = group?.outputs ?? [];
  if (group === undefined || made === undefined) return ['no output was made'];
  const defects = await verifyDefects(plan, groups, pathOf);
  return [...defects, ...outputDefects(workshop, plan, job, made, pathOf)];
}

/** The verdict that every job gets before it is complete. */
async function verifyDefects(
  plan: JobPlan,
  results: readonly OutputGroupResult[],
  pathOf: (location: string) => string,
): Promise<string[]> {
  const needed = evidenceNeeded(plan, results);
  const present = needed.objects.filter((location) => existsSync(pathOf(location)));
  const sizes = new Map(present.map((location) => [location, statSync(pathOf(location)).size]));
  const playlists = new Map(
    needed.playlists.flatMap((location) =>
      existsSync(pathOf(location)) ? [[location, readFileSync(pathOf(location))] as const] : [],
    ),
  );
  const facts: InputFacts[] = [];
  for (const location of needed.probes) facts.push(await probeOutput(location, pathOf(location)));
  const { verdicts } = verifyOutputs({ plan, results, facts, playlists, sizes });
  return verdicts.flatMap((verdict) => verdict.defects);
}

async function probeOutput(location: string, file: string): Promise<InputFacts> {
  const input = openPathInput(location, file, statSync(file).size, () => {});
  try {
    return await probeInput(input, location, 'output');
  } finally {
    await input.close();
  }
}

function outputDefects(
  workshop: Workshop,
  plan: JobPlan,
  job: DrawnJob,
  made: OutputResult,
  pathOf: (location: string) => string,
): string[] {
  const output = job.settings.outputGroups?.[0]?.outputs?.[0];
  const planned = plan.outputGroups[0]?.outputs[0];
  if (output === undefined || planned === undefined) return ['the plan has no output'];
  const inputs = job.settings.inputs ?? [];
  const codec = output.videoDescription?.codecSettings?.codec;
  const media = made.objects.map(({ location }) => location).filter((location) => !isManifest(location));
  const isFile = plan.outputGroups[0]?.type === 'FILE_GROUP';
  const files = codec === 'FRAME_CAPTURE' || isFile ? made.locations : media;
  const paths = [...new Set(files)].map(pathOf);
  const whole = codec === 'FRAME_CAPTURE' ? paths.slice(0, 1) : paths;
  return verdictsOn(
    {
      output,
      sources: job.sources,
      clippings: inputs.map(({ inputClippings }) => inputClippings),
      video: plan.videoRenditions.find(({ id }) => id === planned.videoRenditionId) ?? null,
      audios: planned.audioRenditionIds.flatMap(
        (id) => plan.audioRenditions.find((rendition) => rendition.id === id) ?? [],
      ),
      hasInputGeometry: inputs.some(
        ({ crop, position, videoSelector, inputScanType }) =>
          crop !== undefined ||
          position !== undefined ||
          inputScanType === 'PSF' ||
          (videoSelector?.rotate ?? 'DEGREE_0') !== 'DEGREE_0',
      ),
    },
    readMade(whole, path.join(workshop.scratchFolder, 'put-together')),
  );
}
