/** Audio codecs, loudness, labels and passthrough (spec audio.md 1–6, 10). */
import { describe, expect, test } from 'vitest';
import { validateRelations } from '../../src/contract/relations.ts';
import type {
  AudioCodecSettings,
  AudioDescription,
  ContainerSettings,
  JobSettings,
} from '../../src/contract/types.generated.ts';
import type { FileOutput } from '../../src/plan/group-plan.ts';
import type { AudioRendition } from '../../src/plan/plan.ts';
import { audioTrack, hdFacts } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  filtersOf,
  h264Video,
  jobWith,
  mustPlan,
  noticesOf,
  onlyAudio,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const surround = hdFacts({
  audioTracks: [audioTrack({ codec: 'ac3', channels: 6, channelLayout: '5.1(side)', bitrateBps: 448_000 })],
});

function rawJob(
  codecSettings: AudioCodecSettings,
  changes: Partial<AudioDescription> = {},
  container: 'RAW' | 'OGG' = 'RAW',
): JobSettings {
  const description: AudioDescription = { audioSourceName: 'Audio Selector 1', ...changes, codecSettings };
  return jobWith([fileGroup([{ containerSettings: { container }, audioDescriptions: [description] }])]);
}

function sound(
  codecSettings: AudioCodecSettings,
  changes?: Partial<AudioDescription>,
  facts = hdFacts(),
): AudioRendition {
  return onlyAudio(mustPlan(rawJob(codecSettings, changes), facts));
}

function fileOf(job: JobSettings, facts = hdFacts()): FileOutput | undefined {
  const [group] = mustPlan(job, facts).outputGroups;
  return group?.type === 'FILE_GROUP' ? group.outputs[0] : undefined;
}

function beside(container: ContainerSettings, description: AudioDescription): JobSettings {
  return jobWith([
    fileGroup([
      { containerSettings: container, videoDescription: h264Video(), audioDescriptions: [description] },
    ]),
  ]);
}

describe('elementary sound as a file', () => {
  test.each([
    [{ codec: 'AC3', ac3Settings: { bitrate: 192_000 } }, 'ac3', 'ac3', 'ac3', 'audio/ac3'],
    [{ codec: 'EAC3', eac3Settings: {} }, 'eac3', 'eac3', 'ec3', 'audio/eac3'],
    [{ codec: 'WAV', wavSettings: { bitDepth: 16 } }, 'pcm_s16le', 'wav', 'wav', 'audio/wav'],
    [{ codec: 'AIFF', aiffSettings: { bitDepth: 24 } }, 'pcm_s24be', 'aiff', 'aiff', 'audio/aiff'],
    [{ codec: 'FLAC', flacSettings: {} }, 'flac', 'flac', 'flac', 'audio/flac'],
    [{ codec: 'MP2', mp2Settings: {} }, 'mp2', 'mp2', 'mp2', 'audio/mpeg'],
    [
      { codec: 'MP3', mp3Settings: { rateControlMode: 'CBR', bitrate: 128_000 } },
      'libmp3lame',
      'mp3',
      'mp3',
      'audio/mpeg',
    ],
  ] as const)('%o', (codecSettings, encoder, muxer, extension, contentType) => {
    const file = fileOf(rawJob(codecSettings));
    expect(file).toMatchObject({
      container: 'RAW',
      muxer,
      contentType,
      location: `s3://out/folder/film.${extension}`,
    });
    expect(sound(codecSettings).encoder.encoder).toBe(encoder);
  });

  test('the header of a WAV file is the one asked for', () => {
    expect(fileOf(rawJob({ codec: 'WAV', wavSettings: { format: 'RF64' } }))?.muxerOptions).toEqual({
      header: 'RF64',
    });
  });

  test('Opus and Vorbis go into Ogg', () => {
    const job = rawJob({ codec: 'VORBIS', vorbisSettings: { vbrQuality: 6, channels: 1 } }, {}, 'OGG');
    expect(fileOf(job)).toMatchObject({ container: 'OGG', muxer: 'ogg', contentType: 'audio/ogg' });
    expect(onlyAudio(mustPlan(job))).toMatchObject({
      channelLayout: 'mono',
      encoder: { options: { global_quality: '708' } },
    });
  });
});

