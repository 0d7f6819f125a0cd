/** What active format codes mean (SMPTE ST 2016-1 table 1; ETSI TS 101 154 annex B). */

/** Shapes as width over height on the screen. */
export interface ActiveFormat {
  /** The part that holds the picture. */
  readonly active: number;
  /** The centre that must stay in sight; the same where everything must. */
  readonly protected: number;
  /** The part stands at the top of the frame instead of the middle. */
  readonly isAtTop?: true;
}

const standard = 4 / 3;
const wide = 16 / 9;
const between = 14 / 9;

/** By code; codes that are not here fill the frame or mean nothing. 4 is wider than 16:9: its shape is not told. */
export const activeFormats: Readonly<Record<number, ActiveFormat>> = {
  2: { active: wide, protected: wide, isAtTop: true },
  3: { active: between, protected: between, isAtTop: true },
  4: { active: wide, protected: wide },
  9: { active: standard, protected: standard },
  10: { active: wide, protected: wide },
  11: { active: between, protected: between },
  13: { active: standard, protected: between },
  14: { active: wide, protected: between },
  15: { active: wide, protected: standard },
};
