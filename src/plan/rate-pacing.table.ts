/**
 * How much stricter encoders are held than the job asks, so that their streams keep what was asked. Measured on the
 * moving clips of `bench/rate-control.ts` unless another source stands beside a value.
 */

/**
 * Bits in a window of W seconds are at most rate × W + buffer (leaky bucket, Rec. ITU-T H.264 annex C): the rate takes
 * this share of what the window may hold, the buffer takes the rest. On cuts and a pan bounded far below their quality,
 * SSIM is highest between 0.75 and 0.8 (0.881 and 0.985; with 0.9 key frames starve: 0.849 and 0.948; with 0.5 the rate
 * is missing: 0.820 and 0.987).
 */
export const steadyShare = 0.75;

/**
 * Shorter windows hold few pictures: the less they last, the more of them is the buffer's, or key pictures starve and all
 * behind them. With 0.75, 0.65 and 0.55 over 0.2 s a pan that is bounded has SSIM 0.738, 0.818 and 0.888 (0.45: cuts get
 * worse again), cuts 0.670, 0.720 and 0.741; over 0.5 s cuts 0.795, 0.809 and 0.804.
 */
export const shortWindow = { seconds: 0.2, steadyShare: 0.55, longSeconds: 1 } as const;

/** A steady rate no higher than a variable average would be a constant rate: it is this much above it. */
export const steadyOverAverage = 1.03;

/**
 * SVT-AV1 has no buffer, its maximum is one of stretches of pictures: cuts took 142 % of it in two seconds, with three
 * quarters of it up to 101 %, as its threads happen to meet.
 */
export const av1Share = 0.65;

/**
 * A variable rate that a buffer holds to less than so many seconds of its average does not come to it: the encoder keeps the
 * buffer full for key frames, and what is saved meanwhile is lost. In windows of 300 ms with a peak of 1.75 times the
 * average (0.22 s of buffer) a pan and cuts come to 68 and 80 % in x264, to 53 and 62 % in x265; two passes of x265 come to
 * 97 % and more.
 */
export const averageBufferSeconds = { 'H.264': 0.35, 'H.265': 0.55 } as const;

/** A constant rate holds its average within a hundredth (bar of the service's users: what a multiplex reserves). */
export const constantRateTolerance = 0.01;

/**
 * Of constant rates that their encoders fill (XAVC, MPEG-2). Below a second of its rate one pays with the picture for its
 * average (cuts in one x264 pass: SSIM 0.891 with a second, 0.887 with two thirds). Two passes know the end of the clip and leave the buffer empty there, so that
 * all it lent stays on top: a minute of cuts came to 101.1 % with a second, to 100.9 % with 0.8, for 0.002 of SSIM.
 */
export const shortestConstantBufferSeconds = { 1: 1, 2: 0.8 } as const;

/**
 * Constant rates that are filled up behind the encoder (H.264, H.265). Up to half a minute they have the buffer of decoders,
 * two seconds: what it lends is far more than a hundredth of such a clip anyway, and cuts need it. A clip of a minute has so
 * many seconds of it, and is asked for so many seconds less of the rate, and clips between the two something in between: a
 * minute of cuts comes to 101.1 % with two seconds of H.264 and to 100.8 % so, of H.265 to 101.6 and 100.9 %, eight filmed clips
 * to 101.1 and 100.9 %. What H.265 is asked for less does nothing more where the buffer runs full in the middle. Longer clips
 * are asked for less of that the longer they are; from three minutes on two seconds are less than a hundredth. A buffer that
 * begins less than half full would be paid into: it has a second over a minute, and no more is asked for.
 * MPEG-2 fills up from the first picture on: a still of two seconds would come to 90 % of its rate with such a buffer.
 */
export const filledRate = {
  bufferSeconds: 2,
  briefSeconds: 30,
  minuteSeconds: 60,
  longSeconds: 180,
  /** Of the buffer, as a decoder begins by default. */
  usualFill: 0.9,
  leastFill: 0.5,
  paidIn: { bufferSeconds: 1, owedSeconds: 0 },
  overMinute: {
    'H.264': { bufferSeconds: 1.7, owedSeconds: 0.4 },
    'H.265': { bufferSeconds: 1.2, owedSeconds: 0.3 },
  },
} as const;

/** Where the length of the clip is not known. */
export const assumedClipSeconds = 60;

/**
 * x264 lets an average in one pass owe 2 × ratetol × rate × √seconds before it doubles the quantizer (x264
 * `ratecontrol.c`, `get_qscale`): with this factor on √seconds that is a fortieth of the clip. A minute of cuts: 106.0 %
 * with the library's 1, 104.3 % with 0.3, 101.6 % with 0.1.
 */
export const toleranceBySquareRootSecond = 0.013;

/**
 * Below a minute the tolerance grows as the clip is shorter, up to the library's own: an average of a few scenes is
 * bought with the picture (six seconds of cuts: SSIM 0.814 with 1, 0.801 with 0.1).
 */
export const toleratedClip = { seconds: 60, tolerance: 0.1, most: 1 } as const;

/** x265 keeps its buffer, but no more than nearly (0.4 % left of a second of cuts): a tenth is kept from it. */
export const x265BufferShare = 0.9;

