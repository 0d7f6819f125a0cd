/**
 * Jobs in which settings take effect: each leaf of the model is changed in these, one at a time. Between them they
 * hold every feature of the planner in a state where its settings count.
 */
import { rational } from '../../../src/exact-time.ts';
import type { JobSettings, Output, VideoDescription } from '../../../src/contract/types.generated.ts';
import type { InputFacts } from '../../../src/plan/facts.ts';
import { fileHosts } from './file-hosts.ts';
import { videoHosts } from './video-hosts.ts';
import { audioTrack, hdFacts, videoTrack } from '../facts-fixtures.ts';
import { soundHosts } from './sound-hosts.ts';
import { inputHosts } from './input-hosts.ts';
import { signalHosts } from './signal-hosts.ts';

export interface HostJob {
  readonly name: string;
  readonly settings: JobSettings;
  readonly facts: InputFacts;
  /** Paths of the leaves it is made for; absent: all. */
  readonly covers?: RegExp;
  /** Of the inputs after the first. */
  readonly otherFacts?: readonly InputFacts[];
}

/** Two tracks, so that selectors have something to choose. */
const facts = hdFacts({
  startTimecode: '01:00:00:00',
  audioTracks: [audioTrack(), audioTrack({ streamIndex: 2, trackId: 3, language: 'fra', channels: 1, channelLayout: 'mono' })],
});

const transportStream = hdFacts({
  location: 's3://in/film.ts',
  container: 'mpegts',
  demuxer: 'mpegts',
  videoTracks: [
    videoTrack({ trackId: 256, fourCc: '' }),
    videoTrack({ trackId: 512, streamIndex: 3, widthPx: 1280, heightPx: 720, scan: 'top-field-first', colorPrimaries: null }),
  ],
  audioTracks: [audioTrack({ trackId: 257 }), audioTrack({ trackId: 513, streamIndex: 4, language: 'fra' })],
  programs: [
    { programNumber: 1, streamIndexes: [0, 1] },
    { programNumber: 2, streamIndexes: [3, 4] },
  ],
});

const animation = hdFacts({
  location: 's3://in/film.mov',
  container: 'quicktime',
  videoTracks: [videoTrack({ codec: 'qtrle', pixelFormat: 'argb', hasAlpha: true, rotationDegrees: 90 })],
});

const aac = { bitrate: 96000, codingMode: 'CODING_MODE_2_0', sampleRate: 48000 } as const;
const audio = [{ audioSourceName: 'Audio Selector 1', codecSettings: { codec: 'AAC', aacSettings: aac } }] as const;

const s3Settings = { encryption: { encryptionType: 'SERVER_SIDE_ENCRYPTION_KMS' } } as const;

function job(outputGroups: JobSettings['outputGroups'], changes: Partial<JobSettings> = {}): JobSettings {
  return {
    timecodeConfig: { source: 'ZEROBASED' },
    inputs: [
      {
        fileInput: 's3://in/film.mp4',
        videoSelector: {},
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' }, 'Audio Selector 2': { tracks: [2] } },
      },
    ],
    outputGroups,
    ...changes,
  };
}

function fileGroup(...outputs: readonly Output[]) {
  const fileGroupSettings = { destination: 's3://out/$fn$/file', destinationSettings: { s3Settings } } as const;
  return { outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings }, outputs } as const;
}

function mp4(video: VideoDescription | null, changes: Partial<Output> = {}): Output {
  return {
    nameModifier: '_mp4',
    containerSettings: { container: 'MP4', mp4Settings: {} },
    ...(video === null ? {} : { videoDescription: video }),
    audioDescriptions: audio,
    ...changes,
  };
}

const sized = { width: 1280, height: 720 };

const h264 = (settings: object): VideoDescription => ({
  ...sized,
  codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 3_000_000, ...settings } },
});

const h265 = (settings: object): VideoDescription => ({
  ...sized,
  codecSettings: { codec: 'H_265', h265Settings: { rateControlMode: 'VBR', bitrate: 3_000_000, ...settings } },
});

/** Rate, pixel aspect, groups and quantization all given, so that each number counts. */
const explicit = {
  framerateControl: 'SPECIFIED',
  framerateNumerator: 25,
  framerateDenominator: 1,
  parControl: 'SPECIFIED',
  parNumerator: 4,
  parDenominator: 3,
  gopSizeUnits: 'FRAMES',
  gopSize: 50,
  gopClosedCadence: 1,
  adaptiveQuantization: 'HIGH',
};

