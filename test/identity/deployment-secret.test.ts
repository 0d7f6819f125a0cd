/** The secret of a deployment: made once, kept, private. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDeploymentSecret } from '../../src/identity/deployment-secret.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'openconvert-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the secret of a deployment', () => {
  it('is made at the first start, private, and the same ever after', async () => {
    const secret = await loadDeploymentSecret(folder);
    expect(secret).toHaveLength(32);
    expect(await loadDeploymentSecret(folder)).toEqual(secret);
    expect((await stat(path.join(folder, 'deployment-secret'))).mode & 0o777).toBe(0o600);
  });

  it('is one, however many servers start at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 8 }, () => loadDeploymentSecret(folder)));
    expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
    expect(await readdir(folder)).toEqual(['deployment-secret']);
  });

  it('is refused when its file is damaged', async () => {
    await writeFile(path.join(folder, 'deployment-secret'), 'cut');
    await expect(loadDeploymentSecret(folder)).rejects.toThrow('is damaged: 3 bytes instead of 32');
  });

  it('needs its folder', async () => {
    await expect(loadDeploymentSecret(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
  });
});
