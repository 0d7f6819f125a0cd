/** Every package a job can ask for: group type × codec × segment mode × encryption, as the request names them. */
import type { OutputGroup, VideoDescription } from '../../../src/contract/types.generated.ts';
import { rational } from '../../../src/exact-time.ts';
import type { TinyTrack, TinyVideoCodec } from '../support/tiny-encode.ts';
import { encodeTinyAudio, encodeTinyVideo } from '../support/tiny-encode.ts';

/** One package. */
export interface PackageRow {
  readonly group: PackageGroup;
  readonly codec: PackageCodec;
  readonly mode: 'SEGMENTED_FILES' | 'SINGLE_FILE';
  readonly encryption: string;
}

/** As tests and documents name it. */
export function rowNameOf({ group, codec, mode, encryption }: PackageRow): string {
  return `${group} ${codec} ${mode} ${encryption}`;
}

export type PackageGroup = 'HLS' | 'CMAF' | 'DASH_ISO' | 'MS_SMOOTH';
export type PackageCodec = keyof typeof videoCodecs | keyof typeof audioCodecs;

/** Video codecs of the service's streaming groups, each as a small description. */
const videoCodecs = {
  H_264: { h264Settings: { rateControlMode: 'CBR', bitrate: 200_000 } },
  H_265: { h265Settings: { rateControlMode: 'CBR', bitrate: 200_000, writeMp4PackagingType: 'HVC1' } },
  AV1: { av1Settings: { rateControlMode: 'QVBR', maxBitrate: 200_000 } },
  VP8: { vp8Settings: { bitrate: 200_000 } },
  VP9: { vp9Settings: { bitrate: 200_000 } },
  PASSTHROUGH: {},
} as const;

const stereo = { codingMode: 'CODING_MODE_2_0', sampleRate: 48_000, bitrate: 96_000 } as const;
/** Sound codecs of the service's streaming groups. */
const audioCodecs = {
  AAC: { aacSettings: stereo },
  AC3: { ac3Settings: { ...stereo, bitrate: 192_000 } },
  EAC3: { eac3Settings: { ...stereo, bitrate: 192_000 } },
  FLAC: { flacSettings: { channels: 2, sampleRate: 48_000, bitDepth: 16 } },
  OPUS: { opusSettings: { channels: 2, sampleRate: 48_000, bitrate: 96_000 } },
  MP3: { mp3Settings: { channels: 2, sampleRate: 48_000, bitrate: 96_000, rateControlMode: 'CBR' } },
} as const;

export const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
const fixed = {
  type: 'STATIC_KEY',
  staticKeyProvider: { staticKeyValue: key, url: 'https://keys.example/key' },
} as const;
const playReady = '9a04f079-9840-4286-ab92-e65be0885f95';
const server = {
  spekeKeyProvider: { url: 'https://keys.example/speke', resourceId: 'film', systemIds: [playReady] },
} as const;

/** What each group type may be asked to encrypt with. */
export const encryptions: Readonly<Record<PackageGroup, Readonly<Record<string, object | null>>>> = {
  HLS: {
    none: null,
    AES128: { encryptionMethod: 'AES128', ...fixed },
    SAMPLE_AES: { encryptionMethod: 'SAMPLE_AES', ...fixed },
  },
  CMAF: {
    none: null,
    AES_CTR: { encryptionMethod: 'AES_CTR', ...fixed },
    SAMPLE_AES: { encryptionMethod: 'SAMPLE_AES', ...fixed },
  },
  DASH_ISO: { none: null, SPEKE: server },
  MS_SMOOTH: { none: null, SPEKE: server },
};

/** Smooth Streaming knows single files alone. */
export const packageRows: readonly PackageRow[] = (['HLS', 'CMAF', 'DASH_ISO', 'MS_SMOOTH'] as const).flatMap(
  (group) =>
    [...Object.keys(videoCodecs), ...Object.keys(audioCodecs)].flatMap((codec) =>
      (['SEGMENTED_FILES', 'SINGLE_FILE'] as const)
        .filter((mode) => group !== 'MS_SMOOTH' || mode === 'SINGLE_FILE')
        .flatMap((mode) =>
          Object.keys(encryptions[group]).map((encryption) => ({
            group,
            codec: codec as PackageCodec,
            mode,
            encryption,
          })),
        ),
    ),
);

export function isVideo(codec: PackageCodec): codec is keyof typeof videoCodecs {
  return codec in videoCodecs;
}

const containers = { HLS: 'M3U8', CMAF: 'CMFC', DASH_ISO: 'MPD', MS_SMOOTH: 'ISMV' } as const;

/** The group as a job has it: one output of one track. */
export function groupOf({ group, codec, mode, encryption }: PackageRow): OutputGroup {
  const protection = encryptions[group][encryption];
  const settings = {
    destination: 's3://out/vod/clip',
    ...(group === 'MS_SMOOTH' ? {} : { segmentControl: mode, segmentLength: 2 }),
    ...(group === 'HLS' ? { minSegmentLength: 0 } : { fragmentLength: 1 }),
    ...(protection == null ? {} : { encryption: protection }),
  };
  const [type, name] = {
    HLS: ['HLS_GROUP_SETTINGS', 'hlsGroupSettings'] as const,
    CMAF: ['CMAF_GROUP_SETTINGS', 'cmafGroupSettings'] as const,
    DASH_ISO: ['DASH_ISO_GROUP_SETTINGS', 'dashIsoGroupSettings'] as const,
    MS_SMOOTH: ['MS_SMOOTH_GROUP_SETTINGS', 'msSmoothGroupSettings'] as const,
  }[group];
  const track = isVideo(codec)
    ? {
        videoDescription: {
          ...(codec === 'PASSTHROUGH' ? {} : { width: 96, height: 54 }),
          codecSettings: { codec, ...videoCodecs[codec] },
        } as VideoDescription,
      }
    : {
        audioDescriptions: [
          { audioSourceName: 'Audio Selector 1', codecSettings: { codec, ...audioCodecs[codec] } },
        ],
      };
  return {
    outputGroupSettings: { type, [name]: settings },
    outputs: [{ nameModifier: '_a', containerSettings: { container: containers[group] }, ...track }],
  };
}

/** Tracks to put into packages; the codecs that no group takes need none. */
export function encodeTracks(): ReadonlyMap<PackageCodec, TinyTrack> {
  const picture = (codec: TinyVideoCodec): TinyTrack =>
    encodeTinyVideo({
      codec,
      frames: 110,
      widthPx: 96,
      heightPx: 54,
      forcedKeyFrameSeconds: rational(1),
      globalHeader: !codec.startsWith('VP'),
    });
  return new Map<PackageCodec, TinyTrack>([
    ...(['H_264', 'H_265', 'AV1', 'VP8', 'VP9'] as const).map((codec) => [codec, picture(codec)] as const),
    // Video of the source as it is.
    ['PASSTHROUGH', picture('H_264')],
    ...(['AAC', 'AC3', 'EAC3'] as const).map(
      (codec) => [codec, encodeTinyAudio({ codec, seconds: 4.4 })] as const,
    ),
  ]);
}
