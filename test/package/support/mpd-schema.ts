/** The schema of MPDs, by an independent validator (xmllint). */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const schema = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'shared', 'schemas', 'DASH-MPD.xsd');
const hasXmllint = spawnSync('xmllint', ['--version']).error === undefined;

/** Why MPDs cannot be validated here; null where they can. */
export const noMpdSchema: string | null = !hasXmllint
  ? 'there is no xmllint (apt-get install libxml2-utils)'
  : existsSync(schema)
    ? null
    : `there is no schema at ${schema}`;

/** Throws with the validator's words. */
export function validateMpd(text: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-mpd-'));
  try {
    const file = path.join(folder, 'clip.mpd');
    writeFileSync(file, text);
    execFileSync('xmllint', ['--nonet', '--noout', '--schema', schema, file], {
      stdio: 'pipe',
      timeout: 30_000,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
