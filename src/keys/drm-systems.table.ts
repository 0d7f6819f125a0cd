/** DRM systems by id (spec drm.md 2). */

/** Ids, lower case. */
export const drmSystems = {
  widevine: 'edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
  playReady: '9a04f079-9840-4286-ab92-e65be0885f95',
  fairPlay: '94ce86fb-07ff-4f43-adb8-93d2fa968ca2',
} as const;

/** `value` of ContentProtection where a system has one. */
export const protectionValues: Readonly<Record<string, string>> = { [drmSystems.playReady]: 'MSPR 2.0' };

/** KEYFORMAT of EXT-X-KEY. */
export const keyFormats: Readonly<Record<string, string>> = {
  [drmSystems.widevine]: `urn:uuid:${drmSystems.widevine}`,
  [drmSystems.playReady]: 'com.microsoft.playready',
  [drmSystems.fairPlay]: 'com.apple.streamingkeydelivery',
};
