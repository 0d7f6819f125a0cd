/** Audio selectors, mixes, AAC and languages (spec audio.md, inputs.md 18; rules A-1 … A-14). */
import { describe, expect, test } from 'vitest';
import type {
  AacSettings,
  AudioDescription,
  AudioSelector,
  JobSettings,
} from '../../src/contract/types.generated.ts';
import { automaticMix, channelsLeftOut } from '../../src/plan/channel-mix.ts';
import { audioTrack, hdFacts } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  filtersOf,
  h264Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  noticesOf,
  onlyAudio,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const threeTracks = hdFacts({
  audioTracks: [
    audioTrack({ streamIndex: 1, trackId: 257 }),
    audioTrack({ streamIndex: 2, trackId: 258, language: 'fra', channels: 1, channelLayout: 'mono' }),
    audioTrack({
      streamIndex: 4,
      trackId: 260,
      language: 'fra',
      codec: 'pcm_s16le',
      channels: 6,
      channelLayout: '5.1(side)',
    }),
  ],
});

function withSelectors(
  audioSelectors: Readonly<Record<string, AudioSelector>>,
  description: Partial<AudioDescription> = {},
): JobSettings {
  const job = mp4Job(h264Video(), { audioDescriptions: [{ ...stereo, ...description }] });
  return { ...job, inputs: [{ fileInput: 's3://in/film.mp4', audioSelectors }] };
}

const aac = (settings: Partial<AacSettings>): Partial<AudioDescription> => ({
  codecSettings: {
    codec: 'AAC',
    aacSettings: { bitrate: 128000, codingMode: 'CODING_MODE_2_0', sampleRate: 48000, ...settings },
  },
});

describe('selectors', () => {
  test.each([
    ['nothing said: the first track', {}, [1]],
    ['TRACK', { selectorType: 'TRACK', tracks: [3, 1] }, [4, 1]],
    ['a list of tracks alone', { tracks: [2] }, [2]],
    ['PID', { selectorType: 'PID', pids: [258] }, [2]],
    ['STREAM counts tracks of every kind', { selectorType: 'STREAM', streams: [5] }, [4]],
    [
      'LANGUAGE_CODE takes all tracks of the language',
      { selectorType: 'LANGUAGE_CODE', languageCode: 'FRA' },
      [2, 4],
    ],
    ['a code of two letters', { selectorType: 'LANGUAGE_CODE', customLanguageCode: 'fr' }, [2, 4]],
    ['a bibliographic code', { selectorType: 'LANGUAGE_CODE', customLanguageCode: 'fre' }, [2, 4]],
    ['ALL_PCM', { selectorType: 'ALL_PCM' }, [4]],
  ] as const)('%s', (_name, selector, streamIndexes) => {
    const plan = mustPlan(withSelectors({ 'Audio Selector 1': selector }), threeTracks);
    expect(plan.inputs[0]?.audio).toMatchObject([{ streamIndexes, selectorName: 'Audio Selector 1' }]);
  });

  test('the offset moves the sound', () => {
    expect(
      mustPlan(withSelectors({ 'Audio Selector 1': { offset: -250 } })).inputs[0]?.audio[0]?.offsetMs,
    ).toBe(-250);
  });

  test('a track that is not there is named with its selector (A-3)', () => {
    const selectors = { Other: {}, 'Audio Selector 1': { tracks: [4] } };
    expect(errorsOf(planOf(withSelectors(selectors), threeTracks))).toEqual([
      '1040 Invalid audio track specified for audio_selector [2]. Audio track [4] not found in input container.',
    ]);
  });

  test('a silent clip with a default selector fails as in the service', () => {
    expect(errorsOf(planOf(mp4Job(h264Video()), hdFacts({ audioTracks: [] })))).toEqual([
      '1040 Invalid audio track specified for audio_selector [1]. Audio track [1] not found in input container.',
    ]);
  });

  test('selectors that no output uses may name missing tracks', () => {
    expect(errorsOf(planOf(withSelectors({ 'Audio Selector 1': {}, Unused: { tracks: [9] } })))).toEqual([]);
  });

  test('an unknown name falls back to the default selector', () => {
    const plan = mustPlan(
      withSelectors({ First: {}, Second: { tracks: [2], defaultSelection: 'DEFAULT' } }),
      threeTracks,
    );
    expect(onlyAudio(plan).audioSourceId).toBe('input-0/Second');
  });

  test('a name that no input has is told when the default takes its place', () => {
    const selectors = { First: {}, Second: { tracks: [2], defaultSelection: 'DEFAULT' } } as const;
    const told = (audioSourceName: string) =>
      noticesOf(planOf(withSelectors(selectors, { audioSourceName }), threeTracks).findings);
    expect(told('Third')).toEqual([expect.stringMatching(/^substituted .*audioSourceName/)]);
    expect(told('First')).toEqual([]);
  });

  test('a description that refers to no selector is refused as observed (A-14)', () => {
    const job = jobWith(
      [
        fileGroup([
          mp4Output(h264Video(), { audioDescriptions: [{ ...stereo, audioSourceName: undefined }] }),
        ]),
      ],
      {
        inputs: [{ fileInput: 's3://in/film.mp4' }],
      },
    );
    expect(errorsOf(planOf(job))).toEqual([
      '1040 Invalid selector_sequence_id [0] specified for audio_description [1].',
    ]);
  });

  test('a group makes one track per member', () => {
    const job = withSelectors({ One: {}, Two: { tracks: [2] } }, { audioSourceName: 'Both' });
    const inputs =
      job.inputs?.map((input) => ({
        ...input,
        audioSelectorGroups: { Both: { audioSelectorNames: ['One', 'Two'] } },
      })) ?? [];
    const plan = mustPlan({ ...job, inputs }, threeTracks);
    expect(plan.audioRenditions.map(({ audioSourceId }) => audioSourceId)).toEqual([
      'input-0/One',
      'input-0/Two',
    ]);
  });

  test('equal sounds of several outputs are encoded once', () => {
    const outputs = ['_a', '_b'].map((nameModifier) =>
      mp4Output(h264Video({}, { width: nameModifier === '_a' ? 640 : 960 }), { nameModifier }),
    );
    const plan = mustPlan(jobWith([fileGroup(outputs)]));
    expect(plan.audioRenditions).toHaveLength(1);
    expect(plan.videoRenditions).toHaveLength(2);
  });
});

