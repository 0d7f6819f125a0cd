/** Encoder plans and renditions in which nothing is asked for yet. */
import type { EncoderPlan, VideoRendition } from './plan.ts';

/** Everything at the encoder's own default; codec steps lay their decisions over it. */
export function plainEncoder(
  codec: string,
  encoder: string,
  changes: Partial<EncoderPlan> = {},
): EncoderPlan {
  return {
    codec,
    encoder,
    options: {},
    bitrateBps: 0,
    maxBitrateBps: 0,
    bufferSizeBits: 0,
    gopSizeFrames: null,
    maxBFrames: null,
    threads: 1,
    codecTag: null,
    passes: 1,
    color: null,
    endOfStreamMarkers: false,
    ...changes,
  };
}

/** Pictures that nothing is done to beside encoding them: renditions lay what they have over it. */
export const plainPictures = {
  preparation: null,
  scan: 'progressive',
  burnIn: null,
  streamData: null,
  hdr: null,
  frameMetrics: [],
  qualityScale: null,
} as const satisfies Partial<VideoRendition>;
