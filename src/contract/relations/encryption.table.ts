/** Content protection: who takes what. Source: spec drm.md 1.5, 2. */

/** FairPlay Streaming. It only decrypts cbcs. */
export const fairPlaySystemId = '94ce86fb-07ff-4f43-adb8-93d2fa968ca2';

/** Most DRM systems one group may name (packaging model; spec drm.md 1.5). */
export const maxSystemIds = { HLS: 3, DASH_ISO: 2, MS_SMOOTH: 1 } as const;

/** Codecs no scheme of the service encrypts. */
export const unprotectedCodecs: readonly string[] = ['VP8', 'VP9'];
