/**
 * Build step: makes the prepared data archive beside the compiled program, when it is missing. Run from `dist/`.
 * The file appears whole or not at all.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { migrate } from '../migrate.ts';
import { openEmbedded } from './open-embedded.ts';
import { startParameters } from './postgres-parameters.ts';
import { findPreparedData, preparedDataFile } from './prepared-data.ts';

if (findPreparedData() === null) await prepareData();

async function prepareData(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-prepare-'));
  try {
    await makeSchema(folder);
    const archive = await archiveData(path.join(folder, 'postgres'));
    mkdirSync(path.dirname(preparedDataFile), { recursive: true });
    const unfinished = `${preparedDataFile}.${process.pid}`;
    writeFileSync(unfinished, archive);
    renameSync(unfinished, preparedDataFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeSchema(folder: string): Promise<void> {
  const database = await openEmbedded(folder, () => {}, new AbortController().signal);
  try {
    await migrate(database.sql);
  } finally {
    await database.close();
  }
}

async function archiveData(dataDir: string): Promise<Uint8Array> {
  const engine = await PGlite.create({ dataDir, startParams: startParameters(PGlite.defaultStartParams) });
  try {
    await engine.exec('CHECKPOINT');
    return new Uint8Array(await (await engine.dumpDataDir('gzip')).arrayBuffer());
  } finally {
    await engine.close();
  }
}
