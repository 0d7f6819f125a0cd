/** Values of AC-3 and E-AC-3 in the encoder's names (spec audio.md 3.2, 3.3; FFmpeg `libavcodec/ac3enc_opts_template.c`). */
import type {
  Ac3BitstreamMode,
  Eac3BitstreamMode,
  Eac3StereoDownmix,
  Eac3SurroundExMode,
} from '../contract/types.generated.ts';

/** Frame rate codes of AC-3 in bit/s (ATSC A/52 table 5.18). */
export const ac3LegalBitrates: readonly number[] = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
].map((kilobits) => kilobits * 1000);

/** Bit rates where the job gives none, by channel count. */
export const ac3DefaultBitrates: Readonly<Record<number, number>> = { 1: 96_000, 2: 192_000, 6: 384_000 };

/** The same for E-AC-3; 5 is 3/2 without LFE. */
export const eac3DefaultBitrates: Readonly<Record<number, number>> = {
  1: 96_000,
  2: 192_000,
  5: 384_000,
  6: 384_000,
};

/** `audio_service_type` by bitstream mode. */
export const serviceTypes: Readonly<Record<Ac3BitstreamMode | Eac3BitstreamMode, string>> = {
  COMPLETE_MAIN: 'ma',
  MUSIC_AND_EFFECTS: 'ef',
  VISUALLY_IMPAIRED: 'vi',
  HEARING_IMPAIRED: 'hi',
  DIALOGUE: 'di',
  COMMENTARY: 'co',
  EMERGENCY: 'em',
  VOICE_OVER: 'vo',
};

/** Bitstream modes that the encoder takes for one channel only. */
export const monoServiceTypes: readonly string[] = ['co', 'em', 'vo'];

/** `dmix_mode` by preferred stereo downmix. */
export const downmixModes: Readonly<Record<Eac3StereoDownmix, string>> = {
  NOT_INDICATED: 'notindicated',
  LO_RO: 'loro',
  LT_RT: 'ltrt',
  DPL2: 'dplii',
};

/** `dsurex_mode` and `dsur_mode` by setting. */
export const surroundModes: Readonly<Record<Eac3SurroundExMode, string>> = {
  NOT_INDICATED: 'notindicated',
  ENABLED: 'on',
  DISABLED: 'off',
};
