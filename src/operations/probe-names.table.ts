/**
 * Names of the Probe operation for what our probe finds. Source of the names: enumerations Format, Codec, ColorPrimaries,
 * TransferCharacteristics and MatrixCoefficients of the service model, spelt as there; of the meanings: ITU-T H.273
 * (07/2021) tables 2 to 4.
 */
import type {
  Codec,
  ColorPrimaries,
  Format,
  MatrixCoefficients,
  TransferCharacteristics,
} from '../contract/types.generated.ts';

/** Formats the operation has names for; the format of other containers stays blank (documented). */
export const formatNames: ReadonlySet<string> = new Set<Format>([
  'aac',
  'ac3',
  'asf',
  'avi',
  'eac3',
  'flac',
  'matroska',
  'mp3',
  'mp4',
  'mpegps',
  'mpegts',
  'mxf',
  'ogg',
  'quicktime',
  'three_g2',
  'three_gp',
  'wave',
  'webm',
]);

/** By the library's codec name; PCM has many names and is found by its beginning. Others are UNKNOWN. */
export const codecNames: Readonly<Record<string, Codec>> = {
  aac: 'AAC',
  ac3: 'AC3',
  amr_nb: 'AMR',
  amr_wb: 'AMR',
  av1: 'AV1',
  dnxhd: 'VC3',
  dvvideo: 'DV',
  eac3: 'EAC3',
  eia_608: 'C608',
  flac: 'FLAC',
  h263: 'H263',
  h264: 'AVC',
  hevc: 'HEVC',
  jpeg2000: 'JPEG2000',
  mjpeg: 'MJPEG',
  mp2: 'MP2',
  mp3: 'MP3',
  mpeg1video: 'MPEG1',
  mpeg2video: 'MPEG2',
  mpeg4: 'MP4V',
  opus: 'OPUS',
  prores: 'PRORES',
  qtrle: 'QTRLE',
  r210: 'UNCOMPRESSED',
  rawvideo: 'UNCOMPRESSED',
  theora: 'THEORA',
  v210: 'UNCOMPRESSED',
  v308: 'UNCOMPRESSED',
  v408: 'UNCOMPRESSED',
  v410: 'UNCOMPRESSED',
  vc1: 'VC1',
  vorbis: 'VORBIS',
  vp8: 'VP8',
  vp9: 'VP9',
  webvtt: 'WEBVTT',
  wmapro: 'WMAPRO',
  wmav1: 'WMA',
  wmav2: 'WMA2',
};

/** By our names of facts. */
export const primariesNames: Readonly<Record<string, ColorPrimaries>> = {
  bt709: 'ITU_709',
  bt470m: 'ITU_470M',
  bt470bg: 'ITU_470BG',
  smpte170m: 'SMPTE_170M',
  smpte240m: 'SMPTE_240M',
  film: 'GENERIC_FILM',
  bt2020: 'ITU_2020',
  smpte428: 'SMPTE_428_1',
  smpte431: 'SMPTE_431_2',
  smpte432: 'SMPTE_EG_432_1',
  ebu3213: 'EBU_3213_E',
};

/** By our names of facts. */
export const transferNames: Readonly<Record<string, TransferCharacteristics>> = {
  bt709: 'ITU_709',
  bt470m: 'ITU_470M',
  bt470bg: 'ITU_470BG',
  smpte170m: 'SMPTE_170M',
  smpte240m: 'SMPTE_240M',
  linear: 'LINEAR',
  log100: 'LOG10_2',
  log316: 'LOC10_2_5',
  'iec61966-2-4': 'IEC_61966_2_4',
  bt1361e: 'ITU_1361',
  'iec61966-2-1': 'IEC_61966_2_1',
  'bt2020-10': 'ITU_2020_10bit',
  'bt2020-12': 'ITU_2020_12bit',
  smpte2084: 'SMPTE_2084',
  smpte428: 'SMPTE_428_1',
  'arib-std-b67': 'ARIB_B67',
};

/** By our names of facts. */
export const matrixNames: Readonly<Record<string, MatrixCoefficients>> = {
  gbr: 'RGB',
  bt709: 'ITU_709',
  fcc: 'FCC',
  bt470bg: 'ITU_470BG',
  smpte170m: 'SMPTE_170M',
  smpte240m: 'SMPTE_240M',
  ycgco: 'YCgCo',
  bt2020nc: 'ITU_2020_NCL',
  bt2020c: 'ITU_2020_CL',
  smpte2085: 'SMPTE_2085',
  'chroma-derived-nc': 'CD_NCL',
  'chroma-derived-c': 'CD_CL',
  ictcp: 'ITU_2100ICtCp',
};
