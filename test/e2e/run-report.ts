/** Runs job documents with `openconvert run --json` in one data folder and reads the report. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openconvert } from './openconvert-process.ts';

/** What `run --json` prints (design section 8). */
export interface RunReport {
  readonly status: string;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  readonly remedy?: string;
  readonly fault?: Readonly<Record<string, unknown>>;
  readonly findings: readonly Readonly<Record<string, unknown>>[];
  readonly warnings?: readonly { readonly code: number; readonly count: number }[];
  readonly outputGroupDetails?: readonly OutputGroupDetail[];
  /** Of jobs that ran. */
  readonly inputBytesRead?: number;
  readonly timings: { readonly wallMs: number };
}

export interface OutputGroupDetail {
  readonly type: string;
  readonly playlistFilePaths?: readonly string[];
  readonly outputDetails: readonly {
    readonly outputFilePaths: readonly string[];
    readonly durationInMs: number;
    readonly videoDetails?: {
      readonly widthInPx: number;
      readonly heightInPx: number;
      readonly averageBitrate: number;
    };
  }[];
}

/** Writes a job document below the data folder; text is written as it is. */
export async function writeJob(data: string, document: object | string): Promise<string> {
  const folder = path.join(data, 'jobs');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${(await readdir(folder)).length}.json`);
  await writeFile(file, typeof document === 'string' ? document : JSON.stringify(document));
  return file;
}

/** Runs a document and reads what it printed. */
export async function runJob(
  data: string,
  document: object | string,
  ...options: readonly string[]
): Promise<{ readonly exitCode: number; readonly report: RunReport; readonly stderr: string }> {
  const job = await writeJob(data, document);
  const { exitCode, stdout, stderr } = await openconvert('run', job, '--data', data, '--json', ...options);
  try {
    return { exitCode, report: JSON.parse(stdout) as RunReport, stderr };
  } catch {
    throw new Error(`exit code ${exitCode}, no report: ${stdout}${stderr}`);
  }
}

/** Runs a document that must complete. */
export async function completeJob(
  data: string,
  document: object,
  ...options: readonly string[]
): Promise<RunReport & { readonly outputGroupDetails: readonly OutputGroupDetail[] }> {
  const { exitCode, report } = await runJob(data, document, ...options);
  const { status, outputGroupDetails } = report;
  if (exitCode !== 0 || status !== 'COMPLETE' || outputGroupDetails === undefined)
    throw new Error(`exit code ${exitCode}: ${JSON.stringify(report, null, 2)}`);
  return { ...report, outputGroupDetails };
}

/** The file of an object in a local bucket. */
export function fileOf(data: string, location: string): string {
  return path.join(data, 'buckets', location.replace('s3://', ''));
}

/** All files below a folder, sorted, as paths relative to it; empty when there is no such folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** A changed copy of a document: values by JSON pointer, list indexes from 0; undefined removes. */
export function changed<Document extends object>(
  document: Document,
  values: Readonly<Record<string, unknown>>,
): Document {
  const copy = structuredClone(document);
  for (const [pointer, value] of Object.entries(values)) {
    const keys = pointer.slice(1).split('/');
    const last = keys.pop() ?? '';
    let place = copy as Record<string, unknown>;
    for (const key of keys) {
      place[key] ??= {};
      place = place[key] as Record<string, unknown>;
    }
    if (value === undefined) delete place[last];
    else place[last] = value;
  }
  return copy;
}
