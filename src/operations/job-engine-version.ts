/** What asking for a job engine version comes to (spec api.md 6.2, 14). */
import { jobEngineVersions } from './job-engine-versions.table.ts';

/** A request for a version. */
export type EngineVersionRequest =
  /** The job runs with this version. */
  | { readonly outcome: 'used'; readonly version: string }
  /** It was a version once: the job runs as if none had been asked for. */
  | { readonly outcome: 'expired' }
  /** No version was ever called that. */
  | { readonly outcome: 'invalid' };

/**
 * Looks a version up at `nowMs`. Dates before the newest version of this release are taken for versions of earlier
 * releases, which have expired; later dates name nothing.
 */
export function requestEngineVersion(version: string, nowMs: number): EngineVersionRequest {
  const entry = jobEngineVersions.find((candidate) => candidate.version === version);
  if (entry !== undefined)
    return entry.expiresAtMs > nowMs ? { outcome: 'used', version } : { outcome: 'expired' };
  const newest = jobEngineVersions[0]?.version ?? '';
  return isDate(version) && version < newest ? { outcome: 'expired' } : { outcome: 'invalid' };
}

function isDate(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString().startsWith(text)
  );
}
