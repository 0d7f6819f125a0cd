/**
 * Job engine versions that jobs can ask for (spec api.md 6.2, 14). A version is named after the day it was made. A
 * release of openconvert has one engine and therefore one version; versions before it have expired with their release.
 */

/** A version and the end of its support. */
export interface JobEngineVersionEntry {
  /** `YYYY-MM-DD`. */
  readonly version: string;
  /** From then on a job that asks for it runs as if it had not. Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
}

/** Newest first. Support of a version ends two years after it was made. */
export const jobEngineVersions: readonly JobEngineVersionEntry[] = [
  { version: '2026-11-01', expiresAtMs: Date.UTC(2028, 10, 1) },
];
