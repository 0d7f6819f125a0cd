/** Files below `folder` that this process still has open; none where the system does not tell (no /proc). */
import { readdirSync, readlinkSync } from 'node:fs';

export function openFilesBelow(folder: string): string[] {
  return list('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
