/** Operational profiles of MXF outputs (spec containers.md 12; SMPTE RDD 9, SMPTE ST 386, SMPTE RDD 32). */

/** An operating point of XDCAM RDD 9; anything else is refused. */
export interface XdcamPoint {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitratesBps: readonly number[];
  /** As num/den. */
  readonly frameRates: readonly string[];
  readonly scan: 'P' | 'I';
  readonly gopFrames: number;
  readonly profile: 'MAIN' | 'PROFILE_422';
}

const mega = 1_000_000;

/** RDD 9 table of the service's guide. */
export const xdcamPoints: readonly XdcamPoint[] = [
  {
    widthPx: 1280,
    heightPx: 720,
    bitratesBps: [25 * mega, 35 * mega, 50 * mega],
    frameRates: ['24000/1001', '50/1', '60000/1001'],
    scan: 'P',
    gopFrames: 12,
    profile: 'MAIN',
  },
  {
    widthPx: 1280,
    heightPx: 720,
    bitratesBps: [50 * mega],
    frameRates: ['24000/1001', '25/1', '50/1', '60000/1001'],
    scan: 'P',
    gopFrames: 12,
    profile: 'PROFILE_422',
  },
  {
    widthPx: 1280,
    heightPx: 720,
    bitratesBps: [50 * mega],
    frameRates: ['30000/1001'],
    scan: 'P',
    gopFrames: 15,
    profile: 'PROFILE_422',
  },
  {
    widthPx: 1440,
    heightPx: 1080,
    bitratesBps: [17.5 * mega, 25 * mega, 35 * mega],
    frameRates: ['24000/1001', '25/1'],
    scan: 'P',
    gopFrames: 12,
    profile: 'MAIN',
  },
  {
    widthPx: 1440,
    heightPx: 1080,
    bitratesBps: [17.5 * mega, 25 * mega, 35 * mega],
    frameRates: ['30000/1001'],
    scan: 'P',
    gopFrames: 15,
    profile: 'MAIN',
  },
  {
    widthPx: 1440,
    heightPx: 1080,
    bitratesBps: [17.5 * mega, 25 * mega, 35 * mega],
    frameRates: ['25/1'],
    scan: 'I',
    gopFrames: 12,
    profile: 'MAIN',
  },
  {
    widthPx: 1440,
    heightPx: 1080,
    bitratesBps: [17.5 * mega, 25 * mega, 35 * mega],
    frameRates: ['30000/1001'],
    scan: 'I',
    gopFrames: 15,
    profile: 'MAIN',
  },
  {
    widthPx: 1920,
    heightPx: 1080,
    bitratesBps: [50 * mega],
    frameRates: ['24000/1001', '25/1'],
    scan: 'P',
    gopFrames: 12,
    profile: 'PROFILE_422',
  },
  {
    widthPx: 1920,
    heightPx: 1080,
    bitratesBps: [50 * mega],
    frameRates: ['30000/1001'],
    scan: 'P',
    gopFrames: 15,
    profile: 'PROFILE_422',
  },
  {
    widthPx: 1920,
    heightPx: 1080,
    bitratesBps: [50 * mega],
    frameRates: ['25/1'],
    scan: 'I',
    gopFrames: 12,
    profile: 'PROFILE_422',
  },
  {
    widthPx: 1920,
    heightPx: 1080,
    bitratesBps: [50 * mega],
    frameRates: ['30000/1001'],
    scan: 'I',
    gopFrames: 15,
    profile: 'PROFILE_422',
  },
];

/** Frame sizes of D-10 by frame rate: with and without the lines of the vertical blanking. */
export const d10Sizes: Readonly<Record<string, readonly string[]>> = {
  '30000/1001': ['720x512', '720x486'],
  '25/1': ['720x608', '720x576'],
};

/** Bit rates of D-10. */
export const d10BitratesBps: readonly number[] = [30 * mega, 40 * mega, 50 * mega];

/** Rates the MXF muxer takes, as num/den. */
export const mxfFrameRates: readonly string[] = [
  '24000/1001',
  '24/1',
  '25/1',
  '30000/1001',
  '30/1',
  '50/1',
  '60000/1001',
  '60/1',
];

/** Video codecs by profile. */
export const profileVideo = {
  OP1A: ['VC3', 'AVC_INTRA', 'H_264', 'MPEG2', 'PASSTHROUGH'],
  XAVC: ['XAVC'],
  XDCAM: ['MPEG2'],
  XDCAM_RDD9: ['MPEG2'],
  D_10: ['MPEG2'],
} as const;
