/** What encoders, decoders and containers take, by which plans are estimated. */

/**
 * Share of the maximum that a bounded quality comes to: three clips at level 8 came to 29 to 75 % with H.264, 25 to 75 % with H.265,
 * 27 to 56 % with AV1, which is held to two thirds (bench/rate-control.ts); XAVC intra VBR to 65 to 91 % (bench/rate-control-intra.ts).
 */
export const qvbrShare: Readonly<Record<string, number>> = { libx264: 0.6, libx265: 0.55, libsvtav1: 0.45 };

/**
 * Bits a pixel of JPEG by quantizer: `fixed` and so much divided by it. Pictures of seven clips, from 320×240 to 1920×1080, came to
 * 0.32 to 2.01 at quantizer 2, 0.14 to 0.74 at 8, 0.10 to 0.44 at 17, 0.08 to 0.34 at 31; the middle is 1.5, 0.55, 0.33, 0.23.
 */
export const jpegBitsPerPixel = { fixed: 0.17, byStep: 2.7, sheetQuantizer: '8' } as const;

/** What compression without loss leaves of samples: three fifths of ordinary programmes. */
export const audioShare: Readonly<Record<string, number>> = { flac: 0.6 };

/** Where a source that is copied tells no rate. */
export const unknownRates = { copiedAudioBps: 192_000 } as const;

/** What containers make of their tracks: packets of 188 bytes with headers, tables and clocks; indexes and fragment headers. */
export const containerShares = { transport: 1.05, other: 1.01 } as const;

/** Start of a run to its first picture (bench/submit.ts: 0.24 to 0.33 s), and the end behind the last. */
export const fixedMs = 400;

/** Encoders that keep one core busy, however many there are. */
export const encodersOnOneCore: ReadonlySet<string> = new Set(['gif']);

/** Megabytes that a core reads and writes in a second: pictures of 160 Mb/s that pass through, MP4 to MP4 (bench/costs.ts). */
export const writtenMegabytes = 470;

/** CPU seconds of sound a second: a minute of stereo from PCM took 0.0025 (FLAC), 0.0055 (AC-3), 0.010 (Opus), 0.013 (AAC), 0.019 (Vorbis). */
export const soundShare = 0.015;

/**
 * Megapixels that a core decodes in a second, by the library's name of the codec: 1280×720 at 25, coded at 3 to 8 Mb/s, ProRes
 * at 63, VC-3 at 61 (bench/costs.ts --reading, on the machine of `encodedMegapixels`).
 */
export const decodedMegapixels: Readonly<Record<string, number>> = {
  h264: 250,
  hevc: 190,
  mpeg2video: 470,
  av1: 320,
  vp9: 220,
  prores: 95,
  dnxhd: 110,
};

/** Megabits a core second that are read beside them: H.264 of that size takes five times as long at 160 Mb/s. */
export const decodedMegabits: Readonly<Record<string, number>> = { h264: 500, hevc: 500 };

/**
 * Megapixels that a core encodes in a second, one pass, by encoder and effort (`effortKey`): two cores of a server of the 2020s
 * (AVX-512) that other work shared. Between 1 to 3 seconds of 1280×720 of noise in motion with cuts (bench/costs.ts) and filmed clips
 * of 848×480, 1024×576 and 1920×1080, which differ by a third with H.264 and H.265, by twice with AV1, VP9 and ProRes, by four times
 * with VP8 and VC-3. Classes but 100 are of the noise alone, those for UHD in their own size.
 */
export const encodedMegapixels: Readonly<Record<string, number>> = {
  'libx264 veryfast': 57,
  'libx264 medium': 24,
  'libx264 slow': 13,
  'libx264 class 50 medium': 20,
  'libx264 class 100 medium': 15,
  'libx264 class 200 medium': 4,
  'libx264 class 300 medium': 19,
  'libx264 class 300 slower': 5.6,
  'libx264 class 480 medium': 15.7,
  'libx265 superfast': 15,
  'libx265 fast': 10.5,
  'libx265 slow': 4,
  'libsvtav1 8': 24,
  mpeg2video: 160,
  'mpeg2video rd': 20,
  'libvpx 3': 17,
  'libvpx 1': 7,
  'libvpx-vp9 4': 8.8,
  'libvpx-vp9 1': 4.2,
  'prores_ks proxy': 8,
  'prores_ks lt': 6.5,
  'prores_ks standard': 7.5,
  'prores_ks hq': 5.8,
  'prores_ks 4444': 7,
  'prores_ks 4444xq': 8.4,
  dnxhd: 85,
  wrapped_avframe: 600,
  rawvideo: 600,
  gif: 4,
  mjpeg: 150,
};

/** Time of a pass that only looks, of one that is kept: x264, libvpx and MPEG-2 look quickly, the others as thoroughly as they encode (measured like speeds). */
export const lookShares: Readonly<Record<string, number>> = {
  libx264: 0.15,
  'libvpx 3': 0.25,
  'libvpx 1': 0.15,
  'libvpx-vp9 4': 0.15,
  'libvpx-vp9 1': 0.06,
  'mpeg2video rd': 0.4,
};

/** How much longer samples of 10 bits take where the speed is that of 8 (measured like speeds). */
export const tenBitFactors: Readonly<Record<string, number>> = {
  libx264: 1.5,
  libx265: 1.25,
  libsvtav1: 1.25,
  dnxhd: 2.3,
};
/** How much longer 4:2:2 and 4:4:4 take where the speed is that of 4:2:0: XAVC long groups against H.264; x265 by its samples. */
export const fullChromaFactors: Readonly<Record<string, number>> = { libx264: 1.5, libx265: 1.4 };

/** Where the tables know nothing: of sources of other codecs, and of encoders that no plan has yet. */
export const unknownSpeeds = { decoded: 150, encoded: 30 } as const;
