/** Job documents people really use (../shared/jobs), with our own clip for every input and our bucket for every output. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ErrorFinding } from '../../src/catalogue/finding.ts';
import { parseJobDocument } from '../../src/contract/document.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { validateJobSettings } from '../../src/contract/validate-job.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'jobs');

/** A document of the collection. */
export interface RealJob {
  readonly id: string;
  /** Null when the service would refuse it, with the findings that say why. */
  readonly settings: JobSettings | null;
  readonly refusals: readonly ErrorFinding[];
}

/** All documents with inputs and outputs; empty, with the reason printed, where the collection is absent. */
export function readRealJobs(clip: string): readonly RealJob[] {
  const manifest = path.join(folder, 'MANIFEST.tsv');
  if (!existsSync(manifest)) {
    console.log(`skipped: no job documents at ${folder}`);
    return [];
  }
  const lines = readFileSync(manifest, 'utf8').trim().split('\n').slice(1);
  return lines.flatMap((line) => {
    const id = line.split('\t')[0] ?? '';
    const { request } = parseJobDocument(readFileSync(path.join(folder, `${id}.json`), 'utf8'));
    const settings = request?.settings;
    if (!Array.isArray(settings?.inputs) || !Array.isArray(settings.outputGroups)) return [];
    const { document, findings } = validateJobSettings(withOurPlaces(settings, clip));
    return [{ id, settings: document, refusals: findings }];
  });
}

function withOurPlaces(settings: object, clip: string): unknown {
  const text = JSON.stringify(settings, (name, value: unknown) => {
    if (name === 'destination') return 's3://real-jobs/made/';
    return value;
  });
  const copy = JSON.parse(text) as { inputs: Record<string, unknown>[] };
  for (const input of copy.inputs) if (typeof input === 'object') input['fileInput'] = clip;
  return copy;
}
