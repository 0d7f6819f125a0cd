/**
 * What the library's content probe may answer, and what we make of it (spec inputs.md 2–5). A demuxer that is in
 * neither table is never opened: some of them (playlists, concatenations, image sequences) open other files.
 */
import type { ContainerFormat } from '../../plan/facts.ts';

/** Demuxers of accepted containers. ISO and Matroska families are told apart by their own headers. */
export const acceptedDemuxers: Readonly<Record<string, ContainerFormat>> = {
  'mov,mp4,m4a,3gp,3g2,mj2': 'mp4',
  'matroska,webm': 'matroska',
  mxf: 'mxf',
  wav: 'wave',
  avi: 'avi',
  mpegts: 'mpegts',
  mpeg: 'mpegps',
  ogg: 'ogg',
  asf: 'asf',
  flv: 'flv',
  live_flv: 'flv',
  gif: 'gif',
  flac: 'flac',
  mp3: 'mp3',
  aac: 'aac',
  loas: 'aac',
  ac3: 'ac3',
  eac3: 'eac3',
  gsm: 'gsm',
  dv: 'dv',
  h264: 'elementary',
  hevc: 'elementary',
  mpegvideo: 'elementary',
};

/** Demuxers of pictures without a container: nothing in the file says when they are shown, and nothing can be sought. */
export const elementaryDemuxers: ReadonlySet<string> = new Set(
  Object.keys(acceptedDemuxers).filter((name) => acceptedDemuxers[name] === 'elementary'),
);

/** The first bytes of a container, and where they are. */
export interface Signature {
  readonly at: number;
  readonly bytes: string;
  readonly demuxer: string;
}

/**
 * Signatures of containers that the library's probe recognises only with some media behind them, or takes for bare bursts
 * when their samples hold data (SMPTE ST 337).
 */
export const signatures: readonly Signature[] = [
  // Signature and version (Adobe Flash Video File Format Specification 10.1, E.2).
  { at: 0, bytes: 'FLV\x01', demuxer: 'flv' },
  // Type of the first box (ISO/IEC 14496-12 4.3), form of a RIFF file (Multimedia Programming Interface 1.0, 2).
  { at: 4, bytes: 'ftyp', demuxer: 'mov,mp4,m4a,3gp,3g2,mj2' },
  { at: 8, bytes: 'WAVE', demuxer: 'wav' },
];

/** The library's demuxer of bare bursts: no container, but what it sees in one (ST 337 in WAV, MOV). */
export const burstDemuxer = 'spdif';

/** Plain single-file media that the service does not list: opened only to name the codec in error 1030. */
export const refusedDemuxers: ReadonlySet<string> = new Set([
  'aiff',
  'amr',
  'amrnb',
  'amrwb',
  'ape',
  'apng',
  'au',
  'av1',
  'bmp_pipe',
  'caf',
  'dnxhd',
  'dts',
  'dtshd',
  'h261',
  'h263',
  'ivf',
  'jpeg_pipe',
  'jpegxl_pipe',
  'm4v',
  'mlp',
  'mpc',
  'mpc8',
  'nut',
  'obu',
  'png_pipe',
  'qcp',
  'rm',
  'tak',
  'tiff_pipe',
  'truehd',
  'tta',
  'vc1',
  'vc1test',
  'vvc',
  'w64',
  'webp_pipe',
  'wtv',
  'wv',
  'yuv4mpegpipe',
]);

/** Major brands of ISO files that name a family of their own (ISO/IEC 14496-12 annex E, 3GPP TS 26.244, C.S0050). */
export const brandFamilies: readonly { readonly prefix: string; readonly container: ContainerFormat }[] = [
  { prefix: 'qt  ', container: 'quicktime' },
  { prefix: '3g2', container: 'three_g2' },
  { prefix: '3gp', container: 'three_gp' },
  { prefix: '3gr', container: 'three_gp' },
  { prefix: '3gs', container: 'three_gp' },
  { prefix: '3ge', container: 'three_gp' },
];