describe('mixes', () => {
  const panOf = (
    channels: number,
    codingMode: 'CODING_MODE_1_0' | 'CODING_MODE_2_0' | 'CODING_MODE_5_1',
    bitrate: number,
  ) => {
    const facts = hdFacts({ audioTracks: [audioTrack({ channels })] });
    const rendition = onlyAudio(
      mustPlan(withSelectors({ 'Audio Selector 1': {} }, aac({ codingMode, bitrate })), facts),
    );
    return filtersOf(rendition).find((filter) => filter.startsWith('pan')) ?? null;
  };

  test('mono fills both sides at full level', () => {
    expect(panOf(1, 'CODING_MODE_2_0', 128000)).toBe('pan args=stereo|c0=1*c0|c1=1*c0');
  });

  test('5.1 becomes Lo/Ro with centre and surrounds at −3 dB', () => {
    expect(panOf(6, 'CODING_MODE_2_0', 128000)).toBe(
      'pan args=stereo|c0=1*c0+0.707107*c2+0.707107*c4|c1=1*c1+0.707107*c2+0.707107*c5',
    );
  });

  test('stereo becomes left and right of 5.1, the rest silent', () => {
    expect(panOf(2, 'CODING_MODE_5_1', 384000)).toBe(
      'pan args=5.1|c0=0.99999999*c0|c1=0.99999999*c1|c2=0*c0|c3=0*c0|c4=0*c0|c5=0*c0',
    );
  });

  test('channels of which nothing is known keep their places, and a word says which have none', () => {
    const kept = 'pan args=stereo|c0=1*c0|c1=1*c1';
    const mean = 'pan args=mono|c0=0.500000*c0+0.500000*c1';
    expect([panOf(16, 'CODING_MODE_2_0', 128000), panOf(16, 'CODING_MODE_1_0', 64000)]).toEqual([kept, mean]);
    const facts = (channels: number) => hdFacts({ audioTracks: [audioTrack({ channels })] });
    const wordsOf = (channels: number, description: AudioDescription) =>
      planOf(withSelectors({ 'Audio Selector 1': {} }, description), facts(channels)).findings.flatMap(
        ({ message }) => (/left out/.test(message) ? [message] : []),
      );
    const two = aac({ codingMode: 'CODING_MODE_2_0', bitrate: 128000 });
    expect(wordsOf(16, two)).toEqual([
      expect.stringMatching(/16 channels become 2: the last 14 are left out/),
    ]);
    expect(wordsOf(16, aac({ codingMode: 'CODING_MODE_1_0', bitrate: 64000 }))).toEqual([
      expect.stringMatching(/16 channels become 1: the last 14 are left out/),
    ]);
    const [known, spread] = [
      wordsOf(6, two),
      wordsOf(2, aac({ codingMode: 'CODING_MODE_5_1', bitrate: 384000 })),
    ];
    expect([known, spread]).toEqual([[], []]);
    expect(channelsLeftOut(6, 4)).toBe(2);
  });

  test('mono is the mean of stereo, whatever it is made of', () => {
    const half = Math.SQRT1_2 / 2;
    expect(automaticMix(2, 1)?.gains).toEqual([[0.5, 0.5]]);
    expect(automaticMix(6, 1)?.gains).toEqual([[0.5, 0.5, Math.SQRT1_2, 0, half, half]]);
    expect(automaticMix(8, 1)?.gains).toEqual([[0.5, 0.5, Math.SQRT1_2, 0, half, half, half, half]]);
    expect(automaticMix(3, 1)?.gains).toEqual([[0.5, 0.5, 0]]);
  });

  test('as many channels in other places go where they belong', () => {
    const half = Math.SQRT1_2;
    const rows = (channels: number, layout: string) => automaticMix(channels, channels, layout)?.gains;
    expect(rows(6, '6.0')?.slice(2)).toEqual([
      [0, 0, 1, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, half, 1, 0],
      [0, 0, 0, half, 0, 1],
    ]);
    expect(rows(8, '7.1(wide)')?.[0]).toEqual([1, 0, 0, 0, 0, 0, 1, 0]);
    expect(rows(8, 'octagonal')?.map((row) => row.indexOf(1))).toEqual([0, 1, 2, -1, 3, 4, 6, 7]);
    for (const layout of ['5.1(side)', '5.1', null]) expect(automaticMix(6, 6, layout)).toBeNull();
    expect(automaticMix(4, 4, 'quad')).toBeNull();
    const mixed = (codec: string) => {
      const facts = hdFacts({
        audioTracks: [audioTrack({ codec, channels: 6, channelLayout: 'hexagonal' })],
      });
      const wide = aac({ codingMode: 'CODING_MODE_5_1', bitrate: 384000 });
      return filtersOf(onlyAudio(mustPlan(withSelectors({ 'Audio Selector 1': {} }, wide), facts)))[0];
    };
    expect(mixed('flac')).toContain('c3=0*c0|c4=0.99999999*c3+0.707107*c5');
    expect(mixed('pcm_s24le')).toContain('c3=0.99999999*c3|c4=0.99999999*c4');
  });

  test('channels that a codec names go where they belong, and samples without names keep their places', () => {
    const half = Math.SQRT1_2;
    expect(automaticMix(4, 2, '4.0')?.gains).toEqual([
      [1, 0, half, 0.5],
      [0, 1, half, 0.5],
    ]);
    expect(automaticMix(4, 6, 'quad(side)')?.gains.map((row) => row.indexOf(1))).toEqual([
      0, 1, -1, -1, 2, 3,
    ]);
    expect(automaticMix(5, 8)?.gains.map((row) => row.indexOf(1))).toEqual([0, 1, 2, -1, 3, 4, -1, -1]);
    expect(automaticMix(4, 2)?.gains).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
    const facts = (codec: string) =>
      hdFacts({ audioTracks: [audioTrack({ codec, channels: 4, channelLayout: '4.0' })] });
    const [coded, samples] = ['ac3', 'pcm_s24le'].map((codec) =>
      planOf(
        withSelectors({ 'Audio Selector 1': {} }, aac({ codingMode: 'CODING_MODE_2_0', bitrate: 128000 })),
        facts(codec),
      ),
    );
    const leftOut = (planned: typeof coded) =>
      planned?.findings.filter(({ message }) => /left out/.test(message)).length;
    expect([leftOut(coded), leftOut(samples)]).toEqual([0, 1]);
    expect(filtersOf(onlyAudio(mustPlan(withSelectors({ 'Audio Selector 1': {} }), facts('ac3'))))[0]).toBe(
      'pan args=stereo|c0=1*c0+0.707107*c2+0.500000*c3|c1=1*c1+0.707107*c2+0.500000*c3',
    );
  });

  test('the right number of channels is left alone', () => {
    expect(panOf(2, 'CODING_MODE_2_0', 128000)).toBeNull();
  });

  test('tracks joined by a selector get the layout of the coding mode', () => {
    const facts = hdFacts({
      audioTracks: [audioTrack({ channels: 1 }), audioTrack({ streamIndex: 2, channels: 1 })],
    });
    const rendition = onlyAudio(mustPlan(withSelectors({ 'Audio Selector 1': { tracks: [1, 2] } }), facts));
    expect(filtersOf(rendition)[0]).toBe('pan args=stereo|c0=1*c0|c1=1*c1');
  });

  test('the mix of the job replaces the automatic one; −60 is silence', () => {
    const outputChannels = [{ inputChannels: [0, -60] }, { inputChannels: [-6, -60] }];
    const remixSettings = { channelsIn: 2, channelsOut: 2, channelMapping: { outputChannels } };
    const rendition = onlyAudio(mustPlan(withSelectors({ 'Audio Selector 1': {} }, { remixSettings })));
    expect(filtersOf(rendition)[0]).toBe('pan args=stereo|c0=1*c0|c1=0.501187*c0');
  });

  test('a mix of more channels than there are is refused', () => {
    const remixSettings = {
      channelsIn: 4,
      channelsOut: 1,
      channelMapping: { outputChannels: [{ inputChannels: [0, 0, 0, 0] }] },
    };
    expect(errorsOf(planOf(withSelectors({ 'Audio Selector 1': {} }, { remixSettings })))[0]).toContain(
      'takes 4 channels',
    );
  });
});

