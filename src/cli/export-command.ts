/** `openconvert export`: presets and job templates of a server or a data folder, as documents that the AWS CLI takes. */
import { toClientNames } from '../contract/client-names.ts';
import type { JsonValue } from '../contract/json-text.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { type ApiTarget, openTarget, type TargetOptions } from './api-target.ts';
import { exitCodes, UsageError } from './options.ts';

/** Options of `export`. */
export interface ExportOptions extends TargetOptions {
  readonly preset?: string;
  readonly jobTemplate?: string;
}

/** Members of an answer that a request has not. */
const answerOnly: readonly string[] = ['arn', 'type', 'createdAt', 'lastUpdated'];

/** Runs the command: one item as the request that creates it, or all custom ones as two lists. `import` reads both. */
export async function exportCommand(options: ExportOptions): Promise<number> {
  await using target = await openTarget(options);
  const { preset, jobTemplate } = options;
  if (preset !== undefined && jobTemplate !== undefined)
    throw new UsageError('give --preset or --job-template, not both');
  const document =
    preset !== undefined
      ? await oneItem(target, 'Preset', 'preset', preset)
      : jobTemplate !== undefined
        ? await oneItem(target, 'JobTemplate', 'jobTemplate', jobTemplate)
        : {
            Presets: await allItems(target, 'ListPresets', 'presets', 'Preset'),
            JobTemplates: await allItems(target, 'ListJobTemplates', 'jobTemplates', 'JobTemplate'),
          };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return exitCodes.done;
}

async function oneItem(target: ApiTarget, structure: string, member: string, name: string): Promise<unknown> {
  const body = await answerOf(target, `Get${structure}`, { name });
  return toRequest(structure, body[member] as JsonObject);
}

async function allItems(
  target: ApiTarget,
  operation: string,
  member: string,
  structure: string,
): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let nextToken: unknown;
  do {
    const body = await answerOf(target, operation, nextToken === undefined ? {} : { nextToken });
    items.push(...(body[member] as readonly JsonObject[]).map((item) => toRequest(structure, item)));
    nextToken = body['nextToken'];
  } while (nextToken !== undefined);
  return items;
}

async function answerOf(target: ApiTarget, operation: string, input: JsonObject): Promise<JsonObject> {
  const answer = await target.call(operation, input);
  if (answer.isRefused) throw new UsageError(`${operation}: ${answer.type}: ${answer.message}`);
  return answer.body;
}

function toRequest(structure: string, item: JsonObject): JsonValue {
  const kept = Object.entries(item).filter(([name]) => !answerOnly.includes(name));
  return toClientNames(structure, Object.fromEntries(kept) as JsonValue);
}
