/** What the groups of the players' job are made of, as the AWS CLI spells it. */
import type { PlayerName } from './start-player.ts';

/** One package: a group of the job, and who plays it. */
export interface PlayedPackage {
  /** Of its folder, too. */
  readonly name: string;
  readonly group: GroupType;
  readonly settings: (places: KeyPlaces) => object;
  readonly outputs: readonly object[];
  /** Players, and the extension of the manifest that each is given. */
  readonly players: readonly (readonly [player: PlayerName, manifest: string])[];
  readonly keys: 'none' | 'static' | 'server';
  /** Rows of `docs/coverage/packages.md` that it shows. */
  readonly rows: readonly string[];
}

/** Addresses that settings name. */
export interface KeyPlaces {
  /** Of the static key. */
  readonly keyUrl: string;
  /** Of the server that speaks SPEKE. */
  readonly spekeUrl: string;
}

const containers = { HLS: 'M3U8', CMAF: 'CMFC', DASH_ISO: 'MPD', MS_SMOOTH: 'ISMV' } as const;
const blocks = {
  HLS: 'HlsGroupSettings',
  CMAF: 'CmafGroupSettings',
  DASH_ISO: 'DashIsoGroupSettings',
  MS_SMOOTH: 'MsSmoothGroupSettings',
} as const;

/** As names of settings have it. */
export type GroupType = keyof typeof containers;
export type VideoCodec = keyof typeof codecs;

/** The group of a package. */
export function groupOf({ name, group, settings, outputs }: PlayedPackage, places: KeyPlaces): object {
  return {
    OutputGroupSettings: {
      Type: `${group}_GROUP_SETTINGS`,
      [blocks[group]]: { Destination: `s3://out/${name}/film`, ...settings(places) },
    },
    Outputs: outputs,
  };
}

/** The film, and its two languages. */
export const filmInput = {
  FileInput: 's3://media/film.mov',
  AudioSelectors: {
    'Audio eng': { SelectorType: 'LANGUAGE_CODE', LanguageCode: 'ENG' },
    'Audio fra': { SelectorType: 'LANGUAGE_CODE', LanguageCode: 'FRA' },
  },
} as const;

/** One output: its container follows from the group. */
export function output(group: GroupType, modifier: string, members: object): object {
  return { NameModifier: modifier, ContainerSettings: { Container: containers[group] }, ...members };
}

const gop = { GopSize: 1, GopSizeUnits: 'SECONDS' };
const codecs = {
  H_264: {
    H264Settings: { RateControlMode: 'CBR', Bitrate: 200_000, QualityTuningLevel: 'SINGLE_PASS', ...gop },
  },
  AV1: { Av1Settings: { RateControlMode: 'QVBR', MaxBitrate: 200_000, GopSize: 25 } },
  VP9: {
    Vp9Settings: {
      RateControlMode: 'VBR',
      Bitrate: 200_000,
      QualityTuningLevel: 'MULTI_PASS',
      GopSize: 25,
    },
  },
} as const;
const aac = {
  Codec: 'AAC',
  AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 },
} as const;

/** Pictures of half the film's size. */
export function little(codec: VideoCodec): object {
  return picture(codec, { Width: 192, Height: 108 });
}

/** Pictures of the film's size: its own, where they can be passed through. */
export function large(codec: VideoCodec): object {
  return codec === 'H_264'
    ? { VideoDescription: { CodecSettings: { Codec: 'PASSTHROUGH' } } }
    : picture(codec, {});
}

/** Pictures of any size. */
export function picture(codec: VideoCodec, size: object): object {
  return { VideoDescription: { ...size, CodecSettings: { Codec: codec, ...codecs[codec] } } };
}

/** The sound of a language. */
export function sound(language: 'eng' | 'fra'): object {
  return {
    AudioDescriptions: [
      {
        AudioSourceName: `Audio ${language}`,
        LanguageCodeControl: 'USE_CONFIGURED',
        LanguageCode: language.toUpperCase(),
        CodecSettings: aac,
      },
    ],
  };
}

/** Two sizes of pictures, each in an output of its own. */
export function sizes(group: GroupType, codec: VideoCodec, more: object = {}): readonly object[] {
  return [
    output(group, '_large', { ...large(codec), ...more }),
    output(group, '_little', { ...little(codec), ...more }),
  ];
}

/** Two sizes, and the sound beside them. */
export function ladder(group: GroupType, codec: VideoCodec): readonly object[] {
  return [...sizes(group, codec), output(group, '_sound', sound('eng'))];
}

/** Both languages, each in an output of its own; English is heard first. */
export function languages(group: 'HLS' | 'CMAF'): readonly object[] {
  const track = (type: string): object => ({
    OutputSettings:
      group === 'HLS' ? { HlsSettings: { AudioGroupId: 'sound', AudioTrackType: type } } : undefined,
    ...(group === 'CMAF'
      ? {
          ContainerSettings: {
            Container: 'CMFC',
            CmfcSettings: { AudioGroupId: 'sound', AudioTrackType: type },
          },
        }
      : {}),
  });
  return [
    output(group, '_eng', { ...sound('eng'), ...track('ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT') }),
    output(group, '_fra', { ...sound('fra'), ...track('ALTERNATE_AUDIO_AUTO_SELECT') }),
  ];
}

/** Segments of two seconds, fragments of one. */
export const pieces = { SegmentLength: 2, FragmentLength: 1 };
export const wholes = { ...pieces, SegmentControl: 'SINGLE_FILE' };

export const staticKey = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
/** Clear keys, as MPDs name them (DASH-IF registry of content protection). */
export const clearKeySystem = 'e2719d58-a985-b3c9-781a-b030af78d30e';
/** AES-128 by a key server (spec drm.md 2). */
const wholeSegmentSystem = '81376844-f976-481e-a84e-cc25d39b0b33';

/** Encryption with the static key, by the group's method. */
export function fixed(method: string, more: object = {}) {
  return ({ keyUrl }: KeyPlaces): object => ({
    EncryptionMethod: method,
    Type: 'STATIC_KEY',
    StaticKeyProvider: { StaticKeyValue: staticKey, Url: keyUrl },
    ...more,
  });
}

/** Encryption of DASH with keys of the server. */
export function served({ spekeUrl }: KeyPlaces): object {
  return { SpekeKeyProvider: { Url: spekeUrl, ResourceId: 'film', SystemIds: [clearKeySystem] } };
}

/** Encryption of HLS segments with a key of the server. */
export function servedWhole({ spekeUrl }: KeyPlaces): object {
  return {
    EncryptionMethod: 'AES128',
    Type: 'SPEKE',
    SpekeKeyProvider: { Url: spekeUrl, ResourceId: 'film', SystemIds: [wholeSegmentSystem] },
  };
}

/** A method of encryption as a coverage row names it, with its settings. */
export type Protection = readonly [
  row: string,
  keys: PlayedPackage['keys'],
  settings: ((places: KeyPlaces) => object) | null,
];

/** Group settings, encrypted or not. */
export function protectedSettings(settings: object, [, , encryption]: Protection) {
  return (places: KeyPlaces): object => ({
    ...settings,
    ...(encryption === null ? {} : { Encryption: encryption(places) }),
  });
}
