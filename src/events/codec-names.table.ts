/**
 * MediaConvert's codec names in INPUT_INFORMATION by FFmpeg codec name. Source: enums VideoCodec and AudioCodec of the
 * service model where they have the codec (H_264 and AAC observed in events, spec events.md 3); codecs that are only
 * inputs follow the same spelling.
 */

/** FFmpeg video codec name → event name; others are shown in upper case. */
export const videoCodecNames: Readonly<Record<string, string>> = {
  av1: 'AV1',
  dnxhd: 'VC3',
  gif: 'GIF',
  h264: 'H_264',
  hevc: 'H_265',
  mpeg1video: 'MPEG1',
  mpeg2video: 'MPEG2',
  mpeg4: 'MPEG4',
  prores: 'PRORES',
  rawvideo: 'UNCOMPRESSED',
  vc1: 'VC1',
  vp8: 'VP8',
  vp9: 'VP9',
};

/** FFmpeg audio codec name → event name; `pcm_…` is PCM, others are shown in upper case. */
export const audioCodecNames: Readonly<Record<string, string>> = {
  aac: 'AAC',
  ac3: 'AC3',
  ac4: 'AC4',
  eac3: 'EAC3',
  flac: 'FLAC',
  mp2: 'MP2',
  mp3: 'MP3',
  opus: 'OPUS',
  vorbis: 'VORBIS',
};
