/** Labels of channels by tag (Core Audio `AudioChannelLabel`, as QuickTime's `chan` atom writes them). */
import type { AudioChannelTag } from '../contract/types.generated.ts';

/** Tag → label. */
export const channelLabels: Readonly<Record<AudioChannelTag, number>> = {
  L: 1,
  R: 2,
  C: 3,
  LFE: 4,
  LS: 5,
  RS: 6,
  LC: 7,
  RC: 8,
  CS: 9,
  LSD: 10,
  RSD: 11,
  TCS: 12,
  VHL: 13,
  VHC: 14,
  VHR: 15,
  TBL: 16,
  TBC: 17,
  TBR: 18,
  RSL: 33,
  RSR: 34,
  LW: 35,
  RW: 36,
  LFE2: 37,
  LT: 38,
  RT: 39,
  HI: 40,
  NAR: 41,
  M: 42,
};
