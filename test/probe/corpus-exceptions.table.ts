/** Files of the media corpus whose outcome or facts differ from the manifest, each with its reason. */

/** Outcome we give instead of the documented one. */
export const corpusExceptions: Readonly<
  Record<string, { readonly outcome: 'facts' | number; readonly reason: string }>
> = {
  'audio/aac_adts_mpeg2.aac': { outcome: 'facts', reason: 'spec inputs.md 4 lists AAC without container' },
  'audio/aac_adts_sine.aac': { outcome: 'facts', reason: 'spec inputs.md 4 lists AAC without container' },
  'audio/aac_he_v2_adts.aac': { outcome: 'facts', reason: 'spec inputs.md 4 lists AAC without container' },
  'audio/raw_ac3.ac3': { outcome: 'facts', reason: 'spec inputs.md 4 lists AC-3 without container' },
  'video/mp4_av1_1080x720p29.97_aac_1s.mp4': {
    outcome: 'facts',
    reason: 'spec inputs.md 2 lists AV1 in MP4',
  },
  'video/mp4_av1_hdr10_1080p59.94_mdcv_clli_1s.mp4': {
    outcome: 'facts',
    reason: 'spec inputs.md 2 lists AV1 in MP4',
  },
  'video/webm_vp9_profile2_10bit.webm': {
    outcome: 1030,
    reason: 'its EBML header says Matroska, not WebM; VP9 is not listed for Matroska',
  },
  'broken/cenc_senc_h264_aac_8s.mp4': { outcome: 1010, reason: 'spec README: encrypted inputs are 1010' },
  'broken/cenc_widevine_fragmented.mp4': { outcome: 1010, reason: 'spec README: encrypted inputs are 1010' },
  'broken/m4a_drm_sample_entry.m4a': { outcome: 1010, reason: 'spec README: encrypted inputs are 1010' },
  'broken/m4a_truncated_74_bytes_absurd_duration.m4a': {
    outcome: 1075,
    reason: 'spec README: cut before the end of moov is 1075',
  },
  'broken/mp4_init_truncated_100_bytes.mp4': {
    outcome: 1075,
    reason: 'spec README: cut before the end of moov is 1075',
  },
  'broken/mp4_init_segment_only.mp4': {
    outcome: 1075,
    reason: 'spec README: an initialization segment alone is 1075',
  },
  'broken/mxf_dnxhd_truncated_512kb.mxf': { outcome: 1030, reason: 'spec README: MXF OP-Atom is 1030' },
  'broken/mxf_no_essence_class14.mxf': { outcome: 1030, reason: 'spec README: MXF OP-Atom is 1030' },
  'broken/mp4_audio_track_without_stsd.mp4': {
    outcome: 'facts',
    reason: 'the video is intact; the audio track is refused on its own, when a job selects it',
  },
};

/** How a job on a damaged file ends where neither the manifest nor `corpusExceptions` says it. */
export const jobExceptions: Readonly<
  Record<string, { readonly end: 'COMPLETE' | number; readonly reason: string }>
> = {
  'broken/fuzzed_isobmff_s07_aac.mp4': {
    end: 1040,
    reason: 'the sound decodes and its job completes; there is no picture whose rate the video could follow',
  },
  'broken/fuzzed_isobmff_s08_h264_aac.mp4': {
    end: 'COMPLETE',
    reason: 'pictures and sound decode in spite of the damage, which the manifest calls a terminal state too',
  },
  'broken/fuzzed_isobmff_s09_h264.mp4': {
    end: 1040,
    reason: 'the pictures decode and their job completes; the job asks for sound that the file has not',
  },
  'broken/fuzzed_isobmff_s18_unknown.mp4': {
    end: 1030,
    reason: 'the file opens, its one video track has a sample entry that no codec owns',
  },
};

/** Files whose facts differ from the manifest's ffprobe 5.1 summary. */
export const summaryExceptions: Readonly<Record<string, string>> = {
  'images/gif_gradient_720p_1frame.gif': 'one picture has no rate',
  'video/flv_h264_192x144p15_aac_10s.flv': 'ffprobe averages to 1000 fps; packets show 15000/1001',
  'video/flv_h264_aac_1080x720_1s.flv': 'ffprobe averages to 1000 fps; packets show 30',
  'video/mkv_h264_ac3_srt_1s.mkv': 'ffprobe averages to 1000 fps; packets show 30',
};
