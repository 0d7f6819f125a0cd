/** Uncompressed settings → raw pictures for YUV4MPEG2 (spec video.md 14). */
import type { UncompressedFourcc, UncompressedSettings } from '../contract/types.generated.ts';
import { plainEncoder } from './encoder-plan.ts';
import { fieldOptions } from './video-codec-settings.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

const pixelFormats: Readonly<Record<UncompressedFourcc, string>> = {
  I420: 'yuv420p',
  I422: 'yuv422p',
  I444: 'yuv444p',
};

/** Samples of luma and chroma a pixel, in eighths of a byte. */
const bitsPerPixel = { I420: 12, I422: 16, I444: 24 } as const;

/** Plans raw pictures. */
export const planUncompressed: CodecPlanner<UncompressedSettings> = (settings, frame) => {
  const fourcc = settings.read('fourcc') ?? 'I420';
  const rate = frame.frameRate.num / frame.frameRate.den;
  return encodedVideo({
    pixelFormat: pixelFormats[fourcc],
    nominalBitrateBps: Math.round(frame.widthPx * frame.heightPx * bitsPerPixel[fourcc] * rate),
    codingFramesHeld: 1,
    encoder: plainEncoder('UNCOMPRESSED', 'wrapped_avframe', {
      // The header of the file says which field comes first.
      options:
        frame.scan === 'progressive' ? {} : { field_order: fieldOptions(frame.scan)['field_order'] ?? '' },
    }),
  });
};
