/** Video that is passed through as it is coded (spec video.md 15). */

/** How the library and the job name a codec. */
export interface PassedCodec {
  /** As containers and packaging know it. */
  readonly codec: string;
  /** Containers that take it. */
  readonly containers: readonly string[];
}

/** By the library's name of the source codec. H.264 goes into MXF as AVC-Intra alone. */
export const passedCodecs: Readonly<Record<string, PassedCodec>> = {
  h264: { codec: 'H_264', containers: ['MP4', 'MOV', 'M2TS', 'MXF', 'RAW', 'M3U8', 'CMFC', 'MPD'] },
  hevc: { codec: 'H_265', containers: ['MP4', 'MOV', 'M2TS', 'M3U8', 'CMFC', 'MPD'] },
  prores: { codec: 'PRORES', containers: ['MOV', 'MXF'] },
  dnxhd: { codec: 'VC3', containers: ['MOV', 'MXF'] },
  dvvideo: { codec: 'DV', containers: ['MOV', 'MXF'] },
  jpeg2000: { codec: 'J2K', containers: ['MOV', 'MXF'] },
};

/** Containers that are cut into segments. */
export const segmentedContainers: readonly string[] = ['M3U8', 'CMFC', 'MPD'];

/**
 * Containers whose writers take streams with start codes instead of lengths (ISO/IEC 14496-10 annex B): those of
 * segments give samples their lengths themselves.
 */
export const startCodeContainers: readonly string[] = ['M2TS', 'MXF', 'RAW', ...segmentedContainers];

/** ProRes codes by the beginning of the library's profile name; the longest that fits counts (Apple ProRes white paper). */
export const proresTags: readonly (readonly [profile: string, tag: string])[] = [
  ['4444XQ', 'ap4x'],
  ['XQ', 'ap4x'],
  ['4444', 'ap4h'],
  ['HQ', 'apch'],
  ['LT', 'apcs'],
  ['Proxy', 'apco'],
];

/** Bits a second where the source does not tell its rate: for buffers and names, not for the stream. */
export const assumedBitrateBps = 20_000_000;
