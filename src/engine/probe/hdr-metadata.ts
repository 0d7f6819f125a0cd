/**
 * Reads what a container or a stream's headers say of high dynamic range: the library's side data, as the C structures
 * it is stored in (libavutil/mastering_display_metadata.h and dovi_meta.h, FFmpeg 8).
 */
import {
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_DOVI_CONF,
  AV_PKT_DATA_DYNAMIC_HDR10_PLUS,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
} from 'node-av/constants';
import type { Stream } from 'node-av/lib';
import type { HdrFacts } from '../../plan/facts.ts';
import type { BitStreamHdr } from './sample-packets.ts';

/** Facts of a video track; null when nothing is said. The container's word goes before that of the bit stream. */
export function readHdr({ codecpar }: Stream, inStream: BitStreamHdr | null): HdrFacts | null {
  const masteringDisplay = masteringDisplayOf(
    codecpar.getCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA) ?? inStream?.masteringDisplay ?? null,
  );
  const contentLight = contentLightOf(
    codecpar.getCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL) ?? inStream?.contentLight ?? null,
  );
  const dolbyVision = dolbyVisionOf(codecpar.getCodedSideData(AV_PKT_DATA_DOVI_CONF));
  const hasHdr10Plus = codecpar.getCodedSideData(AV_PKT_DATA_DYNAMIC_HDR10_PLUS) !== null;
  if (masteringDisplay === null && contentLight === null && dolbyVision === null && !hasHdr10Plus)
    return null;
  return { masteringDisplay, contentLight, dolbyVision, hasHdr10Plus };
}

/**
 * Ten rationals (red, green, blue and white x and y, least and greatest luminance), then two flags that say whether
 * colours and luminance are there; only a whole set counts.
 */
function masteringDisplayOf(data: Buffer | null): HdrFacts['masteringDisplay'] {
  if (data === null || data.length < 88) return null;
  if (data.readInt32LE(80) === 0 || data.readInt32LE(84) === 0) return null;
  const [redX, redY, greenX, greenY, blueX, blueY, whiteX, whiteY, minLuminance, maxLuminance] = Array.from(
    { length: 10 },
    (_, index) => data.readInt32LE(8 * index) / data.readInt32LE(8 * index + 4),
  ) as [number, number, number, number, number, number, number, number, number, number];
  return {
    red: [redX, redY],
    green: [greenX, greenY],
    blue: [blueX, blueY],
    whitePoint: [whiteX, whiteY],
    minLuminance,
    maxLuminance,
  };
}

function contentLightOf(data: Buffer | null): HdrFacts['contentLight'] {
  if (data === null || data.length < 8) return null;
  return { maxContent: data.readUInt32LE(0), maxFrameAverage: data.readUInt32LE(4) };
}

/** Versions, profile, level and three presence flags, one byte each. */
function dolbyVisionOf(data: Buffer | null): HdrFacts['dolbyVision'] {
  if (data === null || data.length < 7) return null;
  return {
    profile: data.readUInt8(2),
    level: data.readUInt8(3),
    hasRpu: data.readUInt8(4) !== 0,
    hasEnhancementLayer: data.readUInt8(5) !== 0,
    hasBaseLayer: data.readUInt8(6) !== 0,
  };
}
