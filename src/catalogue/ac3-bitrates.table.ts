/** Bit rates of AC-3. */

/** All there are, bit/s, in the order of their codes (ATSC A/52:2018 table 5.18). */
export const ac3LegalBitrates: readonly number[] = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
].map((kilobits) => kilobits * 1000);
