/** Host jobs for the settings of audio codecs, loudness, labels and the containers of file groups. */
import type { AudioDescription, ContainerSettings, JobSettings, Output, VideoDescription } from '../../../src/contract/types.generated.ts';
import { audioTrack, hdFacts } from '../facts-fixtures.ts';
import type { HostJob } from './host-jobs.ts';

/** Dolby sound of six channels, and a described track of one. */
const facts = hdFacts({
  location: 's3://in/film.ts',
  container: 'mpegts',
  demuxer: 'mpegts',
  startTimecode: '01:00:00:00',
  audioTracks: [
    audioTrack({ channels: 6, channelLayout: '5.1(side)' }),
    audioTrack({ streamIndex: 2, trackId: 3, language: 'fra', channels: 1, channelLayout: 'mono', audioType: 1 }),
    audioTrack({
      streamIndex: 3,
      trackId: 4,
      codec: 'eac3',
      channels: 6,
      channelLayout: '5.1(side)',
      dolby: { syntax: 'E-AC-3', channelMode: 7, dialnorm: 24, hasRangeControl: false, bitstreamMode: 2, isCopyrighted: true },
    }),
    audioTrack({ streamIndex: 4, trackId: 5, codec: 'aac', fourCc: 'mp4a' }),
  ],
});

const selectors = {
  'Audio Selector 1': { tracks: [1], defaultSelection: 'DEFAULT' },
  'Audio Selector 2': { tracks: [2] },
  'Audio Selector 3': { tracks: [3] },
  'Audio Selector 4': { tracks: [4] },
} as const;

const picture: VideoDescription = {
  width: 1280,
  height: 720,
  timecodeTrack: 'DISABLED',
  codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'CBR', bitrate: 3_000_000 } },
};

function sound(codec: NonNullable<AudioDescription['codecSettings']>['codec'], block: string, settings: object, changes: Partial<AudioDescription> = {}): AudioDescription {
  return { audioSourceName: 'Audio Selector 1', ...changes, codecSettings: { codec, [block]: settings } as never };
}

const aac = sound('AAC', 'aacSettings', { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 });
const surround = sound('EAC3', 'eac3Settings', { codingMode: 'CODING_MODE_3_2', bitrate: 384_000 });
const stereoPlus = sound('EAC3', 'eac3Settings', { codingMode: 'CODING_MODE_2_0', bitrate: 192_000 });
const monoPlus = sound('EAC3', 'eac3Settings', { codingMode: 'CODING_MODE_1_0', bitrate: 96_000 });
const monoDolby = sound('AC3', 'ac3Settings', { codingMode: 'CODING_MODE_1_0', bitrate: 96_000 });
const dolby = sound('AC3', 'ac3Settings', { codingMode: 'CODING_MODE_3_2_LFE', bitrate: 448_000 });
const copiedPlus = sound('EAC3', 'eac3Settings', { codingMode: 'CODING_MODE_3_2', bitrate: 384_000 }, { audioSourceName: 'Audio Selector 3' });
const followedDolby = sound('AC3', 'ac3Settings', { codingMode: 'CODING_MODE_3_2_LFE', bitrate: 448_000, bitstreamMode: 'HEARING_IMPAIRED' }, { audioSourceName: 'Audio Selector 3' });
const followedPlus = sound('EAC3', 'eac3Settings', { codingMode: 'CODING_MODE_3_2', bitrate: 384_000, bitstreamMode: 'HEARING_IMPAIRED' }, { audioSourceName: 'Audio Selector 3' });
const wave = sound('WAV', 'wavSettings', { bitDepth: 24, channels: 1, sampleRate: 48_000 });
const loud = {
  algorithm: 'ITU_BS_1770_3',
  algorithmControl: 'CORRECT_AUDIO',
  correctionGateLevel: -60,
  loudnessLogging: 'DONT_LOG',
  peakCalculation: 'NONE',
  targetLkfs: -20,
  truePeakLimiterThreshold: -2,
} as const;

let made = 0;

function output(container: ContainerSettings, video: VideoDescription | null, ...audioDescriptions: readonly AudioDescription[]): Output {
  made += 1;
  return {
    nameModifier: `_${made}`,
    containerSettings: container,
    ...(video === null ? {} : { videoDescription: video }),
    ...(audioDescriptions.length === 0 ? {} : { audioDescriptions }),
  };
}

