/** Headers of a group's objects (spec naming.md 10). */
import type { ObjectSettings } from '../plan/group-plan.ts';
import type { WriteOptions } from '../store/store.ts';

/** Content types of HLS objects (spec naming.md 10). */
export const hlsContentTypes = {
  playlist: 'application/vnd.apple.mpegurl',
  mpegts: 'video/MP2T',
  adts: 'audio/aac',
  ac3: 'audio/ac3',
  eac3: 'audio/eac3',
} as const;

/** Content types of manifests beside playlists (spec naming.md 10). */
export const manifestContentTypes = {
  mpd: 'application/dash+xml',
  smooth: 'application/vnd.ms-sstr+xml',
} as const;

/** The group's settings with the type of one object. */
export function writeOptions(
  settings: ObjectSettings,
  contentType: string,
  contentEncoding?: string,
): WriteOptions {
  const { cannedAcl, storageClass, encryption } = settings;
  return {
    contentType,
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(cannedAcl === null ? {} : { cannedAcl }),
    ...(storageClass === null ? {} : { storageClass }),
    ...(encryption === null ? {} : { serverSideEncryption: encryption }),
  };
}