const quality = { rateControlMode: 'QVBR', bitrate: undefined, maxBitrate: 5_000_000, qvbrSettings: { qvbrQualityLevel: 7 } };

function hls(settings: object, outputs: readonly Output[]) {
  return {
    outputGroupSettings: {
      type: 'HLS_GROUP_SETTINGS',
      hlsGroupSettings: { destination: 's3://out/hls/main', segmentLength: 6, minSegmentLength: 0, ...settings },
    },
    outputs,
  } as const;
}

function segments(nameModifier: string, changes: Partial<Output>): Output {
  return { nameModifier, containerSettings: { container: 'M3U8', m3u8Settings: {} }, ...changes };
}

const ladder = hls(
  { destinationSettings: { s3Settings }, programDateTime: 'INCLUDE', additionalManifests: [{ manifestNameModifier: '_two', selectedOutputs: ['_720'] }] },
  [
    segments('_720', { videoDescription: h264(explicit), outputSettings: { hlsSettings: { audioRenditionSets: 'english' } } }),
    segments('_360', { videoDescription: { ...h264({}), width: 640, height: 360 }, audioDescriptions: audio }),
    segments('_audio', {
      audioDescriptions: audio,
      outputSettings: { hlsSettings: { audioGroupId: 'english', audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' } },
    }),
  ],
);

const transport = hls({ directoryStructure: 'SUBDIRECTORY_PER_STREAM', segmentLengthControl: 'GOP_MULTIPLE' }, [
  segments('_720', {
    videoDescription: h265(explicit),
    audioDescriptions: audio,
    containerSettings: {
      container: 'M3U8',
      m3u8Settings: { pcrControl: 'CONFIGURED_PCR_PERIOD', ptsOffsetMode: 'MILLISECONDS', ptsOffset: 1500 },
    },
  }),
  segments('_audio', { audioDescriptions: audio, outputSettings: { hlsSettings: { audioGroupId: 'other' } } }),
]);

const cmaf = {
  outputGroupSettings: {
    type: 'CMAF_GROUP_SETTINGS',
    cmafGroupSettings: {
      destination: 's3://out/cmaf/main',
      segmentLength: 6,
      fragmentLength: 2,
      writeSegmentTimelineInRepresentation: 'ENABLED',
      destinationSettings: { s3Settings },
      additionalManifests: [{ manifestNameModifier: '_two', selectedOutputs: ['_720'] }],
    },
  },
  outputs: [
    {
      nameModifier: '_720',
      containerSettings: { container: 'CMFC', cmfcSettings: { audioRenditionSets: 'english' } },
      videoDescription: h264(explicit),
    },
    {
      nameModifier: '_360',
      containerSettings: { container: 'CMFC', cmfcSettings: {} },
      videoDescription: { ...h265({}), width: 640, height: 360 },
    },
    {
      nameModifier: '_audio',
      containerSettings: {
        container: 'CMFC',
        cmfcSettings: { audioGroupId: 'english', audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' },
      },
      audioDescriptions: audio,
    },
    {
      nameModifier: '_other',
      containerSettings: {
        container: 'CMFC',
        cmfcSettings: { audioGroupId: 'other', audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT' },
      },
      audioDescriptions: audio,
    },
  ],
} as const;

const dash = {
  outputGroupSettings: {
    type: 'DASH_ISO_GROUP_SETTINGS',
    dashIsoGroupSettings: {
      destination: 's3://out/dash/main',
      segmentLength: 6,
      fragmentLength: 2,
      destinationSettings: { s3Settings },
      additionalManifests: [{ manifestNameModifier: '_two', selectedOutputs: ['_720'] }],
    },
  },
  outputs: [
    {
      nameModifier: '_720',
      containerSettings: { container: 'MPD', mpdSettings: {} },
      videoDescription: h264(explicit),
      audioDescriptions: audio,
    },
    {
      nameModifier: '_360',
      containerSettings: { container: 'MPD', mpdSettings: {} },
      videoDescription: { ...h264({}), width: 640, height: 360 },
    },
  ],
} as const;

const smoothOutputs = [
  { nameModifier: '_720', containerSettings: { container: 'ISMV' }, videoDescription: h264(explicit), audioDescriptions: audio },
  {
    nameModifier: '_360',
    containerSettings: { container: 'ISMV' },
    videoDescription: { ...h264(explicit), width: 640, height: 360 },
    audioDescriptions: audio,
  },
] as const;

const smooth = {
  outputGroupSettings: {
    type: 'MS_SMOOTH_GROUP_SETTINGS',
    msSmoothGroupSettings: {
      destination: 's3://out/smooth/main',
      fragmentLength: 2,
      destinationSettings: { s3Settings },
      additionalManifests: [{ manifestNameModifier: '_two', selectedOutputs: ['_720'] }],
    },
  },
  outputs: smoothOutputs,
} as const;

/** Groups of pictures that do not fill the fragments. */
const looseSmooth = {
  outputGroupSettings: {
    type: 'MS_SMOOTH_GROUP_SETTINGS',
    msSmoothGroupSettings: { destination: 's3://out/smooth/loose', fragmentLength: 3 },
  },
  outputs: smoothOutputs,
} as const;

const advanced = {
  imageBasedTrickPlay: 'ADVANCED',
  imageBasedTrickPlaySettings: { intervalCadence: 'FOLLOW_CUSTOM', thumbnailInterval: 5, thumbnailWidth: 312, tileWidth: 3, tileHeight: 3 },
} as const;

const variants = {
  imageBasedTrickPlay: 'VARIANTS',
  imageBasedTrickPlayVariants: [{ intervalCadence: 'FOLLOW_CUSTOM', thumbnailInterval: 5, thumbnailWidth: 312, tileWidth: 3, tileHeight: 3 }],
} as const;

/** Each kind of group with thumbnails of both forms. */
const illustrated = [advanced, variants].flatMap((images, index) => [
  hls({ destination: `s3://out/hls/images${index}`, ...images }, [segments('_720', { videoDescription: h264(explicit) })]),
  {
    outputGroupSettings: {
      type: 'CMAF_GROUP_SETTINGS',
      cmafGroupSettings: { destination: `s3://out/cmaf/images${index}/main`, segmentLength: 6, fragmentLength: 2, ...images },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'CMFC' }, videoDescription: h264(explicit) }],
  },
  {
    outputGroupSettings: {
      type: 'DASH_ISO_GROUP_SETTINGS',
      dashIsoGroupSettings: { destination: `s3://out/dash/images${index}/main`, segmentLength: 6, fragmentLength: 2, ...images },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'MPD' }, videoDescription: h264(explicit) }],
  },
] as const);

