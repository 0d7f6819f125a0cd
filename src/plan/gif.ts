/** GIF settings → gif (spec video.md 14): each picture gets the 256 colours that suit it. */
import type { GifSettings } from '../contract/types.generated.ts';
import { plainEncoder } from './encoder-plan.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

/** Plans an animated GIF. */
export const planGif: CodecPlanner<GifSettings> = (settings, frame, _place, _segment, findings) => {
  const rate = frame.frameRate.num / frame.frameRate.den;
  if (rate > mostFramesPerSecond) {
    findings.notice(
      'substituted',
      settings.at('framerateControl'),
      `GIF counts hundredths of a second, and browsers show a picture of one hundredth for a tenth of a second: above ${mostFramesPerSecond} frames a second the animation is slower there`,
    );
  }
  return encodedVideo({
    pixelFormat: 'pal8',
    finishing: [{ name: 'palette', options: {} }],
    // About half a byte a pixel (measured on moving pictures).
    nominalBitrateBps: Math.round(frame.widthPx * frame.heightPx * 4 * rate),
    encoder: plainEncoder('GIF', 'gif', { gopSizeFrames: 1 }),
  });
};

/** Pictures of two hundredths, the shortest that browsers keep. */
const mostFramesPerSecond = 50;