function job(...outputs: readonly Output[]): JobSettings {
  return {
    timecodeConfig: { source: 'ZEROBASED' },
    inputs: [{ fileInput: 's3://in/film.ts', videoSelector: {}, audioSelectors: selectors }],
    outputGroups: [
      { outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination: 's3://out/$fn$/sound' } }, outputs },
    ],
  };
}

const raw = (description: AudioDescription): Output => output({ container: 'RAW' }, null, description);
const ogg = (description: AudioDescription): Output => output({ container: 'OGG' }, null, description);

/** They have nothing to tell of other settings. */
const covers = /audioDescriptions|containerSettings/;

/** The jobs. */
export const soundHosts: readonly HostJob[] = [
  {
    name: 'elementary sound of every codec',
    settings: job(
      raw(dolby),
      raw(monoDolby),
      raw(surround),
      raw(stereoPlus),
      raw(monoPlus),
      raw(copiedPlus),
      raw(followedDolby),
      raw(followedPlus),
      raw(sound('WAV', 'wavSettings', { bitDepth: 16, channels: 2, sampleRate: 48_000 })),
      raw(sound('AIFF', 'aiffSettings', { bitDepth: 24, channels: 2, sampleRate: 48_000 })),
      raw(sound('MP2', 'mp2Settings', { bitrate: 192_000, channels: 1, sampleRate: 48_000 })),
      raw(sound('MP3', 'mp3Settings', { rateControlMode: 'CBR', bitrate: 128_000, vbrQuality: 4, channels: 1, sampleRate: 48_000 })),
      raw(sound('MP3', 'mp3Settings', { rateControlMode: 'VBR', bitrate: 128_000, vbrQuality: 4, channels: 1, sampleRate: 48_000 })),
      raw(sound('AAC', 'aacSettings', { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 }, { audioSourceName: 'Audio Selector 4' })),
      ogg(sound('FLAC', 'flacSettings', { bitDepth: 24, channels: 2, sampleRate: 48_000 })),
      ogg(sound('OPUS', 'opusSettings', { bitrate: 96_000, channels: 2, sampleRate: 48_000 })),
      ogg(sound('VORBIS', 'vorbisSettings', { vbrQuality: 4, channels: 2, sampleRate: 48_000 })),
    ),
    facts,
    covers,
  },
  {
    name: 'QuickTime with labels, Flash video, corrected loudness',
    settings: job(
      output({ container: 'MOV', movSettings: {} }, { ...picture, timecodeTrack: 'ENABLED' }, { ...wave, audioChannelTaggingSettings: { channelTag: 'L' } }),
      output({ container: 'MOV', movSettings: {} }, picture, { ...wave, audioChannelTaggingSettings: { channelTags: ['L'] } }),
      output({ container: 'F4V', f4vSettings: {} }, picture, aac),
      output({ container: 'MP4', mp4Settings: {} }, picture, { ...aac, audioNormalizationSettings: loud }),
    ),
    facts,
    covers,
  },
  {
    name: 'transport stream files',
    settings: job(
      output(
        {
          container: 'M2TS',
          m2tsSettings: {
            bitrate: 8_000_000,
            rateMode: 'VBR',
            ptsOffsetMode: 'MILLISECONDS',
            ptsOffset: 1500,
            pcrControl: 'CONFIGURED_PCR_PERIOD',
            segmentationMarkers: 'EBP',
            segmentationTime: 2,
            dvbNitSettings: { networkId: 1, networkName: 'net', nitInterval: 500 },
            dvbSdtSettings: { outputSdt: 'SDT_MANUAL', serviceName: 'one', serviceProviderName: 'two', sdtInterval: 500 },
            dvbTdtSettings: { tdtInterval: 1000 },
          },
        },
        picture,
        { ...aac, audioSourceName: 'Audio Selector 2', audioTypeControl: 'USE_CONFIGURED', audioType: 2 },
      ),
      output({ container: 'M2TS', m2tsSettings: { segmentationMarkers: 'NONE', segmentationTime: 2 } }, picture, surround, aac, sound('MP2', 'mp2Settings', { bitrate: 192_000, channels: 2 })),
    ),
    facts,
    covers,
  },
  {
    name: 'MXF',
    settings: job(output({ container: 'MXF', mxfSettings: {} }, picture, wave)),
    facts,
    covers,
  },
];
