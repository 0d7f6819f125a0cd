// Writes docs/coverage/containers.{json,md}: every container and codec of an input, made or taken from the media
// collection beside the repository, probed and decoded. Rows whose media are not here stay as they are committed.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const load = (file) => tsImport(file, import.meta.url);
const { quietLibraryLog } = await load('../src/engine/library-log.ts');
const { containerRows } = await load('../test/probe/coverage/container-rows.table.ts');
const { runContainerRow } = await load('../test/probe/coverage/run-container-row.ts');
const { coverageRow, formatContainersJson, formatContainersMarkdown } = await load(
  '../test/probe/coverage/containers-document.ts',
);

quietLibraryLog();
const pages = fileURLToPath(new URL('../docs/coverage/', import.meta.url));
const json = path.join(pages, 'containers.json');
const committed = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : [];
const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-containers-'));
const rows = [];
try {
  for (const row of containerRows)
    rows.push(coverageRow(row, await runContainerRow(row, folder)) ?? kept(row));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
writeFileSync(json, formatContainersJson(rows));
writeFileSync(path.join(pages, 'containers.md'), formatContainersMarkdown(rows));

function kept({ container, kind, codec }) {
  const found = committed.find(
    (row) => row.container === container && row.kind === kind && row.codec === codec,
  );
  if (found === undefined) throw new Error(`${container} ${codec}: its media are not here`);
  return found;
}
