/** The alternative transfer message of HLG, read from the streams that are written (H.265 D.2.38). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nalType, nalUnits } from '../../src/package/annex-b.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const prefixMessage = 39;
const alternativeTransfer = 147;

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1 });
});
afterAll(() => workshop.close());

/** Preferred transfers that the stream tells. */
async function transfersOf(alternateTransferFunctionSei: 'ENABLED' | 'DISABLED' | undefined) {
  const video = {
    codecSettings: {
      codec: 'H_265',
      h265Settings: {
        rateControlMode: 'CBR',
        bitrate: 500_000,
        codecProfile: 'MAIN10_MAIN',
        ...(alternateTransferFunctionSei === undefined ? {} : { alternateTransferFunctionSei }),
      },
    },
    videoPreprocessors: { colorCorrector: { colorSpaceConversion: 'FORCE_HLG_2020' } },
  } as const;
  const { path } = await runVideoJob(workshop, { key: 'clip.mp4', video, container: 'RAW' });
  return [...nalUnits(readFileSync(path))].flatMap((unit) =>
    nalType(unit, 'H_265') === prefixMessage && unit[2] === alternativeTransfer ? [unit[4]] : [],
  );
}

test.each([
  ['ENABLED', [18]],
  ['DISABLED', []],
  [undefined, []],
] as const)('HLG with %s tells %j', async (setting, transfers) => {
  expect([...new Set(await transfersOf(setting))]).toEqual(transfers);
});
