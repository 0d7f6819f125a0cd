/** Inputs of a frame rate or with fields, and outputs of a frame rate. */
import type { H264Settings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';

/** 29.97 frames a second, top field first. */
export const interlaced: InputFacts = hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first' })] });

/** Settings of an output at that many frames a second. */
export const at = (num: number, den = 1): Partial<H264Settings> => ({
  framerateControl: 'SPECIFIED',
  framerateNumerator: num,
  framerateDenominator: den,
});

/** A progressive input at that many frames a second. */
export const sourceAt = (num: number, den = 1): InputFacts =>
  hdFacts({ videoTracks: [videoTrack({ frameRate: rational(num, den) })] });
