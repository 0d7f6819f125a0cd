/** `smpte337Passthrough`: data in the place of samples goes through where nothing changes a bit of it, or is refused. */
import { describe, expect, test } from 'vitest';
import { jobFault } from '../../src/catalogue/fault.ts';
import type {
  AudioCodecSettings,
  AudioDescription,
  AudioSelector,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import type { AudioTrackFacts } from '../../src/plan/facts.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, fileGroup, h264Video, jobWith, mp4Output, planOf } from './plan-fixtures.ts';

const wrapped = (changes: Partial<AudioTrackFacts> = {}): AudioTrackFacts =>
  audioTrack({
    codec: 'pcm_s24le',
    fourCc: 'in24',
    bitDepth: 24,
    wrapped: 'dolby_e',
    refusal: jobFault(1030, 'audio-codec', { codec: 'dolby_e', track: 1 }).record,
    ...changes,
  });

interface Case {
  readonly selector?: AudioSelector;
  readonly codecSettings?: AudioCodecSettings;
  readonly description?: Partial<AudioDescription>;
  readonly video?: VideoDescription;
  readonly tracks?: readonly AudioTrackFacts[];
  readonly rate?: number;
}

const wave = (settings: object = {}): AudioCodecSettings => ({ codec: 'WAV', wavSettings: settings });

function plan({ selector = {}, codecSettings = wave(), description = {}, ...rest }: Case) {
  const output = {
    ...mp4Output(rest.video ?? h264Video()),
    containerSettings: { container: 'MOV' as const },
    audioDescriptions: [{ audioSourceName: 'Audio Selector 1', ...description, codecSettings }],
  };
  const inputs = [
    {
      fileInput: 's3://in/film.mov',
      audioSelectors: { 'Audio Selector 1': { smpte337Passthrough: 'ENABLED' as const, ...selector } },
    },
  ];
  const videoTracks = [videoTrack({ frameRate: { num: rest.rate ?? 25, den: 1 } })];
  const facts = hdFacts({ container: 'quicktime', videoTracks, audioTracks: rest.tracks ?? [wrapped()] });
  return planOf(jobWith([fileGroup([output])], { inputs }), facts);
}

describe('data in the place of samples', () => {
  test.each([
    ['WAV', wave()],
    ['WAV of the depth of its words', wave({ bitDepth: 24, channels: 2, sampleRate: 48_000 })],
  ] as const)('goes into %s', (_name, codecSettings) => {
    const planned = plan({ codecSettings });
    expect(errorsOf(planned)).toEqual([]);
    expect(planned.plan?.audioRenditions).toHaveLength(1);
  });

  test('is refused by its name without the setting, and by default', () => {
    const reason = '1030 Audio codec [dolby_e] for track [1] is not a supported input audio codec';
    for (const selector of [{ smpte337Passthrough: 'DISABLED' as const }, { smpte337Passthrough: undefined }])
      expect(errorsOf(plan({ selector: selector as AudioSelector }))).toEqual([
        expect.stringContaining(reason),
      ]);
  });

  const aac = { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 } as const;
  const halves = {
    channelMapping: { outputChannels: [{ inputChannels: [0, -60] }, { inputChannels: [-60, 0] }] },
  };
  test.each<readonly [string, Case, string]>([
    [
      'a codec with loss',
      { codecSettings: { codec: 'AAC', aacSettings: aac } },
      'fits WAV, AIFF, FLAC alone',
    ],
    ['fewer bits', { codecSettings: wave({ bitDepth: 16 }) }, 'keeps its 24 bits'],
    ['another rate', { codecSettings: wave({ sampleRate: 96_000 }) }, 'keeps its 48000 Hz'],
    ['other channels', { codecSettings: wave({ channels: 6 }) }, 'keeps its 2 channels'],
    ['a remix of the output', { description: { remixSettings: halves } }, 'no remix and no normalization'],
    ['a remix of the selector', { selector: { remixSettings: halves } }, 'no remix and no normalization'],
    [
      'a normalization',
      { description: { audioNormalizationSettings: { algorithm: 'ITU_BS_1770_3' } } },
      'no remix and no normalization',
    ],
    [
      'slow PAL',
      {
        rate: 24,
        video: h264Video({
          framerateControl: 'SPECIFIED',
          framerateNumerator: 25,
          framerateDenominator: 1,
          slowPal: 'ENABLED',
        }),
      },
      'cannot be played faster or slower',
    ],
  ])('is not given to %s', (_name, change, reason) => {
    const errors = errorsOf(plan(change));
    expect(errors).toEqual([expect.stringMatching(`^1040.*${reason}`)]);
  });

  test('in a track that is refused for its codec stays refused', () => {
    const refusal = jobFault(1030, 'audio-codec', { codec: 'pcm_vidc', track: 1 }).record;
    expect(errorsOf(plan({ tracks: [wrapped({ refusal })] }))).toEqual([
      expect.stringMatching(/^1030 Audio codec \[pcm_vidc\]/),
    ]);
  });

  test('of 16 bits fits 16', () => {
    const tracks = [wrapped({ codec: 'pcm_s16le', fourCc: 'sowt', bitDepth: 16 })];
    expect(errorsOf(plan({ tracks, codecSettings: wave({ bitDepth: 16 }) }))).toEqual([]);
  });

  test('beside which nothing is asked for is refused no more than any other track', () => {
    const tracks = [audioTrack({ codec: 'pcm_s24le', bitDepth: 24 }), wrapped({ streamIndex: 2 })];
    const planned = plan({ tracks });
    expect(errorsOf(planned)).toEqual([]);
    expect(planned.findings).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('the tracks hold sound, not data') }),
    );
  });
});