describe('Dolby', () => {
  test('AC-3 of 5.1: mode, metadata, low frequency filter', () => {
    const settings = {
      codingMode: 'CODING_MODE_3_2_LFE',
      bitrate: 448_000,
      dialnorm: 24,
      bitstreamMode: 'HEARING_IMPAIRED',
      lfeFilter: 'ENABLED',
    } as const;
    const planned = sound({ codec: 'AC3', ac3Settings: settings }, {}, surround);
    expect(planned).toMatchObject({ channelLayout: '5.1(side)', sampleRateHz: 48_000, sampleFormat: 'fltp' });
    expect(planned.encoder).toMatchObject({
      bitrateBps: 448_000,
      options: { dialnorm: '-24', audio_service_type: 'hi' },
    });
    expect(filtersOf(planned)).toContain('lowpass f=120 channels=LFE');
  });

  test('a rate that AC-3 does not have becomes the next one, and is said', () => {
    const { plan, findings } = planOf(rawJob({ codec: 'AC3', ac3Settings: { bitrate: 200_000 } }));
    expect(plan?.audioRenditions[0]?.encoder.bitrateBps).toBe(224_000);
    expect(noticesOf(findings).join()).toMatch(/substituted \S+ac3Settings\/bitrate/);
  });

  test('E-AC-3 writes mix levels as linear gains, and lowers the surrounds when asked', () => {
    const settings = {
      codingMode: 'CODING_MODE_3_2',
      loRoCenterMixLevel: -3,
      ltRtSurroundMixLevel: -60,
      stereoDownmix: 'LO_RO',
      attenuationControl: 'ATTENUATE_3_DB',
      lfeControl: 'NO_LFE',
    } as const;
    const planned = sound({ codec: 'EAC3', eac3Settings: settings }, {}, surround);
    expect(planned.channelLayout).toBe('5.0(side)');
    expect(planned.encoder.options).toMatchObject({
      loro_cmixlev: '0.707107',
      ltrt_surmixlev: '0',
      dmix_mode: '2',
    });
    expect(filtersOf(planned).join()).toMatch(/c3=0\.707107\*c3\|c4=0\.707107\*c4/);
  });

  test('bit rates of CODING_MODE_AUTO are those of the channels that the source has', () => {
    const errors = (bitrate: number) =>
      errorsOf(planOf(rawJob({ codec: 'EAC3', eac3Settings: { codingMode: 'CODING_MODE_AUTO', bitrate } })));
    expect(errors(32_000)).toEqual([expect.stringMatching(/take 96000 to 3024000 bit\/s/)]);
    expect(errors(96_000)).toEqual([]);
  });

  test('variable rate AAC has the sample rates of AAC', () => {
    const errors = (sampleRate: number) =>
      errorsOf(planOf(rawJob({ codec: 'AAC', aacSettings: { rateControlMode: 'VBR', sampleRate } })));
    expect(errors(8007)).toEqual([expect.stringMatching(/no such sample rate/)]);
    expect(errors(8000)).toEqual([]);
  });

  test('mono services are refused for more channels', () => {
    const job = rawJob({
      codec: 'EAC3',
      eac3Settings: { bitstreamMode: 'EMERGENCY', codingMode: 'CODING_MODE_2_0' },
    });
    expect(errorsOf(planOf(job))).toEqual([expect.stringMatching(/bitstreamMode\].*mono service/)]);
  });

  test.each(['EAC3_ATMOS', 'AC4'] as const)('%s needs a licensed encoder', (codec) => {
    expect(errorsOf(planOf(rawJob({ codec })))).toEqual([expect.stringMatching(/licensed encoder/)]);
  });
});

