/** What is measured and corrected of a rendition's loudness, decided (spec audio.md 5). */

/** What is done about the loudness of a rendition (Rec. ITU-R BS.1770). */
export interface LoudnessPlan {
  readonly algorithm: 'ITU_BS_1770_1' | 'ITU_BS_1770_2' | 'ITU_BS_1770_3' | 'ITU_BS_1770_4';
  /** One gain for the whole programme; null: measured only. */
  readonly correction: {
    readonly targetLkfs: number;
    /** Programmes below it are left alone. */
    readonly gateLkfs: number;
    /** Peaks above it are limited, dBTP. */
    readonly limitDbfs: number;
  } | null;
  readonly measuresTruePeak: boolean;
  /** A table of the loudness is written beside the output. */
  readonly isLogged: boolean;
}
