/** Values of AC-3 and E-AC-3 in the encoder's names (spec audio.md 3.2, 3.3; FFmpeg `libavcodec/ac3enc_opts_template.c`). */
import type {
  Ac3BitstreamMode,
  Eac3BitstreamMode,
  Eac3StereoDownmix,
  Eac3SurroundExMode,
} from '../contract/types.generated.ts';

/** Bit rates where the job gives none, by channel count. */
export const ac3DefaultBitrates: Readonly<Record<number, number>> = { 1: 96_000, 2: 192_000, 6: 384_000 };

/** The same for E-AC-3; 5 is 3/2 without LFE. */
export const eac3DefaultBitrates: Readonly<Record<number, number>> = {
  1: 96_000,
  2: 192_000,
  5: 384_000,
  6: 384_000,
};

/** `bsmod` by setting (ATSC A/52:2018 table 5.7). */
export const bitstreamModes: Readonly<Record<Ac3BitstreamMode | Eac3BitstreamMode, number>> = {
  COMPLETE_MAIN: 0,
  MUSIC_AND_EFFECTS: 1,
  VISUALLY_IMPAIRED: 2,
  HEARING_IMPAIRED: 3,
  DIALOGUE: 4,
  COMMENTARY: 5,
  EMERGENCY: 6,
  VOICE_OVER: 7,
};

/** `audio_service_type` by `bsmod`. */
export const serviceTypes: readonly string[] = ['ma', 'ef', 'vi', 'hi', 'di', 'co', 'em', 'vo'];

/** Codes of `bsmod`, besides 7, that the encoder takes for one channel only: commentary and emergency. */
export const monoModes: readonly number[] = [5, 6];

/** `dmixmod` by preferred stereo downmix (table D.2.2). */
export const downmixModes: Readonly<Record<Eac3StereoDownmix, number>> = {
  NOT_INDICATED: 0,
  LT_RT: 1,
  LO_RO: 2,
  DPL2: 3,
};

/** `dsurexmod` and `dsurmod` by setting (tables 5.11, D.2.7). */
export const surroundModes: Readonly<Record<Eac3SurroundExMode, number>> = {
  NOT_INDICATED: 0,
  DISABLED: 1,
  ENABLED: 2,
};

/** Levels of downmixes in dB by their code of three bits (tables D.2.3 to D.2.6); −60 is silence. */
export const mixLevelsDb: readonly number[] = [3, 1.5, 0, -1.5, -3, -4.5, -6, -60];

/** The same, linear. */
export const mixLevels: readonly string[] = [
  '1.414214',
  '1.189207',
  '1',
  '0.840896',
  '0.707107',
  '0.594604',
  '0.5',
  '0',
];

/** `cmixlev` by code, linear (table 5.9); 3 is reserved and means what 1 does. */
export const centerMixLevels: readonly string[] = ['0.707107', '0.594604', '0.5', '0.594604'];
/** `surmixlev` by code, linear (table 5.10); 3 is reserved and means what 1 does. */
export const surroundMixLevels: readonly string[] = ['0.707107', '0.5', '0', '0.5'];

/** Codes of three bits for those of `cmixlev`. */
export const foldedCenterLevels: readonly number[] = [4, 5, 6, 5];
/** Codes of three bits for those of `surmixlev`. */
export const foldedSurroundLevels: readonly number[] = [4, 6, 7, 6];
/** The nearest `cmixlev` for each code of three bits. */
export const plainCenterCodes: readonly number[] = [0, 0, 0, 0, 0, 1, 2, 2];
/** The nearest `surmixlev` for each code of three bits. */
export const plainSurroundCodes: readonly number[] = [0, 0, 0, 0, 0, 1, 1, 2];