describe('AAC', () => {
  test('CODING_MODE_AUTO follows the source', () => {
    const auto = withSelectors(
      { 'Audio Selector 1': {} },
      aac({ codingMode: 'CODING_MODE_AUTO', bitrate: 256000 }),
    );
    const of = (channels: number) =>
      onlyAudio(mustPlan(auto, hdFacts({ audioTracks: [audioTrack({ channels })] }))).channelLayout;
    expect([1, 2, 4, 6, 8].map(of)).toEqual(['mono', 'stereo', 'stereo', '5.1', '5.1']);
  });

  test('HE-AAC becomes AAC-LC within the LC table, and the job is told', () => {
    const job = withSelectors({ 'Audio Selector 1': {} }, aac({ codecProfile: 'HEV1', bitrate: 32000 }));
    const { plan, findings } = planOf(job);
    expect(plan?.audioRenditions[0]?.encoder).toMatchObject({
      bitrateBps: 64000,
      options: { profile: 'aac_low' },
    });
    expect(noticesOf(findings)).toEqual([expect.stringMatching(/^substituted .*codecProfile$/)]);
  });

  test('HE-AAC is refused where the operator says so, xHE-AAC always', () => {
    const he = withSelectors({ 'Audio Selector 1': {} }, aac({ codecProfile: 'HEV1', bitrate: 64000 }));
    expect(errorsOf(planOf(he, hdFacts(), { policy: { heAac: 'refuse' } }))).toEqual([
      expect.stringContaining('[HEV1]'),
    ]);
    const xhe = withSelectors({ 'Audio Selector 1': {} }, aac({ codecProfile: 'XHE', bitrate: 64000 }));
    expect(errorsOf(planOf(xhe))).toEqual([expect.stringContaining('[XHE]')]);
  });

  test('VBR takes a quality', () => {
    const job = withSelectors(
      { 'Audio Selector 1': {} },
      aac({ rateControlMode: 'VBR', vbrQuality: 'HIGH', bitrate: undefined }),
    );
    expect(onlyAudio(mustPlan(job)).encoder).toMatchObject({ bitrateBps: 0, options: { vbr: '5' } });
  });

  test('licensed codecs are refused once, without their parts', () => {
    const job = withSelectors(
      { 'Audio Selector 1': {} },
      { codecSettings: { codec: 'AC4', ac4Settings: { bitrate: 192000 } } },
    );
    expect(errorsOf(planOf(job))).toEqual([expect.stringMatching(/codec\] with value \[AC4\]/)]);
  });
});

