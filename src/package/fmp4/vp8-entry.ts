/** The sample entry of VP8, which the library's muxer does not write (VP codec ISO media file format binding, 2017). */
import type { EncodedTrack } from '../../engine/output-writer.ts';
import { box, fullBox, u8, u16, u32, zeros } from './boxes.ts';

/** 72 dots an inch, as fixed point. */
const resolution = 0x00480000;
/** VP8 knows one profile, no levels, eight bits and 4:2:0 beside luma samples; its colours are not told (H.273: 2). */
const configuration = { profile: 0, level: 0, depthAndSampling: (8 << 4) | (0 << 1), color: 2 } as const;

/** The entry of a track of VP8 pictures. */
export function vp8SampleEntry({ rendition }: Extract<EncodedTrack, { readonly kind: 'video' }>): Buffer {
  const { widthPx, heightPx, sampleAspectRatio } = rendition;
  const { profile, level, depthAndSampling, color } = configuration;
  const isSquare = sampleAspectRatio.num === sampleAspectRatio.den;
  return box(
    'vp08',
    zeros(6),
    u16(1),
    zeros(16),
    u16(widthPx, heightPx),
    u32(resolution, resolution, 0),
    u16(1),
    zeros(32),
    u16(24, 0xffff),
    fullBox('vpcC', 1, 0, u8(profile, level, depthAndSampling, color, color, color), u16(0)),
    ...(isSquare ? [] : [box('pasp', u32(sampleAspectRatio.num, sampleAspectRatio.den))]),
  );
}