describe('operating points that do not exist are refused by name', () => {
  test.each([
    [{ codec: 'MP2', mp2Settings: { channels: 1, bitrate: 384_000 } }, /mp2Settings\/bitrate.*one channel/],
    [{ codec: 'MP3', mp3Settings: { rateControlMode: 'CBR', bitrate: 129_000 } }, /mp3Settings\/bitrate/],
    [
      { codec: 'MP3', mp3Settings: { rateControlMode: 'CBR', bitrate: 128_000, sampleRate: 30_000 } },
      /mp3Settings\/sampleRate/,
    ],
  ] as const)('%o', (codecSettings, text) => {
    expect(errorsOf(planOf(rawJob(codecSettings)))).toEqual([expect.stringMatching(text)]);
  });
});

describe('passthrough', () => {
  test('copies the one Dolby track', () => {
    const job = beside(
      { container: 'MP4' },
      { audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'PASSTHROUGH' } },
    );
    expect(onlyAudio(mustPlan(job, surround))).toMatchObject({
      encoder: { codec: 'AC3', encoder: 'copy' },
      filters: [],
    });
  });

  test('refuses sound that is not Dolby, and sound that is changed on the way', () => {
    const plain = beside(
      { container: 'MP4' },
      { audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'PASSTHROUGH' } },
    );
    expect(errorsOf(planOf(plain))).toEqual([expect.stringMatching(/the source is aac/)]);
    const loud = beside(
      { container: 'MP4' },
      {
        audioSourceName: 'Audio Selector 1',
        audioNormalizationSettings: {},
        codecSettings: { codec: 'PASSTHROUGH' },
      },
    );
    expect(errorsOf(planOf(loud, surround))).toEqual([expect.stringMatching(/no normalization/)]);
  });

  test('WHEN_POSSIBLE copies AAC of a file and encodes AAC of a transport stream', () => {
    const codecSettings = {
      codec: 'AAC',
      aacSettings: { passthroughControl: 'WHEN_POSSIBLE', codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 },
    } as const;
    const job = beside({ container: 'MP4' }, { ...stereo, codecSettings });
    expect(onlyAudio(mustPlan(job)).encoder.encoder).toBe('copy');
    const framed = hdFacts({ audioTracks: [audioTrack({ fourCc: '' })] });
    expect(onlyAudio(mustPlan(job, framed)).encoder.encoder).toBe('libfdk_aac');
  });
});

describe('loudness', () => {
  const loudnessOf = (audioNormalizationSettings: AudioDescription['audioNormalizationSettings']) =>
    sound({ codec: 'FLAC' }, { audioNormalizationSettings }).loudness;

  test('targets follow the algorithm, A/85 for the first edition and R 128 for the others', () => {
    expect(loudnessOf({ algorithm: 'ITU_BS_1770_1' })?.correction?.targetLkfs).toBe(-24);
    expect(loudnessOf({})?.correction).toEqual({ targetLkfs: -23, gateLkfs: -70, limitDbfs: 0 });
  });

  test('MEASURE_ONLY corrects nothing', () => {
    expect(loudnessOf({ algorithmControl: 'MEASURE_ONLY', loudnessLogging: 'LOG' })).toEqual({
      algorithm: 'ITU_BS_1770_2',
      correction: null,
      measuresTruePeak: false,
      isLogged: true,
    });
  });

  test('the log stands beside the output', () => {
    const file = fileOf(
      rawJob({ codec: 'FLAC' }, { audioNormalizationSettings: { loudnessLogging: 'LOG' } }),
    );
    expect(file?.loudnessLogs).toEqual([
      { renditionId: 'audio-1', location: 's3://out/folder/film_loudness_1.csv' },
    ]);
  });

  test('more than 5.1 needs the fourth edition', () => {
    const eight = hdFacts({ audioTracks: [audioTrack({ channels: 8, channelLayout: '7.1' })] });
    const job = rawJob(
      { codec: 'FLAC', flacSettings: { channels: 8 } },
      { audioNormalizationSettings: { algorithm: 'ITU_BS_1770_2' } },
    );
    expect(errorsOf(planOf(job, eight))).toEqual([expect.stringMatching(/measures up to 5\.1/)]);
  });
});

