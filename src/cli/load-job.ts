/** Reads the job document of `run` and `check`: file, form, `--set`, validation. All findings, none thrown. */
import { readFile } from 'node:fs/promises';
import type { Finding } from '../catalogue/finding.ts';
import { parseJobDocument } from '../contract/document.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import { validateJobSettings } from '../contract/validate-job.ts';
import type { AccelerationMode } from '../plan/acceleration.ts';
import { mergeSystemItems } from './merge-system-items.ts';
import { type Assignment, UsageError } from './options.ts';

/** A job document ready to be planned, or the findings that forbid it. */
export interface LoadedJob {
  /** Null when a finding is an error: the service would answer 400. */
  readonly settings: JobSettings | null;
  /** Null when the document is bare settings. */
  readonly role: string | null;
  readonly acceleration: AccelerationMode;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** Loads a document. Throws UsageError when the file cannot be read or `--set` leads nowhere. */
export async function loadJob(file: string, assignments: readonly Assignment[]): Promise<LoadedJob> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `cannot read ${file}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  const { request, form, findings: parsed } = parseJobDocument(text);
  if (request === null || hasErrors(parsed))
    return { settings: null, role: null, acceleration: 'DISABLED', userMetadata: {}, findings: parsed };
  const { settings, findings: missing } = await mergeSystemItems(request, assignments);
  const validated = validateJobSettings(settings);
  const mode = request.accelerationSettings?.mode;
  const findings = [
    ...parsed,
    ...missing,
    ...(hasErrors(missing) ? [] : validated.findings),
    ...checkMode(mode),
  ];
  return {
    settings: hasErrors(findings) ? null : validated.document,
    role: form === 'settings-only' ? null : (request.role ?? null),
    acceleration: mode ?? 'DISABLED',
    userMetadata: (request.userMetadata ?? {}) as Readonly<Record<string, string>>,
    findings,
  };
}

/** Beside the settings only this member changes how a job runs here. */
function checkMode(mode: string | undefined): readonly Finding[] {
  const modes: readonly string[] = ['DISABLED', 'ENABLED', 'PREFERRED'];
  if (mode === undefined || modes.includes(mode)) return [];
  const message = `Should be one of: ${modes.join(', ')}`;
  return [{ severity: 'error', code: 400, pointer: '/accelerationSettings/mode', message }];
}

function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}
