/** Metadata of Dolby sources in the outputs of real jobs, as a parser of its own reads it from every frame. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ac3Settings, AudioDescription, Eac3Settings } from '../../src/contract/types.generated.ts';
import { writeDolby } from './encode-dolby.ts';
import { type DolbyFields, readDolbyFrames } from './read-dolby.ts';
import { runSoundJob } from './sound-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop.close());

const ac3 = (settings: Ac3Settings, changes: AudioDescription = {}): AudioDescription => ({
  ...changes,
  codecSettings: { codec: 'AC3', ac3Settings: { codingMode: 'CODING_MODE_AUTO', ...settings } },
});
const eac3 = (settings: Eac3Settings, changes: AudioDescription = {}): AudioDescription => ({
  ...changes,
  codecSettings: { codec: 'EAC3', eac3Settings: { codingMode: 'CODING_MODE_AUTO', ...settings } },
});

/** The fields of each output, which all its frames must share. */
async function fieldsOf(key: string, ...descriptions: readonly AudioDescription[]): Promise<DolbyFields[]> {
  const paths = await runSoundJob(
    workshop,
    key,
    descriptions.map((description) => ({ container: 'RAW', description })),
  );
  return paths.map((path) => {
    const frames = readDolbyFrames(readFileSync(path)).map(({ crc1: _, ...fields }) => fields);
    expect(frames.length).toBeGreaterThan(10);
    for (const frame of frames) expect(frame).toEqual(frames[0]);
    return frames[0] ?? {};
  });
}

describe('without settings, and with FOLLOW_INPUT', () => {
  test('AC-3 of 5.1 passes dialogue level, service, mix levels, rights and room on to both codecs', async () => {
    writeDolby(workshop.inputPath('film.ac3'), 'ac3', 6, {
      dialnorm: '-20',
      audio_service_type: 'vi',
      center_mixlev: '0.5',
      surround_mixlev: '0',
      copyright: '1',
      original: '0',
      mixing_level: '105',
      room_type: 'small',
    });
    const [plain, followed, plus] = await fieldsOf(
      'film.ac3',
      ac3({}),
      ac3({ metadataControl: 'FOLLOW_INPUT', bitstreamMode: 'COMPLETE_MAIN' }),
      eac3({}),
    );
    const common = { acmod: 7, dialnorm: 20, bsmod: 2, copyrightb: 1, origbs: 0, mixlevel: 25, roomtyp: 2 };
    expect(plain).toMatchObject({ ...common, bsid: 8, cmixlev: 2, surmixlev: 2 });
    expect(followed).toEqual(plain);
    expect(plus).toMatchObject({
      ...common,
      bsid: 16,
      lorocmixlev: 6,
      lorosurmixlev: 7,
      ltrtcmixlev: 4,
      ltrtsurmixlev: 4,
    });
  });

  test('the longer syntax of AC-3 goes into both codecs', async () => {
    writeDolby(workshop.inputPath('long.ac3'), 'ac3', 6, {
      dialnorm: '-21',
      dmix_mode: 'ltrt',
      ltrt_cmixlev: '1',
      ltrt_surmixlev: '0.707',
      loro_cmixlev: '0.5',
      loro_surmixlev: '0',
      dsurex_mode: 'on',
    });
    const fields = {
      ...{ dialnorm: 21, dmixmod: 1, ltrtcmixlev: 2, ltrtsurmixlev: 4 },
      ...{ lorocmixlev: 6, lorosurmixlev: 7, dsurexmod: 2 },
    };
    const [plain, plus] = await fieldsOf('long.ac3', ac3({}), eac3({}));
    expect(plain).toMatchObject({ ...fields, bsid: 6 });
    expect(plus).toMatchObject({ ...fields, bsid: 16 });
  });

  test('E-AC-3 of two channels keeps what it was made for, and loses it where channels are mixed', async () => {
    writeDolby(workshop.inputPath('pair.eac3'), 'eac3', 2, {
      dialnorm: '-24',
      audio_service_type: 'hi',
      dsur_mode: 'on',
      dheadphone_mode: 'on',
    });
    const [plus, plain, mono] = await fieldsOf(
      'pair.eac3',
      eac3({}),
      ac3({}),
      ac3({ codingMode: 'CODING_MODE_1_0' }),
    );
    expect(plus).toMatchObject({ acmod: 2, dialnorm: 24, bsmod: 3, dsurmod: 2, dheadphonmod: 2 });
    expect(plain).toMatchObject({ acmod: 2, dialnorm: 24, bsmod: 3, dsurmod: 2 });
    expect(mono).toMatchObject({ acmod: 1, dialnorm: 24, bsmod: 3 });
  });
});

describe('settings of the job', () => {
  test('a dialnorm is always written; USE_CONFIGURED leaves out all else that the source says', async () => {
    writeDolby(workshop.inputPath('own.ac3'), 'ac3', 6, {
      dialnorm: '-18',
      audio_service_type: 'hi',
      center_mixlev: '0.707',
      copyright: '1',
    });
    const [asked, followed, configured] = await fieldsOf(
      'own.ac3',
      ac3({ dialnorm: 10, metadataControl: 'FOLLOW_INPUT' }),
      ac3({ bitstreamMode: 'DIALOGUE' }),
      ac3({ metadataControl: 'USE_CONFIGURED', bitstreamMode: 'MUSIC_AND_EFFECTS' }),
    );
    expect(asked).toMatchObject({ dialnorm: 10, bsmod: 3, cmixlev: 0, copyrightb: 1 });
    expect(followed).toMatchObject({ dialnorm: 18, bsmod: 4, cmixlev: 0, copyrightb: 1 });
    expect(configured).toMatchObject({ dialnorm: 18, bsmod: 1, cmixlev: 1, copyrightb: 0 });
  });

  test('corrected loudness is what dialnorm says; measured loudness changes nothing', async () => {
    writeDolby(workshop.inputPath('loud.eac3'), 'eac3', 2, { dialnorm: '-18' }, 2);
    const [corrected, measured] = await fieldsOf(
      'loud.eac3',
      eac3({}, { audioNormalizationSettings: { targetLkfs: -26.6 } }),
      eac3({}, { audioNormalizationSettings: { algorithmControl: 'MEASURE_ONLY' } }),
    );
    expect(corrected?.dialnorm).toBe(27);
    expect(measured?.dialnorm).toBe(18);
  });
});