describe('labels', () => {
  const mono = hdFacts({ audioTracks: [audioTrack({ channels: 1, channelLayout: 'mono' })] });
  const wave: AudioCodecSettings = { codec: 'WAV', wavSettings: { channels: 1 } };

  test('channel tags become QuickTime labels', () => {
    const job = beside(
      { container: 'MOV' },
      { ...stereo, codecSettings: wave, audioChannelTaggingSettings: { channelTags: ['RS'] } },
    );
    expect(onlyAudio(mustPlan(job, mono)).channelLabels).toEqual([6]);
  });

  test('one tag per channel', () => {
    const job = beside(
      { container: 'MOV' },
      { ...stereo, codecSettings: wave, audioChannelTaggingSettings: { channelTags: ['L', 'R'] } },
    );
    expect(errorsOf(planOf(job, mono))).toEqual([
      expect.stringMatching(/tags 2 channels, and the track has 1/),
    ]);
  });

  test('audio_type follows the input, the job, or the broadcaster', () => {
    const typeOf = (description: Partial<AudioDescription>, audioType: number | null = null) =>
      onlyAudio(
        mustPlan(
          beside({ container: 'M2TS' }, { ...stereo, ...description }),
          hdFacts({ audioTracks: [audioTrack({ audioType })] }),
        ),
      ).audioType;
    expect(typeOf({ audioType: 2 })).toBe(2);
    expect(typeOf({ audioType: 2 }, 1)).toBe(1);
    expect(typeOf({ audioType: 2, audioTypeControl: 'USE_CONFIGURED' }, 1)).toBe(2);
    expect(
      typeOf({
        codecSettings: { codec: 'MP2', mp2Settings: { audioDescriptionMix: 'BROADCASTER_MIXED_AD' } },
      }),
    ).toBe(3);
  });
});

describe('audio descriptions mixed in', () => {
  const remixSettings = {
    channelMapping: { outputChannels: [{ inputChannels: [0, -60] }, { inputChannels: [0, -60] }] },
    channelsIn: 2,
    channelsOut: 2,
  } as const;

  test('a data channel of plain sound is refused', () => {
    const job = rawJob(
      { codec: 'FLAC' },
      {
        remixSettings: { ...remixSettings, audioDescriptionAudioChannel: 1, audioDescriptionDataChannel: 2 },
      },
    );
    expect(errorsOf(planOf(job))).toEqual([
      expect.stringMatching(/^1093 .*does not contain an AD data stream/),
    ]);
  });

  test('both channels or none', () => {
    const job = rawJob(
      { codec: 'FLAC' },
      { remixSettings: { ...remixSettings, audioDescriptionAudioChannel: 1 } },
    );
    expect(validateRelations(job).map(({ message }) => message)).toEqual([
      'audioDescriptionDataChannel is a required property',
    ]);
  });
});

test('sound that ends with the picture knows which', () => {
  const job = beside({ container: 'MP4', mp4Settings: { audioDuration: 'MATCH_VIDEO_DURATION' } }, stereo);
  expect(onlyAudio(mustPlan(job)).endsWithVideo).toBe('video-1');
});

test.each([
  [{ codec: 'FLAC', flacSettings: {} }, 16, 8],
  [{ codec: 'MP2', mp2Settings: { channels: 0 } }, 6, 2],
  [{ codec: 'MP3', mp3Settings: { channels: 0 } }, 6, 2],
  [{ codec: 'WAV', wavSettings: {} }, 7, 6],
  [{ codec: 'FLAC', flacSettings: { channels: 2 } }, 16, null],
  [{ codec: 'WAV', wavSettings: {} }, 16, null],
] as const)('%j of %i channels tells what becomes of those it has no form for', (codec, channels, most) => {
  const layout = channels === 6 ? '5.1' : `${channels} channels`;
  const facts = hdFacts({ audioTracks: [audioTrack({ channels, channelLayout: layout })] });
  const { findings } = planOf(rawJob(codec as AudioCodecSettings), facts);
  const told = findings.filter(({ pointer }) => pointer.endsWith('/channels'));
  const message = expect.stringContaining(`the ${channels} channels of the source become ${most}`);
  expect(told).toEqual(most === null ? [] : [expect.objectContaining({ severity: 'notice', message })]);
});
