/**
 * What a job is made of: the template's settings with the job's laid over them, and in each output the preset's with the
 * output's laid over them (spec api.md 6.4). Both are looked up now; later changes concern later jobs.
 *
 * The result keeps the names of presets beside what they supplied, as answers of the service do; `toPlannable` takes
 * them away for whoever plans.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import type { JsonValue } from '../contract/json-text.ts';
import { layOver } from '../contract/lay-over.ts';
import { validatePresetUse } from '../contract/relations.ts';
import type { CreateJobRequest, JobSettings, JobTemplateSettings } from '../contract/types.generated.ts';
import type { JsonObject } from '../database/job-repository.ts';

/** Finds what a job refers to. Each throws, or returns null after noting it, when nothing has that name. */
export interface ItemSource {
  /** Members of the job template that a reference names. */
  jobTemplate(reference: string): Promise<TemplateMembers | null>;
  /** Settings of the preset that a reference names; `pointer` is where the reference stands. */
  preset(reference: string, pointer: string): Promise<JsonObject | null>;
}

/** What a job inherits from its template, wire names. */
export type TemplateMembers = Partial<
  Pick<
    CreateJobRequest,
    'queue' | 'priority' | 'accelerationSettings' | 'hopDestinations' | 'statusUpdateInterval'
  >
> & { readonly settings?: JobTemplateSettings };

/** A job put together. */
export interface MergedJob {
  readonly request: Partial<CreateJobRequest>;
  /** What is wrong with the outputs' references themselves, which the merged settings no longer show. */
  readonly findings: readonly ErrorFinding[];
}

/** A request with all of its template and presets in it. The types of its members must be right. */
export async function mergeJob(request: Partial<CreateJobRequest>, source: ItemSource): Promise<MergedJob> {
  const overTemplate = await mergeTemplate(request, source);
  const { settings } = overTemplate;
  if (settings === undefined) return { request: overTemplate, findings: [] };
  return {
    request: { ...overTemplate, settings: await mergePresets(settings, source) },
    findings: validatePresetUse(settings),
  };
}

/** The request over its template: members that it gives win as a whole, settings are laid over the template's. */
export async function mergeTemplate(
  request: Partial<CreateJobRequest>,
  source: ItemSource,
): Promise<Partial<CreateJobRequest>> {
  const { jobTemplate, settings } = request;
  if (jobTemplate === undefined || settings === undefined) return request;
  const template = await source.jobTemplate(jobTemplate);
  if (template === null) return request;
  return { ...template, ...request, settings: lay('JobSettings', template.settings ?? {}, settings) };
}

/** Settings with what presets supply below what their outputs say. */
export async function mergePresets(settings: JobSettings, source: ItemSource): Promise<JobSettings> {
  if (settings.outputGroups === undefined) return settings;
  const outputGroups = [];
  for (const [groupIndex, group] of settings.outputGroups.entries()) {
    const outputs = [];
    for (const [outputIndex, output] of (group.outputs ?? []).entries()) {
      const pointer = `/outputGroups/${groupIndex}/outputs/${outputIndex}/preset`;
      const preset = output.preset === undefined ? null : await source.preset(output.preset, pointer);
      outputs.push(preset === null ? output : lay('Output', { ...preset, preset: output.preset }, output));
    }
    outputGroups.push(group.outputs === undefined ? group : { ...group, outputs });
  }
  return { ...settings, outputGroups };
}

/** Settings without the names of presets that are already in them. */
export function toPlannable(settings: JobSettings): JobSettings {
  if (settings.outputGroups === undefined) return settings;
  return {
    ...settings,
    outputGroups: settings.outputGroups.map((group) => {
      if (group.outputs === undefined) return group;
      return { ...group, outputs: group.outputs.map(({ preset, ...output }) => output) };
    }),
  };
}

/** The structure says what the values are; the merge keeps it. */
function lay<Settings extends object>(structureName: string, below: object, over: Settings): Settings {
  return layOver(
    structureName,
    below as unknown as JsonValue,
    over as unknown as JsonValue,
  ) as unknown as Settings;
}
