/**
 * Codecs the service accepts as input, by container (spec inputs.md 2, 3 and 4 together: a codec listed only for
 * audio-only workflows is accepted wherever its container is). Names are the library's short codec names; a name
 * ending in `*` is a prefix.
 */
import type { ContainerFormat } from '../../plan/facts.ts';

/** Row of the table: a container, or the older of the two kinds of MPEG program stream. */
export type CodecRow = ContainerFormat | 'mpeg1_system' | 'output';

/** Video and audio codecs of one container. */
export interface AcceptedCodecs {
  readonly video: readonly string[];
  readonly audio: readonly string[];
}

const h263 = ['h263', 'h263p', 'h263i'];
const dv = ['dvvideo'];
const vc1 = ['vc1', 'wmv3'];
const proRes = ['prores'];
/** Canopus HQ, HQA and HQX (inputs.md 5). */
const canopus = ['hq_hqa', 'hqx'];
/** Packed and planar raw pictures, with the library's names for the QuickTime and AVI codes of "uncompressed". */
const uncompressed = [
  'rawvideo',
  'v210',
  'v210x',
  'v308',
  'v408',
  'v410',
  'r10k',
  'r210',
  'yuv4',
  'ayuv',
  'y41p',
  'avui',
];
const aac = ['aac', 'aac_latm'];
const dolby = ['ac3', 'eac3'];
const mpegAudio = ['mp1', 'mp2'];
const windowsMedia = ['wmav1', 'wmav2'];
/** Linear PCM; A-law and µ-law are companded and not listed. */
const pcm = [
  'pcm_s8*',
  'pcm_s16*',
  'pcm_s20*',
  'pcm_s24*',
  'pcm_s32*',
  'pcm_s64*',
  'pcm_u8',
  'pcm_u16*',
  'pcm_u24*',
  'pcm_u32*',
  'pcm_f16*',
  'pcm_f24*',
  'pcm_f32*',
  'pcm_f64*',
  'pcm_sga',
  'pcm_bluray',
  'pcm_dvd',
];
const smpte302 = ['s302m'];
const none: AcceptedCodecs = { video: [], audio: [] };

/** Accepted codecs by container. */
export const acceptedCodecs: Readonly<Record<CodecRow, AcceptedCodecs>> = {
  // What we wrote ourselves is read back, whatever it is.
  output: { video: ['*'], audio: ['*'] },
  three_gp: { video: ['h264', ...h263, 'mpeg4'], audio: [...aac, 'amr_nb', 'amr_wb'] },
  three_g2: { video: ['h264', ...h263, 'mpeg4'], audio: [...aac, 'amr_nb', 'amr_wb'] },
  asf: { video: vc1, audio: [...windowsMedia, 'wmapro'] },
  avi: {
    video: [...uncompressed, ...canopus, 'mpeg4', ...dv, 'mjpeg'],
    audio: [...dolby, 'dolby_e', 'mp3', ...mpegAudio, ...pcm],
  },
  flv: { video: ['h264', 'flv1', ...h263], audio: aac },
  gif: { video: ['gif'], audio: [] },
  hls: none,
  imf: { video: [...proRes, 'jpeg2000'], audio: pcm },
  matroska: {
    video: ['h264', 'mpeg2video', 'mpeg4', ...vc1],
    audio: [...aac, ...dolby, 'flac', 'opus', 'vorbis', ...pcm, ...windowsMedia],
  },
  webm: { video: ['vp8', 'vp9'], audio: ['opus', 'vorbis'] },
  quicktime: {
    video: [
      ...proRes,
      'h264',
      'mpeg4',
      ...dv,
      'h261',
      ...h263,
      'hevc',
      'jpeg2000',
      'mjpeg',
      'mjpegb',
      'mpeg2video',
      'qtrle',
      ...uncompressed,
    ],
    audio: [...aac, 'mp3', ...pcm],
  },
  mp4: {
    video: [
      'av1',
      'h264',
      'mpeg4',
      'h261',
      ...h263,
      'hevc',
      'jpeg2000',
      'mpeg2video',
      ...vc1,
      'vp9',
      ...uncompressed,
    ],
    audio: [...aac, ...dolby, 'flac', ...pcm, ...windowsMedia],
  },
  mpeg1_system: { video: ['mpeg1video', 'mpeg2video'], audio: [...aac, ...dolby, ...mpegAudio, ...pcm] },
  mpegps: { video: ['mpeg2video'], audio: mpegAudio },
  mpegts: {
    video: ['h264', 'hevc', 'mpeg2video', 'vc1'],
    audio: [...aac, ...dolby, 'dolby_e', ...mpegAudio, ...pcm, ...smpte302, ...windowsMedia],
  },
  mxf: {
    video: [...proRes, 'h264', ...dv, 'jpeg2000', 'mpeg2video', 'mpeg4', 'dnxhd', ...uncompressed],
    audio: [...aac, 'dolby_e', ...mpegAudio, ...pcm],
  },
  wave: { video: [], audio: [...pcm, 'gsm', 'gsm_ms', 'dolby_e'] },
  ogg: { video: [], audio: ['flac', 'opus', 'vorbis'] },
  flac: { video: [], audio: ['flac'] },
  mp3: { video: [], audio: ['mp3'] },
  aac: { video: [], audio: aac },
  ac3: { video: [], audio: ['ac3'] },
  eac3: { video: [], audio: ['eac3'] },
  gsm: { video: [], audio: ['gsm'] },
  pcm: { video: [], audio: pcm },
  aiff: none,
  dv: { video: dv, audio: pcm },
  elementary: { video: [...dv, 'h264', 'hevc', 'mpeg1video', 'mpeg2video'], audio: [] },
};

/** Profiles refused within an accepted codec (inputs.md 5, errors.md 1030): numbers of ITU-T H.264 annex A. */
export const refusedProfiles: readonly {
  readonly codec: string;
  readonly profile: number;
  readonly what: string;
}[] = [
  { codec: 'h264', profile: 244, what: 'High 4:4:4 Predictive profile' },
  { codec: 'h264', profile: 244 + 2048, what: 'High 4:4:4 Intra profile' },
  { codec: 'h264', profile: 144, what: 'High 4:4:4 profile' },
  { codec: 'h264', profile: 44, what: 'CAVLC 4:4:4 Intra profile' },
];
