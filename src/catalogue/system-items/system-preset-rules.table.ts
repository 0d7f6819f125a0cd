/**
 * What presets of a group have in common. Source of each value: the settings that answers of the service repeat for
 * jobs over presets of the groups HLS and OTT-HLS, and public presets whose names say that they were copied from
 * GENERIC, OTT-DASH and OTT-CMAF ones; values nobody has published follow the nearest group that was.
 */
import type { ContainerSettings, Deinterlacer, H264Settings } from '../../contract/types.generated.ts';
import type { NamedVideo } from './system-preset-name.ts';
import type { PresetGroup } from './system-preset-words.table.ts';

/** Rules of a group. */
export interface GroupRules {
  /** Decoder buffer in seconds at the (maximum) bit rate. */
  readonly hrdSeconds: number;
  readonly gop: { readonly seconds: number; readonly units: 'FRAMES' | 'SECONDS' };
  /** The presets of the first release: no B-frames as references, one of them between large pictures. */
  readonly isOlder: boolean;
  /** Strong adaptive quantisation at any size; otherwise from 720 lines on. */
  readonly isStrongAlways: boolean;
}

const ott: GroupRules = {
  hrdSeconds: 2,
  gop: { seconds: 3, units: 'FRAMES' },
  isOlder: false,
  isStrongAlways: false,
};

/** By group. */
export const rulesOfGroups: Readonly<Record<PresetGroup, GroupRules>> = {
  HLS: { ...ott, hrdSeconds: 1.5, isOlder: true, isStrongAlways: true },
  'OTT-HLS': ott,
  'OTT-DASH': ott,
  'OTT-CMAF': ott,
  GENERIC: { ...ott, gop: { seconds: 2, units: 'SECONDS' } },
  MXF: ott,
};

/** Video settings that all of them have. */
export const videoOfAll = {
  scalingBehavior: 'DEFAULT',
  sharpness: 50,
  antiAlias: 'ENABLED',
  timecodeInsertion: 'DISABLED',
  afdSignaling: 'NONE',
  respondToAfd: 'NONE',
  dropFrameTimecode: 'ENABLED',
  colorMetadata: 'INSERT',
  deinterlacer: { algorithm: 'INTERPOLATE', mode: 'DEINTERLACE', control: 'NORMAL' } satisfies Deinterlacer,
} as const;

/**
 * Profile and level: MAIN at 3.1 for pictures below 720 lines, and up to there in the older group; otherwise HIGH at 4;
 * level AUTO where the picture does not fit (limits: ITU-T H.264 table A-1, macroblocks per frame, per side and per second,
 * and bits per second of the profile).
 */
export function h264LevelOf(
  video: NamedVideo,
  { isOlder }: GroupRules,
): {
  readonly profile: NonNullable<H264Settings['codecProfile']>;
  readonly level: NonNullable<H264Settings['codecLevel']>;
} {
  const across = Math.ceil(video.widthPx / 16);
  const down = Math.ceil(video.heightPx / 16);
  const macroblocks = across * down;
  const perSecond = (macroblocks * video.frameRate.numerator) / video.frameRate.denominator;
  const fits = (mostMacroblocks: number, mostPerSecond: number, mostBps: number): boolean =>
    macroblocks <= mostMacroblocks &&
    Math.max(across, down) <= Math.floor(Math.sqrt(8 * mostMacroblocks)) &&
    perSecond <= mostPerSecond &&
    video.bitrateBps <= mostBps;
  const isSmall = isOlder ? video.heightPx <= 720 : video.heightPx < 720;
  if (isSmall && fits(3600, 108_000, 16_800_000)) return { profile: 'MAIN', level: 'LEVEL_3_1' };
  return { profile: 'HIGH', level: fits(8192, 245_760, 25_000_000) ? 'LEVEL_4' : 'AUTO' };
}

/** AAC beside a picture: more bits for larger ones; HE-AAC for streams, LC where the file has room. */
export function aacBesidePicture(
  group: PresetGroup,
  heightPx: number,
): { readonly profile: 'HEV1' | 'LC'; readonly bitrateBps: number } {
  if (group === 'GENERIC') return { profile: 'LC', bitrateBps: heightPx >= 720 ? 160_000 : 128_000 };
  if (group === 'HLS' && heightPx >= 1080) return { profile: 'LC', bitrateBps: 128_000 };
  return { profile: 'HEV1', bitrateBps: heightPx >= 540 ? 96_000 : 64_000 };
}

/** Elementary stream identifiers of HLS presets: video 481, sound from 482 on. */
const m3u8Settings = {
  audioFramesPerPes: 4,
  pcrControl: 'PCR_EVERY_PES_PACKET',
  pmtPid: 480,
  privateMetadataPid: 503,
  programNumber: 1,
  patInterval: 0,
  pmtInterval: 0,
  videoPid: 481,
  audioPids: Array.from({ length: 17 }, (_, index) => 482 + index),
} as const;

/** Container and its settings. Sound alone in CMAF says what it is to players, as a group with several of it requires. */
export function containerOf(group: PresetGroup, hasVideo: boolean): ContainerSettings {
  switch (group) {
    case 'HLS':
      return {
        container: 'M3U8',
        m3u8Settings: { ...m3u8Settings, scte35Pid: 500, timedMetadataPid: 502 },
      };
    case 'OTT-HLS':
      return { container: 'M3U8', m3u8Settings };
    case 'OTT-DASH':
      return { container: 'MPD' };
    case 'OTT-CMAF':
      return hasVideo
        ? { container: 'CMFC' }
        : {
            container: 'CMFC',
            cmfcSettings: { audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' },
          };
    case 'GENERIC':
      return {
        container: 'MP4',
        mp4Settings: {
          cslgAtom: 'INCLUDE',
          freeSpaceBox: 'EXCLUDE',
          moovPlacement: 'PROGRESSIVE_DOWNLOAD',
        },
      };
    case 'MXF':
      return { container: 'MXF', mxfSettings: { profile: 'XDCAM' } };
  }
}
