/** Who says what AC-3 and E-AC-3 outputs tell of themselves: the job or a Dolby source (spec audio.md 3.2, 3.3). */
import { describe, expect, test } from 'vitest';
import type {
  Ac3Settings,
  AudioDescription,
  Eac3Settings,
  JobSettings,
} from '../../src/contract/types.generated.ts';
import type { AudioTrackFacts, DolbyFacts } from '../../src/plan/facts.ts';
import { audioTrack, hdFacts } from './facts-fixtures.ts';
import { errorsOf, fileGroup, jobWith, onlyAudio, planOf } from './plan-fixtures.ts';

const film: DolbyFacts = {
  syntax: 'AC-3',
  channelMode: 7,
  dialnorm: 24,
  hasRangeControl: false,
  bitstreamMode: 2,
  centerMixLevel: 0,
  surroundMixLevel: 2,
  isCopyrighted: true,
  isOriginal: false,
};

const surround = (dolby: Partial<DolbyFacts> = {}): AudioTrackFacts =>
  audioTrack({ codec: 'ac3', channels: 6, channelLayout: '5.1(side)', dolby: { ...film, ...dolby } });
const pair = (dolby: Partial<DolbyFacts>): AudioTrackFacts =>
  audioTrack({
    codec: 'eac3',
    dolby: { syntax: 'E-AC-3', channelMode: 2, dialnorm: 20, hasRangeControl: false, ...dolby },
  });
const plain = audioTrack({ channels: 6, channelLayout: '5.1(side)' });

const ac3 = (ac3Settings: Ac3Settings = {}, changes: AudioDescription = {}): AudioDescription => ({
  audioSourceName: 'Audio Selector 1',
  ...changes,
  codecSettings: { codec: 'AC3', ac3Settings: { codingMode: 'CODING_MODE_AUTO', ...ac3Settings } },
});
const eac3 = (eac3Settings: Eac3Settings = {}): AudioDescription => ({
  audioSourceName: 'Audio Selector 1',
  codecSettings: { codec: 'EAC3', eac3Settings: { codingMode: 'CODING_MODE_AUTO', ...eac3Settings } },
});

function jobOf(description: AudioDescription, changes: Partial<JobSettings> = {}): JobSettings {
  return jobWith(
    [fileGroup([{ containerSettings: { container: 'RAW' }, audioDescriptions: [description] }])],
    changes,
  );
}

/** The encoder's options, and the notices as `member: message`. */
function planned(description: AudioDescription, ...audioTracks: readonly AudioTrackFacts[]) {
  const tracks = audioTracks.map((track, index) => ({
    ...track,
    streamIndex: index + 1,
    trackId: index + 2,
  }));
  const numbers = tracks.map((_, index) => index + 1);
  const settings = jobOf(description);
  const inputs = [{ ...settings.inputs?.[0], audioSelectors: { 'Audio Selector 1': { tracks: numbers } } }];
  const result = planOf({ ...settings, inputs }, hdFacts({ audioTracks: tracks }));
  if (result.plan === null) throw new Error(errorsOf(result).join());
  return { options: onlyAudio(result.plan).encoder.options, notices: told(result) };
}

function told({ findings }: ReturnType<typeof planOf>): readonly string[] {
  return findings.map(({ pointer, message }) => `${pointer.split('/').at(-1)}: ${message}`);
}