describe('languages', () => {
  const languageOf = (description: Partial<AudioDescription>, language: string | null = 'eng') => {
    const facts = hdFacts({ audioTracks: [audioTrack({ language })] });
    return onlyAudio(mustPlan(withSelectors({ 'Audio Selector 1': {} }, description), facts)).language;
  };

  test("FOLLOW_INPUT takes the input's, else the configured one", () => {
    expect(languageOf({ languageCode: 'FRA' })).toBe('eng');
    expect(languageOf({ languageCode: 'FRA' }, null)).toBe('fra');
    expect(languageOf({}, null)).toBeNull();
  });

  test('USE_CONFIGURED takes the configured one, a custom code first', () => {
    expect(languageOf({ languageCodeControl: 'USE_CONFIGURED', languageCode: 'FRA' })).toBe('fra');
    expect(
      languageOf({ languageCodeControl: 'USE_CONFIGURED', languageCode: 'FRA', customLanguageCode: 'de-AT' }),
    ).toBe('deu');
  });

  test.each([
    ['fr', 'fra'],
    ['de', 'deu'],
    ['fil', 'fil'],
    ['ger', 'ger'],
    ['zh-Hant', 'zho'],
  ])('containers get three letters of %s', (customLanguageCode, written) => {
    expect(languageOf({ languageCodeControl: 'USE_CONFIGURED', customLanguageCode })).toBe(written);
  });
});
