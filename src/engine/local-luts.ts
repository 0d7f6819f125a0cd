/** Tables of colour that filters read: the library opens files by path, so each is copied into the scratch folder. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { jobFault } from '../catalogue/fault.ts';
import type { JobPlan } from '../plan/plan.ts';
import { planLutLocations, withLutFiles } from '../plan/plan-luts.ts';
import type { EngineObjects } from './objects.ts';
import { openByteSource } from './probe/byte-source.ts';

/** Largest table (spec overlays.md 7.1). */
const largestBytes = 8 * 1024 * 1024;

/** The plan with paths in place of locations. Throws fault 1010 for an object that is no such table, or its own fault. */
export async function withLocalLuts(
  plan: JobPlan,
  objects: EngineObjects,
  scratchFolder: string,
): Promise<JobPlan> {
  const paths = new Map<string, string>();
  for (const location of new Set(planLutLocations(plan))) {
    const file = path.join(scratchFolder, `table-${paths.size + 1}.cube`);
    writeFileSync(file, await readTable(objects, location));
    paths.set(location, file);
  }
  return paths.size === 0 ? plan : withLutFiles(plan, paths);
}

/** The bytes of a table. Throws fault 1010 for an object that is none, or its own fault. */
export async function readTable(objects: EngineObjects, location: string): Promise<Buffer> {
  const input = await objects.openInput(location);
  const source = openByteSource(input);
  try {
    if (input.sizeBytes > largestBytes)
      throw notTable(location, `it has ${input.sizeBytes} bytes, and tables have up to ${largestBytes}`);
    const bytes = await source.read(0, input.sizeBytes);
    const defect = defectOf(bytes.toString('latin1'));
    if (defect !== null) throw notTable(location, defect);
    return bytes;
  } finally {
    await source.close();
    await input.close();
  }
}

const sizes = { least: 2, most: 129 };
const sizeLine = /^[ \t]*LUT_3D_SIZE[ \t]+(\d+)[ \t]*\r?$/m;

/** A header with the size, then a line of three numbers for each point (Adobe Cube LUT Specification 1.0). */
function defectOf(text: string): string | null {
  const size = Number(sizeLine.exec(text)?.[1] ?? Number.NaN);
  if (!(size >= sizes.least && size <= sizes.most))
    return 'it does not say the size of a table of three dimensions';
  const rows = text.split(/\r?\n/).filter((line) => /^\s*[-+.\d]/.test(line));
  if (rows.length !== size ** 3)
    return `it has ${rows.length} points, and a table of size ${size} has ${size ** 3}`;
  const isWhole = rows.every((line) => {
    const numbers = line.trim().split(/\s+/).map(Number);
    return numbers.length === 3 && numbers.every(Number.isFinite);
  });
  return isWhole ? null : 'a line does not hold three numbers';
}

function notTable(url: string, mediaFact: string): Error {
  const facts = { component: 'filter', mediaFact, location: url };
  return jobFault(1010, 'lut-unusable', { url, reason: mediaFact }, facts);
}
