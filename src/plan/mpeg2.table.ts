/** MPEG-2 limits and weights. Sources: ITU-T H.262 (02/2012) Tables 6-4, 8-8, 8-11 to 8-14; masking weights are our choice. */
import { rational } from '../exact-time.ts';

/** Rates that have a code (frame_rate_code 1–8). */
export const mpeg2Rates = [
  rational(24000, 1001),
  rational(24),
  rational(25),
  rational(30000, 1001),
  rational(30),
  rational(50),
  rational(60000, 1001),
  rational(60),
];

/**
 * Level → codes, frame, samples a second, rate and buffer of Main and of 4:2:2 profile. 4:2:2 has codes of its own for
 * Main and High (table 8-4): Low counts as Main, High 1440 as High.
 */
export const mpeg2Levels = {
  LOW: {
    code: 10,
    code422: 5,
    widthPx: 352,
    heightPx: 288,
    samplesPerSecond: 3_041_280,
    bitrateBps: 4_000_000,
    bufferBits: 475_136,
    bitrate422Bps: 50_000_000,
    buffer422Bits: 9_437_184,
  },
  MAIN: {
    code: 8,
    code422: 5,
    widthPx: 720,
    heightPx: 608,
    samplesPerSecond: 11_059_200,
    bitrateBps: 15_000_000,
    bufferBits: 1_835_008,
    bitrate422Bps: 50_000_000,
    buffer422Bits: 9_437_184,
  },
  HIGH1440: {
    code: 6,
    code422: 2,
    widthPx: 1440,
    heightPx: 1152,
    samplesPerSecond: 47_001_600,
    bitrateBps: 60_000_000,
    bufferBits: 7_340_032,
    bitrate422Bps: 300_000_000,
    buffer422Bits: 47_185_920,
  },
  HIGH: {
    code: 4,
    code422: 2,
    widthPx: 1920,
    heightPx: 1152,
    samplesPerSecond: 62_668_800,
    bitrateBps: 80_000_000,
    bufferBits: 9_781_248,
    bitrate422Bps: 300_000_000,
    buffer422Bits: 47_185_920,
  },
} as const;

/** Adaptive quantization as masking weights: luminance, spatial complexity, temporal complexity. */
export const mpeg2Masking = {
  OFF: { luma: '0', complexity: '0', temporal: '0' },
  LOW: { luma: '0.02', complexity: '0.05', temporal: '0.02' },
  MEDIUM: { luma: '0.04', complexity: '0.1', temporal: '0.04' },
  HIGH: { luma: '0.06', complexity: '0.15', temporal: '0.06' },
} as const;

/**
 * The finest quantizer of the syntax (H.262 7.4.2.2: code 1), for pictures and for macroblocks; the library stops at 2,
 * which leaves an average short: a pan at 1.5 Mb/s came to 69.6 % and comes to 101 %. Its bounds of lambda are 118 times
 * those of the quantizer (libavutil, FF_QP2LAMBDA). A third of it lets decisions by rate and distortion, which drop what the
 * finest quantizer would keep, spend more (that pan: 91.6 and 101.8 %); quick ones spend nothing more, and rate control that
 * believes in it overspends (a trailer between titles: 115.3 % at SSIM 0.9863, 108.8 % at 0.9888 without it).
 */
export const mpeg2Finest = {
  quick: { qmin: '1', lmin: '118', mblmin: '118' },
  thorough: { qmin: '1', lmin: '40', mblmin: '40' },
} as const;

/**
 * While it knows nothing of the pictures, the library's rate control spends on one what is due to fifteen, and starves those
 * behind it for a second: for the first second, or a quarter of the clip, the quantizer is no finer than code 3 (our choice).
 * Ten seconds of cuts at 8 Mb/s: SSIM 0.694, 0.706 with the tolerance below alone, 0.721 with both.
 */
export const mpeg2Opening = {
  seconds: 1,
  shareOfClip: 0.25,
  options: { lmin: '354', mblmin: '354' },
} as const;

/**
 * A variable rate stays at code 2 (our choice) until it is so many seconds of its average behind: easy pictures gain little by
 * the finest quantizer, and what it takes is missing behind them. A minute has a second, so that the average is met within the
 * bar; brief clips have as much as the tolerance below, and no more than a share of the clip; what the briefest spare, nothing behind
 * it would take. Six seconds of a trailer between
 * titles came to 108.8 % at SSIM 0.9888 without this, with 1, 1.5 and 2 seconds to 107.1 % at 0.9900, 103.9 % at 0.9906, 99.5 % at
 * 0.9910; a pan over a minute to 100.8 % without, to 97.4 % with 1.5 seconds, to 98.2 % with one.
 */
export const mpeg2Sparing = {
  options: { lmin: '236', mblmin: '236' },
  briefSeconds: 30,
  minuteSeconds: 60,
  behindSeconds: { brief: 2, minute: 1 },
  shareOfClip: 0.25,
  leastClipSeconds: 3,
} as const;

/**
 * What the average may be off before all is done to bring it back, in seconds of the rate (`bt`). The library's own is
 * four megabits: half a second at 8 Mb/s, within which it goes from the finest quantizer to the coarsest.
 */
export const mpeg2ToleranceSeconds = 2;

/** Decisions by rate and distortion (libavcodec names; our choice). */
export const mpeg2Effort = { mbd: 'rd', trellis: '2', cmp: '2', subcmp: '2' } as const;

/**
 * Vectors of the picture before, this far around, are where the search begins too (`last_pred`; our choice): in noise it finds
 * none by itself, the less so the more threads share a picture. Cuts came from SSIM 0.706 to 0.807 in a tenth less time, from
 * 0.772 to 0.804 with quick decisions, a filmed clip from 0.9407 to 0.9423, others stayed.
 */
export const mpeg2Search = { last_pred: '3' } as const;

/**
 * How a second pass spends the average, by a look that decides quickly. Shares and evenness (our choice) by five filmed clips
 * and cuts: B pictures at 1.25 of the quantizer, which is the library's own, came to 0.0033 of SSIM less on one of them and
 * 0.0003 to 0.0005 on others; I pictures at 0.8 to 0.0005 less, at 0.5 to 0.0013; one quantizer for all to 0.006 less on cuts.
 */
export const mpeg2Allocation = {
  lookOptions: { mbd: 'simple', trellis: '0', cmp: '0', subcmp: '0' },
  shares: { intra: 0.6, predicted: 1, bidirectional: 2 },
  evenness: 0.8,
} as const;

/**
 * Every picture has the quantizer that its bounds are at: the library multiplies none by its kind, and where it may go on to
 * coarser ones it expects a picture to take all of its buffer at most, where by itself it leaves two thirds.
 */
export const mpeg2SameBounds = {
  b_qfactor: '1',
  b_qoffset: '0',
  i_qfactor: '-1',
  i_qoffset: '0',
  rc_max_vbv_use: '1',
} as const;

/** Coded lines of D-10 by the lines of pictures that come without blanking (SMPTE ST 356 5.2). */
export const d10Heights: Readonly<Record<number, number>> = { 486: 512, 576: 608 };

/** What the encoder (libavcodec, `mpegvideo_enc.c`) has room for in a picture that several threads code. */
export const mpeg2PictureRoom = { bytes: 10_000, macroblockBytes: 3_100 } as const;
