/**
 * System presets that lists show: the names seen in AWS's CLI examples, AWS's solutions and samples, and public job
 * documents. More exist; every name of the grammar resolves, whether it stands here or not (`system-preset-name.ts`).
 */

const cmafSizes: readonly (readonly [size: string, qvbr: string])[] = [
  ['1920x1080p_30Hz_10Mbps', 'Vq9'],
  ['1920x1080p_30Hz_8Mbps', 'Vq8'],
  ['1440x810p_30Hz_6Mbps', 'Vq9'],
  ['1440x810p_30Hz_5Mbps', 'Vq7'],
  ['1280x720p_30Hz_5Mbps', 'Vq9'],
  ['1280x720p_30Hz_4Mbps', 'Vq7'],
  ['960x540p_30Hz_2.5Mbps', 'Vq7'],
  ['768x432p_30Hz_1.2Mbps', 'Vq7'],
  ['640x360p_30Hz_0.8Mbps', 'Vq7'],
  ['416x234p_30Hz_0.36Mbps', 'Vq7'],
];

/** Names of the two CMAF ladders, in the order their templates use them. */
export const cmafQvbrNames: readonly string[] = cmafSizes.map(
  ([size, quality]) => `System-Ott_Cmaf_Cmfc_Avc_16x9_Sdr_${size}_Qvbr_${quality}`,
);
/** The same pictures at constant bit rates. */
export const cmafCbrNames: readonly string[] = cmafSizes.map(
  ([size]) => `System-Ott_Cmaf_Cmfc_Avc_16x9_Sdr_${size}_Cbr`,
);
/** Sound of the CMAF ladders. */
export const cmafAudioNames: readonly string[] = [
  'System-Ott_Cmaf_Cmfc_Aac_He_96Kbps',
  'System-Ott_Cmaf_Cmfc_Aac_He_64Kbps',
];

const ottSizes: readonly string[] = [
  '16x9_480x270p_15Hz_0.4Mbps',
  '16x9_640x360p_30Hz_0.6Mbps',
  '16x9_640x360p_30Hz_1.2Mbps',
  '16x9_960x540p_30Hz_3.5Mbps',
  '16x9_1280x720p_30Hz_3.5Mbps',
  '16x9_1280x720p_30Hz_5.0Mbps',
  '16x9_1280x720p_30Hz_6.5Mbps',
  '16x9_1920x1080p_30Hz_8.5Mbps',
];

/** The HLS ladder, in the order its template uses it. */
export const hlsLadderNames: readonly string[] = ottSizes.map((size) => `System-Ott_Hls_Ts_Avc_Aac_${size}`);
/** The DASH ladder, likewise. */
export const dashLadderNames: readonly string[] = ottSizes.map((size) => `System-Ott_Dash_Mp4_Avc_${size}`);

/** Progressive files, in the order their template uses them. */
export const progressiveNames: readonly string[] = [
  'System-Generic_Uhd_Mp4_Hevc_Aac_16x9_3840x2160p_24Hz_8Mbps',
  'System-Generic_Hd_Mp4_Hevc_Aac_16x9_1920x1080p_24Hz_4.5Mbps',
  'System-Generic_Hd_Mp4_Hevc_Aac_16x9_1280x720p_24Hz_3.0Mbps',
  'System-Generic_Hd_Mp4_Avc_Aac_16x9_1920x1080p_24Hz_6Mbps',
  'System-Generic_Hd_Mp4_Avc_Aac_16x9_1280x720p_24Hz_4.5Mbps',
  'System-Generic_Sd_Mp4_Avc_Aac_4x3_640x480p_24Hz_1.5Mbps',
];

/** Files at quality-defined rates, in the order of the CLI example's template. */
export const qvbrFileNames: readonly string[] = [
  'System-Generic_Hd_Mp4_Avc_Aac_16x9_Sdr_1280x720p_30Hz_5Mbps_Qvbr_Vq9',
  'System-Generic_Hd_Mp4_Avc_Aac_16x9_Sdr_1920x1080p_30Hz_10Mbps_Qvbr_Vq9',
  'System-Generic_Sd_Mp4_Avc_Aac_16x9_Sdr_640x360p_30Hz_0.8Mbps_Qvbr_Vq7',
  'System-Generic_Hd_Mp4_Hev1_Aac_16x9_Sdr_1280x720p_30Hz_4Mbps_Qvbr_Vq9',
  'System-Generic_Hd_Mp4_Hev1_Aac_16x9_Sdr_1920x1080p_30Hz_8Mbps_Qvbr_Vq9',
  'System-Generic_Uhd_Mp4_Hev1_Aac_16x9_Sdr_3840x2160p_30Hz_12Mbps_Qvbr_Vq9',
];

/** Sound of the DASH ladder. */
export const dashAudioName = 'System-Ott_Dash_Mp4_Aac_He_96Kbps';

const others: readonly string[] = [
  'System-Avc_16x9_1080p_29_97fps_8500kbps',
  'System-Avc_16x9_270p_14_99fps_400kbps',
  'System-Avc_16x9_360p_29_97fps_1200kbps',
  'System-Avc_16x9_360p_29_97fps_600kbps',
  'System-Avc_16x9_540p_29_97fps_3500kbps',
  'System-Avc_16x9_720p_29_97fps_3500kbps',
  'System-Avc_16x9_720p_29_97fps_5000kbps',
  'System-Avc_16x9_720p_29_97fps_6500kbps',
  'System-Avc_4x3_360p_14_99fps_400kbps',
  'System-Avc_4x3_480p_29_97fps_600kbps',
  'System-Generic_Hd_Mp4_Av1_Aac_16x9_1280x720p_24Hz_1Mbps_Qvbr_Vq6',
  'System-Generic_Hd_Mp4_Av1_Aac_16x9_1280x720p_24Hz_3.5Mbps_Qvbr_Vq8',
  'System-Generic_Hd_Mp4_Av1_Aac_16x9_1280x720p_25Hz_2Mbps_Qvbr_Vq7',
  'System-Generic_Hd_Mp4_Av1_Aac_16x9_1920x1080p_30Hz_5Mbps_Qvbr_Vq7',
  'System-Generic_Hd_Mp4_Av1_Aac_16x9_640x360p_24Hz_250Kbps_Qvbr_Vq6',
  'System-Generic_Hd_Mp4_Av1_Aac_16x9_640x360p_30Hz_250Kbps_Qvbr_Vq6',
  'System-Generic_Hd_Mp4_Avc_Aac_16x9_1280x720p_50Hz_6.0Mbps',
  'System-Generic_Hd_Mp4_Hevc_Aac_16x9_1920x1080p_50Hz_6Mbps',
  'System-Ott-Dash-Mpd_Av1_1280x720p_24Hz_1Mbps_Qvbr_Vq6',
  'System-Ott_Dash_Mp4_Avc_4x3_480x360p_15Hz_0.4Mbps',
  'System-Ott_Hls_Ts_Avc_Aac_4x3_640x480p_30Hz_0.6Mbps',
  'System-Xdcam_HD_1080i_29_97fps_35mpbs',
];

/** All of them, in order of code points. */
export const listedPresetNames: readonly string[] = [
  ...new Set([
    ...others,
    ...cmafQvbrNames,
    ...cmafCbrNames,
    ...cmafAudioNames,
    ...hlsLadderNames,
    ...dashLadderNames,
    dashAudioName,
    ...progressiveNames,
    ...qvbrFileNames,
  ]),
].toSorted();
