/** Sizes of the long-group XAVC profiles (Sony XAVC overview: HD and 4K/QFHD; spec video.md 13). */
export const xavcSizes = {
  XAVC_HD: [
    [1920, 1080],
    [1440, 1080],
    [1280, 720],
  ],
  XAVC_4K: [
    [3840, 2160],
    [4096, 2160],
  ],
} as const;

/** H.264 levels of long groups, up to 30 frames a second and above it (H.264 table A-1: the lowest that have the samples). */
export const xavcLevels = {
  XAVC_HD: { usual: 'LEVEL_4_1', fast: 'LEVEL_4_2' },
  XAVC_4K: { usual: 'LEVEL_5_1', fast: 'LEVEL_5_2' },
} as const;
