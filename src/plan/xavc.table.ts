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
