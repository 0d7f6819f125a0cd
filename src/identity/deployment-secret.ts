/**
 * The secret of a deployment: 32 random bytes in its data folder, made at the first start. It signs page tokens;
 * servers of one deployment must share it.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const secretLengthBytes = 32;
const fileName = 'deployment-secret';

/**
 * Reads `<dataFolder>/deployment-secret`, or makes it (mode 0600). Two servers that start at once get the same
 * one. Throws when the folder does not exist or the file is damaged.
 */
export async function loadDeploymentSecret(dataFolder: string): Promise<Uint8Array> {
  const file = path.join(dataFolder, fileName);
  const existing = await readSecret(file);
  if (existing !== null) return existing;
  await createSecret(file);
  const created = await readSecret(file);
  if (created === null) throw new Error(`${file} vanished while it was made`);
  return created;
}

async function readSecret(file: string): Promise<Uint8Array | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (bytes.length === secretLengthBytes) return bytes;
  throw new Error(
    `${file} is damaged: ${bytes.length} bytes instead of ${secretLengthBytes}. Delete it to get a new one; pages of lists that are open now must then be listed again.`,
  );
}

/** Writes aside and links into place: a reader sees all bytes or no file, and the first of two writers wins. */
async function createSecret(file: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(secretLengthBytes), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