const singleFiles = { segmentControl: 'SINGLE_FILE', segmentLength: 6, fragmentLength: 2 } as const;

/** One file per output, one video each: profiles and segment lengths have no partner to agree with. */
const wholeFiles = [
  {
    outputGroupSettings: {
      type: 'CMAF_GROUP_SETTINGS',
      cmafGroupSettings: { destination: 's3://out/cmaf/whole', ...singleFiles },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'CMFC' }, videoDescription: h264(explicit) }],
  },
  {
    outputGroupSettings: {
      type: 'DASH_ISO_GROUP_SETTINGS',
      dashIsoGroupSettings: { destination: 's3://out/dash/whole', ...singleFiles },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'MPD' }, videoDescription: h264(explicit) }],
  },
] as const;

const staticKeyProvider = {
  staticKeyValue: '00112233445566778899aabbccddeeff',
  url: 'https://keys.example.com/1',
  keyFormat: 'identity',
} as const;

const spekeKeyProvider = { url: 'https://keys.example.com/speke', resourceId: 'film' } as const;
const systemIds = ['edef8ba9-79d6-4ace-a3c8-27dcd51d21ed'] as const;
const presets = {
  encryptionContractConfiguration: { spekeAudioPreset: 'PRESET_AUDIO_1', spekeVideoPreset: 'PRESET_VIDEO_1' },
} as const;

