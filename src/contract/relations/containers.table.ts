/**
 * What may go into what. Source: spec containers.md 1–3 (which wins over packaging.md 1, spec README), with the
 * decisions of the README: F4V takes no MPEG-2.
 */

const noAudio: readonly string[] = [];

/** Output group type → containers. */
export const groupContainers: ReadonlyMap<string, readonly string[]> = new Map([
  ['FILE_GROUP_SETTINGS', ['F4V', 'GIF', 'M2TS', 'MOV', 'MP4', 'MXF', 'OGG', 'RAW', 'WEBM', 'Y4M']],
  ['HLS_GROUP_SETTINGS', ['M3U8']],
  ['DASH_ISO_GROUP_SETTINGS', ['MPD']],
  ['CMAF_GROUP_SETTINGS', ['CMFC']],
  ['MS_SMOOTH_GROUP_SETTINGS', ['ISMV']],
]);

/** Container → video codecs (containers.md 2). */
export const containerVideoCodecs: ReadonlyMap<string, readonly string[]> = new Map([
  ['MP4', ['AV1', 'H_264', 'H_265', 'PASSTHROUGH']],
  ['MOV', ['H_264', 'H_265', 'MPEG2', 'PASSTHROUGH', 'PRORES']],
  ['M2TS', ['H_264', 'H_265', 'MPEG2', 'PASSTHROUGH']],
  ['M3U8', ['H_264', 'H_265', 'PASSTHROUGH']],
  ['MPD', ['AV1', 'H_264', 'H_265', 'PASSTHROUGH', 'VP8', 'VP9']],
  ['CMFC', ['AV1', 'H_264', 'H_265', 'PASSTHROUGH', 'VP9']],
  ['ISMV', ['H_264']],
  ['F4V', ['H_264']],
  ['MXF', ['AVC_INTRA', 'H_264', 'MPEG2', 'PASSTHROUGH', 'VC3', 'XAVC']],
  ['WEBM', ['VP8', 'VP9']],
  ['RAW', ['AVC_INTRA', 'FRAME_CAPTURE', 'GIF', 'H_264', 'H_265', 'MPEG2', 'PASSTHROUGH', 'VC3', 'XAVC']],
  ['Y4M', ['UNCOMPRESSED']],
  ['GIF', ['GIF']],
  ['OGG', []],
]);

/** Dolby codecs that need a licensed encoder are let through: the job, not the request, is refused (spec README). */
const dolby = ['AC3', 'AC4', 'EAC3', 'EAC3_ATMOS', 'PASSTHROUGH'];

/** Container → audio codecs beside video (containers.md 3). */
export const containerAudioCodecs: ReadonlyMap<string, readonly string[]> = new Map([
  ['MP4', ['AAC', ...dolby]],
  ['MOV', ['AAC', 'AIFF', 'MP3', 'WAV', ...dolby]],
  ['M2TS', ['AAC', 'MP2', 'WAV', ...dolby]],
  ['M3U8', ['AAC', ...dolby]],
  ['MPD', ['AAC', ...dolby]],
  ['CMFC', ['AAC', ...dolby]],
  ['ISMV', ['AAC', ...dolby]],
  ['F4V', ['AAC']],
  ['MXF', ['WAV']],
  ['WEBM', ['OPUS', 'VORBIS']],
  ['RAW', noAudio],
  ['Y4M', noAudio],
  ['GIF', noAudio],
  ['OGG', noAudio],
]);

/** Container → audio codecs of an output without video (containers.md 3; ISMV after packaging.md 1, `.isma`). */
export const containerAudioOnlyCodecs: ReadonlyMap<string, readonly string[]> = new Map([
  ['MP4', ['AAC', ...dolby]],
  ['M2TS', ['AAC', 'MP2', ...dolby]],
  ['M3U8', ['AAC', 'AC3', 'PASSTHROUGH']],
  ['MPD', ['AAC', ...dolby]],
  ['CMFC', ['AAC', ...dolby]],
  ['ISMV', ['AAC', ...dolby]],
  ['OGG', ['FLAC', 'OPUS', 'VORBIS']],
  ['RAW', ['AAC', 'AC3', 'AC4', 'AIFF', 'EAC3', 'FLAC', 'MP2', 'MP3', 'PASSTHROUGH', 'WAV']],
  ['MOV', noAudio],
  ['F4V', noAudio],
  ['MXF', noAudio],
  ['WEBM', noAudio],
  ['Y4M', noAudio],
  ['GIF', noAudio],
]);

/** ProRes in MOV takes this audio alone. */
export const proresAudioCodecs: readonly string[] = ['AIFF'];

/** Containers that carry channel labels, and the codecs they label (spec audio.md A-12). */
export const labelledAudioCodecs: readonly string[] = ['AAC', 'AIFF', 'WAV'];
