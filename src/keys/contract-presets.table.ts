/** Encryption contract presets of SPEKE 2 (spec drm.md 4.1). */

/** One key of a preset: the tracks it is for. */
export interface ContractClass {
  readonly intendedTrackType: string;
  readonly kind: 'video' | 'audio';
  /** Coded pixels, or channels; null: no bound. */
  readonly least: number | null;
  readonly most: number | null;
}

/** 1024 × 576, 1280 × 720, 1920 × 1080, 4096 × 2160. */
const [sd, hd1, hd, uhd1] = [589_824, 921_600, 2_073_600, 8_847_360] as const;

const video = (intendedTrackType: string, above: number | null, most: number | null): ContractClass => ({
  intendedTrackType,
  kind: 'video',
  least: above === null ? null : above + 1,
  most,
});
const audio = (intendedTrackType: string, least: number | null, most: number | null): ContractClass => ({
  intendedTrackType,
  kind: 'audio',
  least,
  most,
});

/** Classes by preset; SHARED and UNENCRYPTED have none of their own. */
export const contractPresets: Readonly<Record<string, readonly ContractClass[]>> = {
  PRESET_VIDEO_1: [video('VIDEO', null, null)],
  PRESET_VIDEO_2: [video('SD', null, sd), video('HD', sd, null)],
  PRESET_VIDEO_3: [video('SD', null, sd), video('HD', sd, hd), video('UHD', hd, null)],
  PRESET_VIDEO_4: [
    video('SD', null, sd),
    video('HD', sd, hd),
    video('UHD1', hd, uhd1),
    video('UHD2', uhd1, null),
  ],
  PRESET_VIDEO_5: [
    video('SD', null, sd),
    video('HD1', sd, hd1),
    video('HD2', hd1, hd),
    video('UHD1', hd, uhd1),
    video('UHD2', uhd1, null),
  ],
  PRESET_VIDEO_6: [
    video('SD', null, sd),
    video('HD1', sd, hd1),
    video('HD2', hd1, hd),
    video('UHD', hd, null),
  ],
  PRESET_VIDEO_7: [video('SD+HD1', null, hd1), video('HD2', hd1, hd), video('UHD', hd, null)],
  PRESET_VIDEO_8: [
    video('SD+HD1', null, hd1),
    video('HD2', hd1, hd),
    video('UHD1', hd, uhd1),
    video('UHD2', uhd1, null),
  ],
  PRESET_AUDIO_1: [audio('AUDIO', null, null)],
  PRESET_AUDIO_2: [audio('STEREO_AUDIO', null, 2), audio('MULTICHANNEL_AUDIO', 3, null)],
  PRESET_AUDIO_3: [
    audio('STEREO_AUDIO', null, 2),
    audio('MULTICHANNEL_AUDIO_3_6', 3, 6),
    audio('MULTICHANNEL_AUDIO_7', 7, null),
  ],
};