describe('dialnorm', () => {
  test('the job’s, else the source’s, else 31, whatever metadataControl says', () => {
    for (const metadataControl of [undefined, 'FOLLOW_INPUT', 'USE_CONFIGURED'] as const) {
      const control = metadataControl === undefined ? {} : { metadataControl };
      for (const description of [ac3, eac3] as const) {
        expect(planned(description({ ...control, dialnorm: 10 }), surround()).options.dialnorm).toBe('-10');
        expect(planned(description(control), surround()).options.dialnorm).toBe('-24');
        expect(planned(description(control), plain).options.dialnorm).toBe('-31');
      }
    }
  });

  test('corrected loudness takes the place of the source’s, and is told', () => {
    const corrected = ac3({}, { audioNormalizationSettings: { algorithm: 'ITU_BS_1770_1' } });
    const { options, notices } = planned(corrected, surround({ dialnorm: 18 }));
    expect(options.dialnorm).toBe('-24');
    expect(notices.join()).toMatch(/dialnorm: .*-24 LKFS.*dialnorm of 18 no longer holds: 24 is written/);
    const low = ac3({}, { audioNormalizationSettings: { targetLkfs: -45 } });
    expect(planned(low, surround()).options.dialnorm).toBe('-31');
    const loud = ac3({}, { audioNormalizationSettings: { targetLkfs: 0 } });
    expect(planned(loud, surround()).options.dialnorm).toBe('-1');
    const measured = ac3({}, { audioNormalizationSettings: { algorithmControl: 'MEASURE_ONLY' } });
    expect(planned(measured, surround())).toMatchObject({ options: { dialnorm: '-24' }, notices: [] });
    expect(planned(corrected, plain)).toMatchObject({ options: { dialnorm: '-31' }, notices: [] });
  });

  test('joined tracks have one when they agree', () => {
    const [one, other] = [pair({ dialnorm: 20 }), pair({ dialnorm: 21 })];
    expect(planned(ac3({ codingMode: 'CODING_MODE_2_0' }), one, one).options.dialnorm).toBe('-20');
    const { options, notices } = planned(ac3({ codingMode: 'CODING_MODE_2_0' }), one, other);
    expect(options.dialnorm).toBe('-31');
    expect(notices.join()).toMatch(/metadataControl: no Dolby metadata that hold of all the sound/);
  });
});