/**
 * x265 has no tolerance to set: one pass keeps the average of a clip up to a minute when its buffer fills at the average
 * itself, which it then neither empties nor lets run over. So many seconds of the rate such a buffer holds. A minute of
 * a pan: 96.4 % with a buffer that fills a fifth faster, 99.7 % so; of cuts 99.3 and 101.3 %, with SSIM 0.876 and 0.885.
 * Longer clips come closer by themselves, and the bucket widens by `excess` of the rate and `bufferSeconds` for each
 * further minute.
 */
export const x265AveragePace = { excess: 0.2, bufferSeconds: 3, clipSeconds: 60 } as const;

/**
 * Pictures that x265 looks ahead at a rate, where its buffer lasts so long: it keeps the buffer full for what it sees ahead,
 * and looks no further than the buffer lasts. In windows of 300 ms a pan comes to 53 % of its average with 5 pictures
 * (SSIM 0.948), to 34 % with 25 (0.804); in windows of 600 ms with 10 pictures to 59 % (0.969), with 25 to 49 % (0.950). In a
large buffer the 10 of the fastest preset leave the average of a pan 1 % further off.
 */
export const x265RateLookahead = 25;

/**
 * libvpx keeps to no average in one pass: VP9 makes of 400 kb/s what it likes of the pictures (70 % of a scroll, 131 % of
 * cuts, 193 % of a pan), and follows another request by this power of it (0.75 to 0.86 on those).
 */
export const vp9AverageResponse = 0.78;

/** VP8 takes 2 to 7 % more than it is asked for: a stretch of it gets another rate after so many seconds. */
export const steeredStretch = { least: 2, most: 10, shareOfClip: 0.25 } as const;

/**
 * A new VP8 encoder spends a second and a half of its rate on its first picture, where key frames inside of a run come to
 * six pictures. With 700 % at most for one that takes over a pan pays (SSIM 0.984, 0.991 with 1500, 0.993 without a bound),
 * without one cuts do (0.821, 0.817 and 0.813). Of clips below so many seconds that is more than this share (a second of
 * cuts came to 153 %).
 */
export const vp8FirstPicture = { takeOverPercent: 1500, clipSeconds: 6, shareOfClip: 0.25 } as const;

/**
 * Quantizers of VP8 where neither a peak nor a buffer is asked for. The look at `cpu-used` 5 finds the same cuts as 3, for a
 * fourth of its time. Of what it found at a step, the last pass took 1.05 to 1.26 on three filmed clips, key frames 2.3 to
 * 3.4 times that. Shares: see `bench/README.md` (0.4 for the boosted costs cuts 0.007 of SSIM at MULTI_PASS, 0.15 filmed
 * clips up to 0.0035); every sixth at 0.5 was no better, every eighth at 0.2 came to 0.014 less on cuts and 0.010 on a clip, the
 * same on the others; every twelfth came to −0.0039 on one, none to −0.0052.
 */
export const vp8Quantizers = {
  lookOptions: { 'cpu-used': '5', tune: 'psnr' },
  lookResponses: { key: 3.24, cut: 3.24, still: 3.24, boosted: 1.2, plain: 1.2 },
  boostEvery: 10,
  findsNew: false,
  shares: { key: 0.2, cut: 0.2, still: 0.2, boosted: 0.2, plain: 1 },
} as const;

/**
 * The same of VP9, whose look has key frames nowhere but at the ends of groups. Of what the look found at a step the last pass
 * took, as if at the step of plain frames, 0.53 to 1 on four filmed clips, 2.4 to 4.6 for the boosted, 0.5 to 3 for key frames.
 * Shares of MULTI_PASS on two of them: key frames at 0.25, 0.33, 0.4 SSIM 0.9170, 0.9184, 0.9187 and 0.9896, 0.9898, 0.9899;
 * boosted ones at 0.45 and 0.55 within 0.0007 of 0.5. A look at `cpu-used` 5 in good quality took four times as long, for
 * 0.0003 on one clip of three and nothing on the others.
 */
export const vp9Quantizers = {
  lookOptions: { deadline: 'realtime', 'cpu-used': '8', tune: 'psnr', 'aq-mode': '0' },
  lookResponses: { key: 2.5, cut: 2.5, still: 3, boosted: 3.2, plain: 0.68 },
  boostEvery: 10,
  findsNew: true,
  shares: { key: 0.4, cut: 0.4, still: 0.3, boosted: 0.5, plain: 1 },
} as const;

/**
 * A look tells too little of shorter clips: one picture came to 147 and 184 % of its rate, five of cuts to 98 and 162, twelve
 * to 107 and 139, where a bound of the first picture has them at 79 to 119 %; from 25 on to 97 and 98 %.
 */
export const leastLookedFrames = 25;

/**
 * libvpx has no buffer at a variable rate: with 500 kb/s at most and a second of buffer, a still that becomes cuts took
 * 1,336 kb/s over two seconds in VP8 and 1,120 in VP9. At a constant rate it has one, without pictures ahead, and VP9
 * overdraws it: at the whole peak and buffer it was empty at 222 of 500 pictures, at these shares of them never.
 */
export const vpxBounds = {
  VP8: { rate: 1, buffer: 0.8 },
  VP9: { rate: 0.9, buffer: 0.6 },
} as const;

/**
 * Options of that constant rate: no pictures ahead, key frames of four pictures' bits at most, and an answer to what was
 * overdrawn at once, and to what was saved slowly (percents of a picture; libvpx `rc_undershoot_pct`).
 */
export const vpxConstantRate = {
  'lag-in-frames': '0',
  'auto-alt-ref': '0',
  'max-intra-rate': '400',
  'undershoot-pct': '95',
  'overshoot-pct': '15',
} as const;
