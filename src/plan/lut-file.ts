/** Files of 3D LUTs: their form is the same to those who look before a run and to the run (spec overlays.md 7.1). */
import { jobFault } from '../catalogue/fault.ts';

/** Largest table (spec overlays.md 7.1). */
const largestBytes = 8 * 1024 * 1024;

/** Reads a table whole. Rejects with fault 1010 for an object that is none, or with the fault of `read`. */
export async function readLutFile<T extends Uint8Array>(
  location: string,
  sizeBytes: number,
  read: () => Promise<T>,
): Promise<T> {
  if (sizeBytes > largestBytes)
    throw notTable(location, `it has ${sizeBytes} bytes, and tables have up to ${largestBytes}`);
  const bytes = await read();
  const defect = defectOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  if (defect !== null) throw notTable(location, defect);
  return bytes;
}

const sizes = { least: 2, most: 129 };

/** A header with the size, then a line of three numbers for each point (Adobe Cube LUT Specification 1.0). */
function defectOf(text: string): string | null {
  const size = Number(/^\s*LUT_3D_SIZE\s+(\d+)\s*$/m.exec(text)?.[1] ?? Number.NaN);
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
  return jobFault(
    1010,
    'lut-unusable',
    { url, reason: mediaFact },
    { component: 'filter', mediaFact, location: url },
  );
}
