/** H.264 levels, named by the job or chosen, against the pictures that are coded under them (rule V-13). */
import type { H264CodecLevel, H264CodecProfile, H264Settings } from '../contract/types.generated.ts';
import { type Rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import {
  h264DecodedPictures,
  h264LevelLimits,
  h264LevelNames,
  type LevelLimits,
  macroblocks,
} from './levels.table.ts';
import type { PictureCoding } from './picture-coding.ts';
import { x264References } from './quality.table.ts';
import type { RateControl } from './rate-control.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';

/** Checks an explicit level against size and rate (rule V-13); null with AUTO. */
export function readH264Level(
  settings: SettingsReader<H264Settings>,
  profile: H264CodecProfile,
  frame: EncodedFrame,
  findings: FindingLog,
): LevelLimits | null {
  const level = settings.read('codecLevel') ?? 'AUTO';
  if (level === 'AUTO') return null;
  const limits = h264LevelLimits(level, profile);
  const blocks = macroblocks(frame.widthPx, frame.heightPx);
  const rate: Rational = frame.frameRate;
  if (blocks > limits.pictureUnits || Math.max(frame.widthPx, frame.heightPx) > limits.longestSidePx) {
    findings.jobError(1040, 'level-resolution', { video: frame.ordinal }, settings.at('codecLevel'), {
      mediaFact: `${frame.widthPx} x ${frame.heightPx} is ${blocks} macroblocks`,
      expected: `at most ${limits.pictureUnits} macroblocks at level ${limits.name}`,
    });
  } else if (blocks * rationalToNumber(rate) > limits.unitsPerSecond) {
    findings.jobError(1040, 'level-framerate', { video: frame.ordinal }, settings.at('codecLevel'), {
      expected: `at most ${limits.unitsPerSecond} macroblocks a second at level ${limits.name}`,
    });
  }
  return limits;
}

type NamedLevel = Exclude<H264CodecLevel, 'AUTO'>;

/** B-frames that others refer to keep this many pictures. */
const pyramidPictures = 4;

/** The highest level that allows fields (H.264 table A-4); with more pictures than it keeps the encoder would tell 6.2. */
const highestFieldLevel = 'LEVEL_4_1';

/** All that allow them. */
const fieldLevels = h264LevelNames.slice(
  h264LevelNames.indexOf('LEVEL_2_1'),
  h264LevelNames.indexOf(highestFieldLevel) + 1,
);

/** The encoder chooses levels by the factors of VCL units, five sixths of those of NAL units (H.264 table A-2). */
const vclShare = 5 / 6;

/** What decoders of fields take; null for progressive pictures, which have levels enough. */
export function fieldLimits(profile: H264CodecProfile, { scan }: EncodedFrame): LevelLimits | null {
  if (scan === 'progressive') return null;
  const limits = h264LevelLimits(highestFieldLevel, profile);
  return {
    ...limits,
    bitrateBps: Math.floor(limits.bitrateBps * vclShare),
    bufferBits: Math.floor(limits.bufferBits * vclShare),
  };
}

/** Tells of a rate or a buffer that the job names beyond every level with fields: the stream says a level that has none. */
export function tellFieldRate(
  settings: SettingsReader<H264Settings>,
  { pacing }: Pick<RateControl, 'pacing'>,
  limits: LevelLimits,
  findings: FindingLog,
): void {
  const isFast = pacing.rateBps > limits.bitrateBps;
  if (!isFast && pacing.bufferBits <= limits.bufferBits) return;
  const rate = settings.has('maxBitrate') ? 'maxBitrate' : 'bitrate';
  findings.notice(
    'substituted',
    settings.at(isFast ? rate : 'hrdBufferSize'),
    `interlaced H.264 of this profile ends at level 4.1, with ${limits.bitrateBps} bit/s and a buffer of ${limits.bufferBits} bits: the stream says level 6.2, which decoders of fields may refuse`,
  );
}

/** The lowest level that has the size and the rate; the highest where none has them. */
function lowestLevel(frame: EncodedFrame): NamedLevel {
  return h264LevelNames.find((level) => hasPictures(level, frame)) ?? 'LEVEL_5_2';
}

function hasPictures(level: NamedLevel, { widthPx, heightPx, frameRate }: EncodedFrame): boolean {
  const blocks = macroblocks(widthPx, heightPx);
  const { pictureUnits, unitsPerSecond } = h264LevelLimits(level, 'HIGH');
  return blocks <= pictureUnits && blocks * rationalToNumber(frameRate) <= unitsPerSecond;
}

/**
 * The level of a bounded quality where the job names none, as the encoder takes it: the lowest for the pictures and the peak
 * that the job asks for; null where none has them, or none with fields. The encoder itself looks at the narrower bucket that
 * it is held to, and a level too low halves key pictures by its least compression (MinCR, H.264 A.3.1: 720 lines in noise,
 * SSIM 0.9660 at level 3.1, 0.9738 at 3.2).
 */
export function levelOfPeak(
  profile: H264CodecProfile,
  frame: EncodedFrame,
  { references, usesBReferences, qualityTuningLevel }: PictureCoding,
  { peakBps, pacing }: Pick<RateControl, 'peakBps' | 'pacing'>,
): string | null {
  const kept = Math.max(
    references ?? x264References[qualityTuningLevel],
    usesBReferences ? pyramidPictures : 0,
  );
  const hasRate = (level: NamedLevel): boolean => {
    const { bitrateBps, bufferBits } = h264LevelLimits(level, profile);
    return peakBps <= bitrateBps * vclShare && pacing.bufferBits <= bufferBits * vclShare;
  };
  const keeps = (level: NamedLevel): boolean =>
    kept <= h264DecodedPictures(level, macroblocks(frame.widthPx, frame.heightPx));
  const level = h264LevelNames
    .filter((each) => frame.scan === 'progressive' || fieldLevels.includes(each))
    .find((each) => hasPictures(each, frame) && hasRate(each) && keeps(each));
  return level === undefined ? null : h264LevelLimits(level, profile).name;
}

/**
 * Pictures to refer to, cut to what decoders of the level keep, which is the highest of fields or the lowest that fits where
 * none is named; more of them by name are a mistake (rule V-13).
 */
export function keepWithinLevel(
  settings: SettingsReader<H264Settings>,
  coding: PictureCoding,
  frame: EncodedFrame,
  findings: FindingLog,
): PictureCoding {
  const named = settings.read('codecLevel') ?? 'AUTO';
  const isChosen = named === 'AUTO' && frame.scan === 'progressive';
  // Pictures asked for may raise a level that nobody named, those of a preset do not: 1080 lines stay at 4.0 or 4.2.
  if (isChosen && coding.references !== null) return coding;
  const level = named === 'AUTO' ? (isChosen ? lowestLevel(frame) : highestFieldLevel) : named;
  const most = h264DecodedPictures(level, macroblocks(frame.widthPx, frame.heightPx));
  // A picture too large for the level is a finding of its own.
  if (most === 0) return coding;
  if (coding.references !== null && coding.references > most) {
    findings.incompatible(
      settings.at('numberReferenceFrames'),
      `decoders of ${named === 'AUTO' ? 'the highest level with fields' : 'this level'} keep ${most} pictures of ${frame.widthPx}x${frame.heightPx}`,
    );
  }
  const ofPreset = x264References[coding.qualityTuningLevel];
  return {
    ...coding,
    references: coding.references ?? (ofPreset > most ? most : null),
    usesBReferences: coding.usesBReferences && (isChosen || most >= pyramidPictures),
  };
}