describe('everything else', () => {
  test('without metadataControl the job’s settings are written, and the source fills in the rest', () => {
    const { options, notices } = planned(ac3({ bitstreamMode: 'DIALOGUE' }), surround());
    expect(options).toEqual({
      ...{ dialnorm: '-24', audio_service_type: 'di', center_mixlev: '0.707107', surround_mixlev: '0' },
      ...{ copyright: '1', original: '0' },
    });
    expect(notices).toEqual([]);
  });

  test('FOLLOW_INPUT puts the source before the job, and says so', () => {
    const settings = { metadataControl: 'FOLLOW_INPUT', bitstreamMode: 'HEARING_IMPAIRED' } as const;
    const { options, notices } = planned(ac3(settings), surround());
    expect(options.audio_service_type).toBe('vi');
    expect(notices).toEqual([
      expect.stringMatching(/^bitstreamMode: .*what the source says of it is written/),
    ]);
    // What the source leaves open is the job's.
    expect(planned(eac3(settings), pair({})).options.audio_service_type).toBe('hi');
  });

  test('USE_CONFIGURED writes the job’s alone', () => {
    const settings = { metadataControl: 'USE_CONFIGURED' } as const;
    const ranged = surround({ hasRangeControl: true });
    expect(planned(ac3(settings), ranged)).toEqual({
      options: { dialnorm: '-24', audio_service_type: 'ma' },
      notices: [],
    });
  });

  test('mix levels cross between the codecs', () => {
    expect(planned(eac3(), surround({ centerMixLevel: 1, surroundMixLevel: 3 })).options).toMatchObject({
      ...{ loro_cmixlev: '0.594604', loro_surmixlev: '0.5', ltrt_cmixlev: '0.707107' },
    });
    const levels = { loRoCenterMixLevel: 5, loRoSurroundMixLevel: 0, ltRtCenterMixLevel: 2 };
    const plus: DolbyFacts = {
      ...levels,
      syntax: 'E-AC-3',
      channelMode: 7,
      dialnorm: 24,
      hasRangeControl: false,
    };
    const track = audioTrack({ codec: 'eac3', channels: 6, channelLayout: '5.1(side)', dolby: plus });
    expect(planned(ac3(), track).options).toEqual({
      ...{
        dialnorm: '-24',
        audio_service_type: 'ma',
        center_mixlev: '0.594604',
        surround_mixlev: '0.707107',
      },
      // The loudest of the surrounds is −1.5 dB.
      ...{
        loro_cmixlev: '0.594604',
        loro_surmixlev: '0.840896',
        ltrt_cmixlev: '1',
        ltrt_surmixlev: '0.707107',
      },
    });
    expect(planned(eac3({ loRoCenterMixLevel: 3 }), track).options.loro_cmixlev).toBe('1.414214');
  });

  test('advice for channels is not given to others: mixed, remixed, joined', () => {
    const keys = ['center_mixlev', 'surround_mixlev', 'dsur_mode', 'loro_cmixlev'];
    const made = pair({ surroundMode: 2, bitstreamMode: 3 });
    expect(planned(ac3(), made).options.dsur_mode).toBe('2');
    const outputs = [
      planned(ac3({ codingMode: 'CODING_MODE_2_0' }), surround()),
      planned(ac3({ codingMode: 'CODING_MODE_1_0', bitrate: 96_000 }), made),
      planned(
        ac3(
          {},
          {
            remixSettings: {
              channelsIn: 2,
              channelsOut: 2,
              channelMapping: { outputChannels: [{ inputChannels: [0, -60] }, { inputChannels: [-60, 0] }] },
            },
          },
        ),
        made,
      ),
      planned(ac3({ codingMode: 'CODING_MODE_2_0' }), made, made),
    ];
    for (const { options } of outputs) {
      expect(Object.keys(options).filter((key) => keys.includes(key))).toEqual([]);
      expect(options.dialnorm).not.toBe('-31');
    }
  });

  test('modes of the source that the encoder cannot write are told', () => {
    const { options, notices } = planned(ac3(), surround({ bitstreamMode: 5 }));
    expect(options.audio_service_type).toBe('ma');
    expect(notices).toEqual([
      expect.stringMatching(/^bitstreamMode: .*source, 5, cannot be written for 6 channels/),
    ]);
    expect(planned(ac3(), surround({ bitstreamMode: 7 })).options.audio_service_type).toBe('ka');
    const mono = { codingMode: 'CODING_MODE_1_0', bitrate: 96_000 } as const;
    expect(planned(ac3(mono), surround({ bitstreamMode: 5 })).options.audio_service_type).toBe('co');
    expect(planned(ac3(mono), surround({ bitstreamMode: 7 })).notices.join()).toMatch(
      /cannot be written for 1/,
    );
  });

  test('a mono service of the job is refused beside a source whose mode has the same code', () => {
    const voice = ac3({ bitstreamMode: 'VOICE_OVER', codingMode: 'CODING_MODE_2_0' });
    const karaoke = pair({ bitstreamMode: 7 });
    expect(() => planned(voice, karaoke)).toThrow(/VOICE_OVER is a mono service/);
  });

  test('a stereo downmix that is not indicated says nothing of levels', () => {
    const { options } = planned(eac3({ stereoDownmix: 'NOT_INDICATED' }), plain);
    expect(Object.keys(options)).not.toContain('loro_cmixlev');
  });

  test('range control, and a source that could not be read, are told', () => {
    expect(planned(ac3(), surround({ hasRangeControl: true })).notices).toEqual([
      expect.stringMatching(
        /^metadataControl: the dynamic range control words of the source are not carried over/,
      ),
    ]);
    const unread = audioTrack({ codec: 'ac3', channels: 6, channelLayout: '5.1(side)' });
    expect(planned(ac3(), unread).notices).toEqual([
      expect.stringMatching(/^metadataControl: no Dolby metadata/),
    ]);
    expect(planned(ac3(), plain).notices).toEqual([]);
  });
});

describe('joined inputs', () => {
  test('the first one’s metadata are written throughout, and those that differ are told', () => {
    const settings = jobOf(ac3());
    const input = settings.inputs?.[0] ?? {};
    const inputs = [
      input,
      { ...input, fileInput: 's3://in/second.mp4' },
      { ...input, fileInput: 's3://in/third.mp4' },
    ];
    const facts = [surround(), surround({ dialnorm: 27 }), surround()].map((track, index) =>
      hdFacts({ location: inputs[index]?.fileInput ?? '', audioTracks: [track] }),
    );
    const result = planOf({ ...settings, inputs }, undefined, { facts });
    expect(errorsOf(result)).toEqual([]);
    expect(result.plan === null ? null : onlyAudio(result.plan).encoder.options.dialnorm).toBe('-24');
    expect(told(result)).toEqual([
      expect.stringMatching(/^metadataControl: .*those of input 2 differ: dialnorm -24, not -27$/),
    ]);
  });
});
