/** Host jobs in which settings of inputs take effect: clips, timecodes, several inputs. */
import { rational } from '../../../src/exact-time.ts';
import type { Input, JobSettings } from '../../../src/contract/types.generated.ts';
import type { InputFacts } from '../../../src/plan/facts.ts';
import { audioTrack, hdFacts, videoTrack } from '../facts-fixtures.ts';

/** Facts of the first input and of those after it. */
export interface InputHost {
  readonly name: string;
  readonly settings: JobSettings;
  readonly facts: InputFacts;
  readonly otherFacts?: readonly InputFacts[];
}

const facts = hdFacts({
  startTimecode: '01:00:00:00',
  audioTracks: [audioTrack({ sampleTimes: { tableSeconds: 63, soundSeconds: 60, isEven: true } }), audioTrack({ streamIndex: 2, trackId: 3, language: 'fra', channels: 1, channelLayout: 'mono' })],
});

const smaller = hdFacts({
  location: 's3://in/second.mp4',
  startTimecode: '01:00:00:00',
  videoTracks: [videoTrack({ widthPx: 1280, heightPx: 720, frameRate: rational(25), timeBase: rational(1, 25), durationTicks: 1500, frameCount: 1500 })],
});

function joined(...inputs: readonly Input[]): JobSettings {
  return {
    timecodeConfig: { source: 'EMBEDDED' },
    inputs,
    outputGroups: [
      {
        outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination: 's3://out/joined' } },
        outputs: [
          {
            containerSettings: { container: 'MP4', mp4Settings: {} },
            videoDescription: {
              timecodeTrack: 'ENABLED',
              codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 3_000_000 } },
            },
            audioDescriptions: [{ audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'AAC', aacSettings: { bitrate: 96000, codingMode: 'CODING_MODE_2_0', sampleRate: 48000 } } }],
          },
        ],
      },
    ],
  };
}

const selectors = { audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } } } as const;

const sound = hdFacts({
  location: 's3://in/sound.wav',
  container: 'wave',
  demuxer: 'wav',
  videoTracks: [],
  audioTracks: [audioTrack({ streamIndex: 0, codec: 'pcm_s16le' }), audioTrack({ streamIndex: 1, codec: 'pcm_s16le', language: 'fra' })],
});

const rendition = { ...sound, location: 's3://in/french.m3u8' };
const hlsPackage = {
  ...facts,
  container: 'hls',
  demuxer: 'mpegts',
  hlsAudio: [
    { groupId: 'sound', name: 'English', language: 'en', isDefault: true, location: null },
    { groupId: 'other', name: 'French', language: 'fr', isDefault: false, location: 's3://in/french.m3u8' },
  ],
} as const;

const generator = { duration: 1000, width: 320, height: 240, framerateNumerator: 25, framerateDenominator: 1, channels: 2 };

const composition = hdFacts({
  location: 's3://in/CPL.xml',
  container: 'imf',
  demuxer: 'imf',
  composition: [
    {
      kind: 'video',
      streamIndex: 0,
      rate: rational(25),
      parts: [
        {
          file: { location: 's3://in/picture.mxf', demuxer: 'mxf', streamIndex: 0, originUs: 0 },
          firstUnit: 0,
          unitCount: 100,
        },
      ],
    },
  ],
});

export const inputHosts: readonly InputHost[] = [
  {
    name: 'an IMF package',
    settings: joined({ fileInput: 's3://in/CPL.xml', supplementalImps: ['s3://in/original/'], ...selectors }),
    facts: composition,
    otherFacts: [sound],
  },
  {
    name: 'two inputs joined',
    settings: joined({ fileInput: 's3://in/film.mp4', ...selectors }, { fileInput: 's3://in/second.mp4', ...selectors }),
    facts,
    otherFacts: [smaller, sound],
  },
  {
    name: 'clips on a timeline of its own',
    settings: joined({
      fileInput: 's3://in/film.mp4',
      timecodeSource: 'SPECIFIEDSTART',
      timecodeStart: '00:00:10:00',
      videoSelector: { embeddedTimecodeOverride: 'NONE' },
      inputClippings: [{ startTimecode: '00:00:20:00', endTimecode: '00:00:40:00' }],
      ...selectors,
    }),
    facts: { ...facts, startTimecode: '00:00:05:00', videoTracks: [videoTrack({ mdpmTimecode: '02:00:00:00' })] },
    otherFacts: [sound],
  },
  {
    name: 'a generator behind a file',
    settings: joined(
      { fileInput: 's3://in/film.mp4', dynamicAudioSelectors: { 'Audio Selector 1': { selectorType: 'LANGUAGE_CODE', languageCode: 'ENG' } } },
      { videoGenerator: generator, ...selectors },
    ),
    facts,
    otherFacts: [sound],
  },
  {
    name: 'an HLS package',
    settings: joined({
      fileInput: 's3://in/film.m3u8',
      videoSelector: { selectorType: 'STREAM', streams: [1] },
      audioSelectors: {
        'Audio Selector 1': { selectorType: 'HLS_RENDITION_GROUP', hlsRenditionGroupSettings: {} },
      },
    }),
    facts: { ...hlsPackage, location: 's3://in/film.m3u8' },
    otherFacts: [sound, rendition],
  },
  {
    name: 'an encrypted input',
    settings: joined({
      fileInput: 's3://in/film.mp4',
      decryptionSettings: {
        decryptionMode: 'AES_CTR',
        encryptedDecryptionKey: 'AQIDAHhBAQIDAHhBAQIDAHhB',
        initializationVector: 'AQEBAQEBAQEBAQEBAQEBAQ==',
        kmsKeyRegion: 'eu-west-1',
      },
      ...selectors,
    }),
    facts,
    otherFacts: [sound],
  },
  {
    name: 'a filtered input',
    settings: joined({
      fileInput: 's3://in/film.mp4',
      filterEnable: 'FORCE',
      filterStrength: 3,
      advancedInputFilter: 'ENABLED',
      advancedInputFilterSettings: { sharpening: 'LOW' },
      ...selectors,
    }),
    facts,
    otherFacts: [sound],
  },
  {
    name: 'a filtered MPEG-2 input',
    settings: joined({ fileInput: 's3://in/film.mp4', deblockFilter: 'ENABLED', filterStrength: 3, ...selectors }),
    facts: { ...facts, videoTracks: [videoTrack({ codec: 'mpeg2video' })] },
    otherFacts: [sound],
  },
];
