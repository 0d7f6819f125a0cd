/**
 * Prepared data: the archive of a fresh PostgreSQL data folder with the schema of this version and no content. A
 * first start from scratch costs 5 s of CPU and 0.8 GB at its peak, from the archive 1.5 s and 0.4 GB (measured,
 * PGlite 0.5.16). The build makes it (`prepare-data-main.ts`, 4.5 MB); without it the first start does everything
 * itself.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newestMigration } from '../migrations/migrations.ts';
import { embeddedPostgresMajor } from './postgres-parameters.ts';

/** Beside the compiled program, named after what is in it; the same path from `src/` and from `dist/`. */
export const preparedDataFile = fileURLToPath(
  new URL(
    `../../../dist/database/prepared-data-${embeddedPostgresMajor}-${newestMigration}.tar.gz`,
    import.meta.url,
  ),
);

/** Path of the archive, or null when the build did not make it. */
export function findPreparedData(): string | null {
  return existsSync(preparedDataFile) ? preparedDataFile : null;
}
