/**
 * Every document of the collection of real ones (../shared/jobs) is submitted to a server: presets and templates are
 * stored, jobs are created over them. What is refused stands in the table with the reason the service would have.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, type ApiTarget, openTarget } from '../../src/cli/api-target.ts';
import { parseDocument } from '../../src/contract/document.ts';
import type { JsonObject } from '../../src/database/job-repository.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { mp4Settings, role } from './job-document.ts';
import { refusals } from './real-documents.table.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'jobs');
const manifest = path.join(folder, 'MANIFEST.tsv');
const hasDocuments = existsSync(manifest);
if (!hasDocuments) console.log(`skipped: no job documents at ${folder}`);

const rows = hasDocuments
  ? readFileSync(manifest, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .map(([id = '', , , kind = '']) => ({ id, kind }))
  : [];

let api: ApiFixture;
let target: ApiTarget;
beforeAll(async () => {
  api = await startApi();
  target = await openTarget({ endpoint: api.url, data: '' });
});
afterAll(() => api?.[Symbol.asyncDispose]());

/** Values of the right form where the collection, or the program, has a placeholder. */
function filled(document: JsonObject): JsonObject {
  const text = JSON.stringify(document, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (name === 'destination' && !value.startsWith('s3://')) return 's3://bucket/folder/';
    if (/^(fileInput|externalAudioFileInput)$/.test(name) && !/^(s3|https?):\/\//.test(value))
      return 's3://bucket/input.mp4';
    if (name === 'sourceFile' && !value.startsWith('s3://')) return 's3://bucket/captions.srt';
    if (name.startsWith('fontFile') && !value.startsWith('s3://')) return 's3://bucket/font.ttf';
    if (name === 'queue') return undefined;
    return /^\$\{/.test(value) ? 'value' : value;
  });
  return JSON.parse(text) as JsonObject;
}

/** Two fixtures call themselves jobs and hold a preset. */
function isPreset(text: string, kind: string): boolean {
  return (
    kind === 'preset' ||
    /^\s*\{\s*"Name"[^[]*"Settings": \{\s*"(ContainerSettings|VideoDescription)"/.test(text)
  );
}

async function submit(id: string, kind: string): Promise<ApiAnswer> {
  const text = readFileSync(path.join(folder, `${id}.json`), 'utf8');
  if (isPreset(text, kind)) {
    const { request } = parseDocument<JsonObject>(text, 'CreatePresetRequest', 'Preset');
    return await target.call('CreatePreset', { ...filled(request), name: id });
  }
  if (kind === 'template') {
    const { request } = parseDocument<JsonObject>(text, 'CreateJobTemplateRequest', 'JobTemplate');
    return await target.call('CreateJobTemplate', { ...filled(request), name: id });
  }
  const { request } = parseDocument<JsonObject>(text, 'CreateJobRequest', 'Job');
  const job = filled({ role, ...request, clientRequestToken: undefined });
  await makeNamedItems(job);
  return await target.call('CreateJob', job);
}

/** Custom presets and templates that a job names exist in its account: of the container its groups want. */
async function makeNamedItems(job: JsonObject): Promise<void> {
  const text = JSON.stringify(job);
  const { request } = parseDocument<JsonObject>({ Settings: mp4Settings() }, 'CreateJobRequest', 'Job');
  const [group] = (request['settings'] as { readonly outputGroups: readonly JsonObject[] }).outputGroups;
  const [mp4] = (group?.['outputs'] ?? []) as readonly JsonObject[];
  const cmaf = { containerSettings: { container: 'CMFC' }, videoDescription: mp4?.['videoDescription'] };
  const settings = text.includes('CMAF_GROUP_SETTINGS') ? cmaf : mp4;
  for (const [, name] of text.matchAll(/"preset":"((?!System-)[^"]+)"/g))
    await target.call('CreatePreset', { name, settings });
  const template = /"jobTemplate":"((?!System-)[^"]+)"/.exec(text)?.[1];
  if (template === undefined) return;
  const thumbnails = {
    nameModifier: '_thumbnail',
    containerSettings: { container: 'RAW' },
    videoDescription: {
      codecSettings: {
        codec: 'FRAME_CAPTURE',
        frameCaptureSettings: { framerateNumerator: 1, framerateDenominator: 10, maxCaptures: 3 },
      },
    },
  };
  const outputs = [{ ...mp4, nameModifier: '_film' }, thumbnails];
  const inputs = [{ audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } } }];
  await target.call('CreateJobTemplate', {
    name: template,
    settings: { inputs, outputGroups: [{ ...group, outputs }] },
  });
}

describe.skipIf(!hasDocuments)('real documents on a server', () => {
  it.each(rows)('$id ($kind)', async ({ id, kind }) => {
    const answer = await submit(id, kind);
    const expected = refusals[id];
    if (expected === undefined) {
      expect(answer.isRefused ? `${answer.type}: ${answer.message}` : 'accepted').toBe('accepted');
      return;
    }
    if (!answer.isRefused) throw new Error('a listed refusal no longer happens');
    const [part, reason] = expected;
    expect(`${answer.type}: ${answer.message}`).toContain(part);
    console.log(`${id} refused: ${part} (${reason})`);
  });
});
