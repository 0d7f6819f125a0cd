/** A volume of a few hundred kilobytes, so that a disk can be really full. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SmallVolume {
  readonly folder: string;
  /** Takes all that is free but so many bytes. */
  fillBut(bytes: number): void;
  /** Frees what `fillBut` took. */
  empty(): void;
  unmount(): void;
}

/** Mounts a volume; `entries` limits its files and folders, itself included, 0 does not. Null, with the reason printed, where that is not allowed. */
export function mountSmallVolume(kibibytes: number, entries = 0): SmallVolume | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-volume-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k,nr_inodes=${entries}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    rmdirSync(folder);
    console.log('skipped: full disks need a volume of their own, and only root may mount one');
    return null;
  }
  const ballast = path.join(folder, 'ballast');
  return {
    folder,
    fillBut(bytes) {
      writeFileSync(ballast, '');
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
    },
    empty: () => writeFileSync(ballast, ''),
    unmount() {
      execFileSync('umount', [folder]);
      rmdirSync(folder);
    },
  };
}
