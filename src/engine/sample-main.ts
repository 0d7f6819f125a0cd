/** The program behind `openconvert sample`: one argument, the options of the clip as JSON. */
import { captureLibraryLog, recentLibraryLog } from './library-log.ts';
import { createSample, type SampleOptions } from './sample.ts';

captureLibraryLog();
try {
  await createSample(JSON.parse(process.argv[2] ?? '{}') as SampleOptions);
} catch (error) {
  process.stderr.write(
    `the clip cannot be made: ${error instanceof Error ? error.message : String(error)}\n${recentLibraryLog()}\n`,
  );
  process.exitCode = 1;
}