/** Keys from the job document, and keys from a server, in each kind of group. */
const locked = [
  hls({ encryption: { encryptionMethod: 'AES128', type: 'STATIC_KEY', staticKeyProvider, constantInitializationVector: '00112233445566778899aabbccddeeff' } }, [
    segments('_720', { videoDescription: h264(explicit) }),
  ]),
  {
    outputGroupSettings: {
      type: 'CMAF_GROUP_SETTINGS',
      cmafGroupSettings: {
        destination: 's3://out/cmaf/static',
        segmentLength: 6,
        fragmentLength: 2,
        encryption: { encryptionMethod: 'SAMPLE_AES', type: 'STATIC_KEY', staticKeyProvider },
      },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'CMFC' }, videoDescription: h264(explicit) }],
  },
] as const;

const served = [
  hls(
    {
      destination: 's3://out/hls/served',
      encryption: { encryptionMethod: 'AES128', type: 'SPEKE', spekeKeyProvider: { ...spekeKeyProvider, ...presets, systemIds } },
    },
    [segments('_720', { videoDescription: h264(explicit) })],
  ),
  {
    outputGroupSettings: {
      type: 'CMAF_GROUP_SETTINGS',
      cmafGroupSettings: {
        destination: 's3://out/cmaf/served',
        segmentLength: 6,
        fragmentLength: 2,
        encryption: {
          encryptionMethod: 'AES_CTR',
          type: 'SPEKE',
          spekeKeyProvider: { ...spekeKeyProvider, ...presets, dashSignaledSystemIds: systemIds, hlsSignaledSystemIds: systemIds },
        },
      },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'CMFC' }, videoDescription: h264(explicit) }],
  },
  {
    outputGroupSettings: {
      type: 'DASH_ISO_GROUP_SETTINGS',
      dashIsoGroupSettings: {
        destination: 's3://out/dash/served',
        segmentLength: 6,
        fragmentLength: 2,
        encryption: { spekeKeyProvider: { ...spekeKeyProvider, ...presets, systemIds } },
      },
    },
    outputs: [{ nameModifier: '_a', containerSettings: { container: 'MPD' }, videoDescription: h264(explicit) }],
  },
  {
    outputGroupSettings: {
      type: 'MS_SMOOTH_GROUP_SETTINGS',
      msSmoothGroupSettings: {
        destination: 's3://out/smooth/served',
        fragmentLength: 2,
        encryption: {
          spekeKeyProvider: { ...spekeKeyProvider, ...presets, systemIds: ['9a04f079-9840-4286-ab92-e65be0885f95'] },
        },
      },
    },
    outputs: [smoothOutputs[0]],
  },
] as const;

/** Every channel has its place, nothing is boosted. */
const remixSettings = { channelsIn: 2, channelsOut: 2, channelMapping: { outputChannels: [{ inputChannels: [0, -60] }, { inputChannels: [-60, 0] }] } };

const finelyTuned = { channelsIn: 2, channelsOut: 2, channelMapping: { outputChannels: [{ inputChannelsFineTune: [0, -60] }, { inputChannelsFineTune: [-60, 0] }] } };

const capture: Output = {
  nameModifier: '_picture',
  containerSettings: { container: 'RAW' },
  videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: { framerateNumerator: 1, framerateDenominator: 5 } } },
};

const raw: Output = { nameModifier: '_raw', containerSettings: { container: 'RAW' }, audioDescriptions: audio };

const timecodes = { timecodeConfig: { source: 'SPECIFIEDSTART', start: '01:00:00:00' } } as const;

const hybridLogGamma = [
  {
    fileInput: 's3://in/film.mp4',
    videoSelector: { colorSpace: 'HLG_2020' },
    audioSelectors: { 'Audio Selector 1': { remixSettings }, 'Audio Selector 2': { tracks: [2], defaultSelection: 'DEFAULT' } },
  },
] as const;

/** Segments of as many groups of pictures as the input has them. */
const passedThrough = hls({ destination: 's3://out/hls/passed' }, [
  segments('_same', {
    videoDescription: { codecSettings: { codec: 'PASSTHROUGH', passthroughSettings: { segmentationMode: 'GOP_COUNT', gopsPerSegment: 2 } } },
  }),
]);

/** The jobs, most telling first. */
export const hostJobs: readonly HostJob[] = [
  ...inputHosts,
  { name: 'MP4, H.264 VBR', settings: job([fileGroup(mp4({ ...h264({}), timecodeTrack: 'ENABLED' }))]), facts },
  { name: 'MP4, H.264 explicit', settings: job([fileGroup(mp4({ ...h264(explicit), timecodeTrack: 'ENABLED' }))], timecodes), facts },
  { name: 'HLS ladder', settings: job([ladder], timecodes), facts },
  { name: 'CMAF ladder', settings: job([cmaf]), facts },
  { name: 'DASH with sound in the video', settings: job([dash]), facts },
  { name: 'Smooth ladder', settings: job([smooth, looseSmooth]), facts, covers: /msSmooth/ },
  { name: 'thumbnails', settings: job(illustrated), facts, covers: /imageBased/ },
  { name: 'encrypted with keys of the document', settings: job(locked), facts },
  { name: 'encrypted with keys of a server', settings: job(served), facts },
  { name: 'video that passes through into segments', settings: job([passedThrough]), facts },
  { name: 'CMAF and DASH in whole files', settings: job(wholeFiles), facts },
  { name: 'MP4, H.264 QVBR', settings: job([fileGroup(mp4(h264(quality)))]), facts },
  { name: 'MP4, H.265 explicit', settings: job([fileGroup(mp4(h265(explicit)))], { inputs: hybridLogGamma }), facts },
  { name: 'MP4, H.265 QVBR', settings: job([fileGroup(mp4(h265({ ...quality, gopSizeUnits: 'SECONDS' })))]), facts },
  { name: 'HLS, transport stream', settings: job([transport]), facts: transportStream },
  { name: 'raw sound and pictures', settings: job([fileGroup(mp4(h264({})), raw, capture)]), facts: animation },
  {
    name: 'half the rate, blended',
    settings: job([fileGroup(mp4(h264({ ...explicit, framerateNumerator: 15, framerateConversionAlgorithm: 'INTERPOLATE' })))]),
    facts: hdFacts({ ...facts, videoTracks: [videoTrack({ codec: 'mpeg2video', sampleAspectRatio: rational(4, 3), colorTransfer: null, colorRange: null, scan: 'top-field-first' })] }),
  },
  {
    name: 'variable bit rate sound with a language',
    settings: job([
      fileGroup(
        mp4(null, {
          audioDescriptions: [
            {
              audioSourceName: 'Audio Selector 1',
              languageCodeControl: 'USE_CONFIGURED',
              languageCode: 'ENG',
              remixSettings,
              codecSettings: { codec: 'AAC', aacSettings: { ...aac, bitrate: undefined, rateControlMode: 'VBR', vbrQuality: 'HIGH' } },
            },
          ],
        }),
      ),
    ]),
    facts,
  },
  {
    name: 'selectors of all kinds',
    settings: job([fileGroup(mp4(h264({})), mp4(null, { nameModifier: '_g', audioDescriptions: [{ ...audio[0], audioSourceName: 'Group', remixSettings: finelyTuned }] }))], {
      inputs: [
        {
          fileInput: 's3://in/film.mp4',
          crop: { x: 0, y: 0, width: 1280, height: 720 },
          position: { x: 0, y: 0, width: 640, height: 360 },
          audioSelectors: {
            'Audio Selector 1': { selectorType: 'TRACK', tracks: [1], remixSettings: finelyTuned },
            'Audio Selector 2': { selectorType: 'LANGUAGE_CODE', languageCode: 'ENG' },
            'Audio Selector 3': { selectorType: 'STREAM', streams: [2] },
            'Audio Selector 4': { selectorType: 'PID', pids: [2] },
          },
          audioSelectorGroups: { Group: { audioSelectorNames: ['Audio Selector 2', 'Audio Selector 3', 'Audio Selector 4'] } },
        },
      ],
    }),
    facts,
  },
  {
    name: 'fallback selector',
    settings: job([fileGroup(mp4(h264({}), { audioDescriptions: [{ ...audio[0], audioSourceName: 'Nowhere' }] }))], { inputs: hybridLogGamma }),
    facts,
  },
  {
    name: 'cropped and placed output',
    settings: job([
      fileGroup(mp4({ ...h264({}), crop: { x: 0, y: 0, width: 1280, height: 720 }, position: { x: 0, y: 0, width: 640, height: 360 } })),
    ]),
    facts,
  },
  ...soundHosts,
  ...videoHosts,
  ...fileHosts,
  ...signalHosts,
];
